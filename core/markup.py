"""Small pieces of HTML as plain functions: the template tags call them, and so does code that
draws fifty rows, where fifty template includes would cost more than the query.

Every function escapes the words it is given and returns a SafeString. None knows a model.
"""

import html
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_noop, ngettext, pgettext

from core.icons import NAMES, UnknownIconError

# A narrow no-break space groups digits: the same in both languages, and never a line break.
THIN_SPACE = "\u202f"
MINUS = "\u2212"

_PIE = {
    "over": '<svg viewBox="0 0 14 14" aria-hidden="true"><path class="pie" d="M7 1l6.3 11.5H.7z"/>'
    "</svg>",
    "paused": '<svg viewBox="0 0 14 14" aria-hidden="true"><path d="M5 3.5v7M9 3.5v7"/></svg>',
}


@cache
def _sprite_address() -> str:
    return escape(static("img/icons.svg"))


def icon(name: str, label: str = "") -> SafeString:
    """An icon; with a label it speaks for itself, without it is hidden from screen readers."""
    if label:
        return mark_safe(_use(name, f'role="img" aria-label="{escape(label)}"'))  # noqa: S308
    return _silent_icon(name)


@cache
def _silent_icon(name: str) -> SafeString:
    return mark_safe(_use(name, 'aria-hidden="true"'))  # noqa: S308


def _use(name: str, attributes: str) -> str:
    if name not in NAMES:
        raise UnknownIconError(f"No icon {name!r}; core/icons.py lists the names.")
    return f'<svg class="i" {attributes}><use href="{_sprite_address()}#{name}"/></svg>'


def mark() -> SafeString:
    """The logo."""
    return mark_safe(  # noqa: S308
        f'<svg class="mark" aria-hidden="true"><use href="{_sprite_address()}#mark"/></svg>'
    )


def badge(
    label: str, *, status: str = "", tone: str = "", icon: str = "", plain: bool = False
) -> SafeString:
    """A state as shape, word and colour.

    `status` is a key of tokens.css (`new`, `open`, …) and brings its own shape; for anything else
    give `tone` (seal, amber, jade, iris, ink, grey) and an `icon`. `plain` leaves the ground out,
    for lists.
    """
    return _badge(str(label), status, tone, icon, plain)


@lru_cache(maxsize=2048)
def _badge(label: str, status: str, tone: str, name: str, plain: bool) -> SafeString:
    shape = name or (f"st-{status}" if status else "")
    drawing = icon(shape) if shape else ""
    key = f' data-status="{escape(status)}"' if status else f' data-tone="{escape(tone or "grey")}"'
    ground = " data-plain" if plain else ""
    return mark_safe(  # noqa: S308
        f'<span class="badge"{key}{ground}>{drawing}{escape(label)}</span>'
    )


def level_glyph(level: int, label: str = "", *, boxed: bool = False) -> SafeString:
    """The stair with `level` of five rungs filled, its number, and its name.

    Boxed shows the name; plain keeps it for screen readers and the tooltip.
    """
    return _level_glyph(int(level), str(label), boxed)


@lru_cache(maxsize=256)
def _level_glyph(level: int, label: str, boxed: bool) -> SafeString:
    box, title, words = "", "", ""
    if boxed:
        box, words = " data-boxed", f" {escape(label)}"
    elif label:
        title, words = f' title="{escape(label)}"', f'<span class="vh"> {escape(label)}</span>'
    return mark_safe(  # noqa: S308
        f'<span class="lv" data-level="{level}"{box}{title}><svg aria-hidden="true">'
        f'<use href="{_sprite_address()}#lv{level}"/></svg>L{level}{words}</span>'
    )


def sla_clock(risk: str, text: str, *, share_left: int = 100, title: str = "") -> SafeString:
    """The clock of a due time. `risk`: ok, soon, over, paused. `share_left`: percent not yet used,
    drawn as the filled part of the ring."""
    drawing = _PIE.get(risk) or (
        '<svg viewBox="0 0 14 14" aria-hidden="true"><circle class="bed" cx="7" cy="7" r="5"/>'
        '<circle cx="7" cy="7" r="5" pathLength="100" transform="rotate(-90 7 7)"'
        f' stroke-dasharray="{max(0, min(100, int(share_left)))} 100"/></svg>'
    )
    hint = f' title="{escape(title)}"' if title else ""
    return mark_safe(  # noqa: S308
        f'<span class="sla" data-risk="{escape(risk)}"{hint}>{drawing}{escape(text)}</span>'
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


@lru_cache(maxsize=1024)
def initials(name: str) -> str:
    """One character of a Chinese name, up to two initials of a Latin one."""
    words = name.split()
    if not words:
        return "?"
    if _is_wide(words[0][0]):
        return words[0][0]
    return "".join(word[0] for word in words[:2]).upper()


def avatar(name: str, *, kind: str = "", live: str = "", large: bool = False) -> SafeString:
    """A person as a disc. `kind`: empty for product operations, `team` for other teams, `user` for
    requesters. `live`: `viewing` or `editing` now; it is said in words too."""
    name = str(name)
    said = name
    if live == "editing":
        said = gettext("%(name)s is editing") % {"name": name}
    elif live:
        said = gettext("%(name)s is viewing") % {"name": name}
    extra = "".join(
        f' data-{key}="{escape(value)}"'
        for key, value in (("kind", kind), ("live", live), ("size", "l" if large else ""))
        if value
    )
    said = escape(said)
    return mark_safe(  # noqa: S308
        f'<span class="avatar"{extra} role="img" aria-label="{said}" title="{said}">'
        f"{escape(initials(name))}</span>"
    )


def number(value: float | Decimal | None, decimals: int = 0) -> str:
    """Digits grouped in threes by a narrow space, a true minus sign, an em dash for nothing.

    The value is rounded to `decimals` places.
    """
    if value is None:
        return "—"
    return f"{value:,.{decimals}f}".replace(",", THIN_SPACE).replace("-", MINUS)


def figure(value: object, href: str = "", title: str = "") -> SafeString:
    """A figure is always a link to its rows; without an address it is only bold text."""
    # Hundreds a page, so without Django's detour for lazy texts.
    shown = html.escape(number(value) if isinstance(value, int) else str(value))
    hint = f' title="{escape(title)}"' if title else ""
    if not href:
        return mark_safe(f"<b{hint}>{shown}</b>")  # noqa: S308
    return mark_safe(f'<a class="fig" href="{html.escape(href)}"{hint}>{shown}</a>')  # noqa: S308


def kbd(*keys: str) -> SafeString:
    """Keys as drawn on the keyboard, one cap each; `Mod` is ⌘ on macOS and Ctrl elsewhere."""
    return mark_safe(" ".join(_cap(key) for key in keys))  # noqa: S308


def _cap(key: str) -> str:
    # keys.js marks the page of a Mac, and base.css shows the cap of the reader's keyboard.
    if key == "Mod":
        return '<kbd class="kbd" data-mod="other">Ctrl</kbd><kbd class="kbd" data-mod="mac">⌘</kbd>'
    return f'<kbd class="kbd">{escape(key)}</kbd>'


def file_size(size: int) -> str:
    """Bytes as people say them: 212 KB, 1.4 MB (1 KB = 1,024 bytes)."""
    if size < 1024:
        return ngettext("%(n)s byte", "%(n)s bytes", size) % {"n": size}
    if size < 1024 * 1024:
        return f"{number(size / 1024)} KB"
    return f"{number(size / 1024 / 1024, 1)} MB"


def file_chip(
    name: str, size: int | None = None, href: str = "", *, image: bool = False,
    drawn: bool = False,
) -> SafeString:  # fmt: skip
    """An attachment: kind, name, size; a link when there is an address.

    `drawn`: the picture itself stands there, small, loaded when it comes into sight.
    """
    shown = f'<span class="mute">{escape(file_size(size))}</span>' if size is not None else ""
    face = str(icon("image" if image else "doc"))
    if drawn and href:
        face = f'<img class="thumb" src="{escape(href)}" alt="" loading="lazy" decoding="async">'
    inner = f"{face}<span>{escape(name)}</span>{shown}"
    if href:
        return mark_safe(f'<a class="file" href="{escape(href)}">{inner}</a>')  # noqa: S308
    return mark_safe(f'<span class="file">{inner}</span>')  # noqa: S308


def exact(moment: datetime) -> str:
    """The whole date and time in the viewer's zone, with its distance from UTC."""
    return _exact(timezone.localtime(moment))


def _exact(local: datetime) -> str:
    day = _day("whole", local.date(), get_language())
    return f"{day} {local:%H:%M} ({_offset(local.utcoffset() or timedelta())})"


@lru_cache(maxsize=4096)
def _day(form: str, day: date, language: str | None) -> str:
    """A date in words; a page has many moments and few days, and wording one is slow."""
    formats = {
        # Translators: a whole date, in Django's date format language.
        "whole": pgettext("date format", "D j M Y"),
        # Translators: a date of this year, in Django's date format language.
        "this year": pgettext("date format", "j M"),
        # Translators: a date of another year, in Django's date format language.
        "other year": pgettext("date format", "j M Y"),
    }
    return date_format(day, formats[form])


@lru_cache(maxsize=64)
def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{MINUS if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def relative(moment: datetime, now: datetime) -> str:
    """How long ago or how soon, in the words a person would use, in the viewer's zone."""
    return _relative(timezone.localtime(moment), timezone.localtime(now))


def _relative(local: datetime, now: datetime) -> str:
    seconds = int((now - local).total_seconds())
    if abs(seconds) < 60:
        return gettext("just now")
    if 0 < seconds < 3600:
        minutes = seconds // 60
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    if -3600 < seconds < 0:
        minutes = -seconds // 60
        return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
    return _by_day(local, now)


def _by_day(local: datetime, today: datetime) -> str:
    time = f"{local:%H:%M}"
    days = local.toordinal() - today.toordinal()
    if days == 0:
        return gettext("today %(time)s") % {"time": time}
    if days == -1:
        return gettext("yesterday %(time)s") % {"time": time}
    if days == 1:
        return gettext("tomorrow %(time)s") % {"time": time}
    if local.year == today.year:
        return f"{_day('this year', local.date(), get_language())} {time}"
    return _day("other year", local.date(), get_language())


def when(moment: datetime | None, now: datetime) -> SafeString:
    """A moment: relative words, the exact time on hover, machine time for scripts."""
    if moment is None:
        return mark_safe('<span class="mute">—</span>')
    local = timezone.localtime(moment)
    # Both texts are dates and words of the catalogue: there is nothing to escape.
    return mark_safe(  # noqa: S308
        f'<time datetime="{local.isoformat()}" title="{_exact(local)}" data-when>'
        f"{_relative(local, timezone.localtime(now))}</time>"
    )


# kind: (more, less)
_CHANGES = {
    ("count", "week"): (
        gettext_noop("▲ %(n)s more than last week"),
        gettext_noop("▼ %(n)s fewer than last week"),
    ),
    ("points", "week"): (
        gettext_noop("▲ %(n)s points above last week"),
        gettext_noop("▼ %(n)s points below last week"),
    ),
    ("hours", "week"): (
        gettext_noop("▲ %(n)s h longer than last week"),
        gettext_noop("▼ %(n)s h shorter than last week"),
    ),
    ("count", "period"): (
        gettext_noop("▲ %(n)s more than the period before"),
        gettext_noop("▼ %(n)s fewer than the period before"),
    ),
    ("points", "period"): (
        gettext_noop("▲ %(n)s points above the period before"),
        gettext_noop("▼ %(n)s points below the period before"),
    ),
    ("hours", "period"): (
        gettext_noop("▲ %(n)s h longer than the period before"),
        gettext_noop("▼ %(n)s h shorter than the period before"),
    ),
}
_NO_CHANGE = {
    "week": (gettext_noop("no week to compare"), gettext_noop("same as last week")),
    "period": (gettext_noop("no period to compare"), gettext_noop("same as the period before")),
}


def change(
    delta: float | Decimal | None,
    *,
    kind: str = "count",
    good: str = "",
    decimals: int = 0,
    since: str = "week",
) -> SafeString:
    """The change with its direction in words, `since` last week or the period before.

    `kind`: count, points or hours. `good`: `up` or `down` when that direction is clearly good (the
    other is then coloured as bad); empty leaves it uncoloured.
    """
    if delta is None or not round(float(delta), decimals):
        words = gettext(_NO_CHANGE[since][delta is not None])
        return mark_safe(f'<span class="mute">{escape(words)}</span>')  # noqa: S308
    more, less = _CHANGES[kind, since]
    words = gettext(more if delta > 0 else less) % {
        "n": number(delta if delta > 0 else -delta, decimals)
    }
    css = ""
    if good:
        css = ' class="good"' if (delta > 0) == (good == "up") else ' class="late"'
    return mark_safe(f"<span{css}>{escape(words)}</span>")  # noqa: S308


def message(
    author: str, body: str, *, at: datetime, now: datetime, person: str = "", role: str = "",
    note: bool = False, files: str = "", key: str = "",
) -> SafeString:  # fmt: skip
    """One entry of a conversation (components/message.html names the inputs).

    `body` and `files` are HTML that is safe already. `key` tells entries apart when a part of the
    page is drawn again.
    """
    kind = ' data-kind="note"' if note else ""
    kind += f' data-key="{escape(key)}"' if key else ""
    about = f'<span class="mute small">{escape(role)}</span>' if role else ""
    lock = badge(gettext("Internal note"), tone="amber", icon="lock") if note else ""
    line = f'<div class="line">{files}</div>' if files else ""
    return mark_safe(  # noqa: S308  (words are escaped; body and files come cleaned)
        f'<article class="msg"{kind}>{avatar(author, kind=person)}<header><b>{escape(author)}</b>'
        f'{about}{lock}<span class="mute small push">{when(at, now)}</span></header>'
        f'<div class="body">{body}{line}</div></article>'
    )


def event_line(
    text: str, *, at: datetime, now: datetime, icon: str = "", key: str = "", tail: str = ""
) -> SafeString:
    """A line of history between the messages: one whole sentence and its moment.

    `tail` is markup that follows it, such as a way to undo.
    """
    mark = f' data-key="{escape(key)}"' if key else ""
    return mark_safe(  # noqa: S308
        f'<div class="msg" data-kind="event"{mark}>{_silent_icon(icon or "swap")}'
        f"<span>{escape(text)} · {when(at, now)}{tail}</span></div>"
    )
