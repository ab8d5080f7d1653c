"""The icons of the house: their names, and the one sprite file that holds the drawings.

Most drawings come from the `lucide` package; what it has no word for (ticket status, the stair
of levels, our mark) is drawn here. A page writes an icon as a `<use>` of a symbol of
`img/icons.svg`, which `core.static_files` makes: one cached request, and fifty rows of icons cost
fifty short references and not fifty drawings.
"""

import re
from functools import cache
from importlib import resources
from io import BytesIO
from zipfile import ZipFile

# Our name → lucide's. Names say what the icon means here, so a drawing can change in one place.
LUCIDE = {
    "again": "rotate-cw",
    "alert": "triangle-alert",
    "at": "at-sign",
    "attach": "paperclip",
    "bell": "bell",
    "board": "square-kanban",
    "bold": "bold",
    "bolt": "zap",
    "book": "book-open",
    "box": "package",
    "bug": "bug",
    "calendar": "calendar",
    "chart": "chart-column",
    "chat": "message-square",
    "check": "check",
    "clock": "clock",
    "code": "code",
    "columns": "columns-3",
    "company": "building-2",
    "copy": "copy",
    "data": "database",
    "demand": "lightbulb",
    "doc": "file-text",
    "down": "arrow-down",
    "download": "download",
    "edit": "pencil",
    "error": "circle-alert",
    "expand": "chevron-down",
    "external": "arrow-up-right",
    "eye": "eye",
    "filter": "list-filter",
    "flag": "flag",
    "gauge": "gauge",
    "gear": "settings",
    "heading": "heading-2",
    "help": "circle-question-mark",
    "history": "history",
    "home": "house",
    "horn": "megaphone",
    "image": "image",
    "indent": "list-indent-increase",
    "inbox": "inbox",
    "info": "info",
    "italic": "italic",
    "key": "key-round",
    "keyboard": "keyboard",
    "language": "languages",
    "left": "chevron-left",
    "link": "link",
    "mail": "mail",
    "list": "list",
    "lock": "lock",
    "menu": "menu",
    "merge": "merge",
    "minus": "minus",
    "monitor": "monitor",
    "moon": "moon",
    "more": "ellipsis",
    "offline": "cloud-off",
    "outdent": "list-indent-decrease",
    "owner": "user-check",
    "pause": "pause",
    "numbers": "list-ordered",
    "note": "notebook-pen",
    "people": "users",
    "pin": "pin",
    "plus": "plus",
    "print": "printer",
    "question": "message-circle-question-mark",
    "quote": "text-quote",
    "release": "rocket",
    "reply": "reply",
    "right": "chevron-right",
    "search": "search",
    "send": "send",
    "shield": "shield",
    "sign-out": "log-out",
    "sort": "chevrons-up-down",
    "split": "split",
    "star": "star",
    "sun": "sun",
    "swap": "arrow-right-left",
    "table": "table",
    "tag": "tag",
    "team": "users-round",
    "thumb-down": "thumbs-down",
    "thumb-up": "thumbs-up",
    "ticket": "ticket",
    "trash": "trash-2",
    "undo": "undo-2",
    "up": "arrow-up",
    "upload": "upload",
    "user": "user",
    "video": "film",
    "wait": "hourglass",
    "x": "x",
}

# Our own drawings on a grid of 16. `st-<status>`: what a ticket's status looks like without colour.
_OWN = {
    "st-new": '<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.2 2.1"/>',
    "st-open": (
        '<circle cx="8" cy="8" r="5.5"/>'
        '<path d="M8 4.6a3.4 3.4 0 0 1 0 6.8z" fill="currentColor" stroke="none"/>'
    ),
    "st-pending": '<path d="M3 3.5h10v7H8.5L5.5 13v-2.5H3z"/><path d="M6 7h4"/>',
    "st-on_hold": '<circle cx="8" cy="8" r="5.5"/><path d="M6.6 6v4M9.4 6v4"/>',
    "st-resolved": '<circle cx="8" cy="8" r="5.5"/><path d="M5.6 8.2l1.7 1.7 3.2-3.6"/>',
    "st-closed": (
        '<circle cx="8" cy="8" r="6.2" fill="currentColor" stroke="none"/>'
        '<path d="M5.4 8.2l1.8 1.8 3.4-3.8" stroke="var(--bg,var(--surface))" stroke-width="1.8"/>'
    ),
    "st-cancelled": '<circle cx="8" cy="8" r="5.5"/><path d="M4.4 11.6l7.2-7.2"/>',
    "todo": '<circle cx="8" cy="8" r="5.2" stroke-dasharray="2 2.1"/>',
    "warn": '<path d="M8 2l6.6 11.6H1.4z" fill="currentColor"/>',
}

LEVELS = (1, 2, 3, 4, 5)
NAMES = frozenset(LUCIDE) | frozenset(_OWN)


class UnknownIconError(LookupError):
    """A template asks for an icon the house does not have."""


def _stair(level: int) -> str:
    """The level glyph: five rungs, `level` of them filled from the foot."""
    rungs = "".join(
        f'<rect x="{2 * rung}" y="{12 - 3 * rung}" width="7" height="2" rx=".5"'
        + ("" if rung < level else ' opacity=".22"')
        + "/>"
        for rung in range(5)
    )
    return f'<symbol id="lv{level}" viewBox="0 0 15 14">{rungs}</symbol>'


def _mark() -> str:
    """The logo: the stair in the primary ink, paler towards the foot."""
    rungs = "".join(
        f'<rect x="{4 + 2 * rung}" y="{17 - 3 * rung}" width="8" height="2" rx="1"'
        f' opacity="{0.45 + 0.1375 * rung:.2f}"/>'
        for rung in range(5)
    )
    return (
        '<symbol id="mark" viewBox="0 0 24 24">'
        '<rect width="24" height="24" rx="6" fill="var(--primary)"/>'
        f'<g fill="var(--on-primary)">{rungs}</g></symbol>'
    )


def _lucide_symbols() -> str:
    """The lucide drawings, read once from the package's archive (its API opens it per icon)."""
    archive = resources.files("lucide").joinpath("lucide.zip").read_bytes()
    symbols = []
    with ZipFile(BytesIO(archive)) as drawings:
        for name, source in sorted(LUCIDE.items()):
            svg = drawings.read(f"{source}.svg").decode()
            inner = re.sub(r"\s+", " ", svg[svg.index(">") + 1 : svg.rindex("</svg>")])
            inner = inner.replace("> <", "><").replace(" />", "/>").strip()
            symbols.append(
                f'<symbol id="{name}" viewBox="0 0 24 24" stroke-width="2">{inner}</symbol>'
            )
    return "".join(symbols)


@cache
def sprite() -> str:
    """The text of `img/icons.svg`: every symbol, its id the icon's name (levels: lv1 … lv5).

    Strokes and fills are inherited from the page or are variables of tokens.css, so one file
    serves both themes.
    """
    own = "".join(
        f'<symbol id="{name}" viewBox="0 0 16 16">{drawing}</symbol>'
        for name, drawing in _OWN.items()
    )
    stairs = "".join(map(_stair, LEVELS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg">{own}{stairs}{_mark()}{_lucide_symbols()}</svg>\n'
    )
