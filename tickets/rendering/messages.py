"""A conversation drawn without templates: twenty messages are twenty calls, not forty includes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from core.markup import badge, event_line, message
from tickets.rendering.conversation import Entry

#: A longer conversation folds its middle; so many messages at its end always stand open.
LONG, OPEN_AT_END = 16, 6
#: The fold grows in steps, so that a new message does not close what a reader has opened.
_STEP = 10
#: So many changes in a row, between two messages, stand behind one line.
MANY_CHANGES = 4


def entries_html(entries: Iterable[Entry], now: dt.datetime) -> SafeString:
    """Messages and lines of history, in the order given; of many, the middle is folded."""
    everything = list(entries)
    first, end = _middle(everything)
    drawn = [*_runs(everything[:first], now)]
    if end > first:
        count = sum(1 for entry in everything[first:end] if entry.author)
        label = ngettext("%(n)s earlier message", "%(n)s earlier messages", count) % {"n": count}
        drawn.append(_fold(label, _runs(everything[first:end], now), f"fold-{count}"))
    drawn += _runs(everything[end:], now, is_end=True)
    # Every part comes escaped or cleaned from `core.markup` and `core.text`.
    return mark_safe("".join(drawn))  # noqa: S308


def _middle(entries: Sequence[Entry]) -> tuple[int, int]:
    """Which entries are folded: from after the first message to before the last ones."""
    messages = [at for at, entry in enumerate(entries) if entry.author]
    if len(messages) <= LONG:
        return 0, 0
    last = (len(messages) - OPEN_AT_END) // _STEP * _STEP
    return messages[0] + 1, messages[last]


def _runs(entries: Sequence[Entry], now: dt.datetime, *, is_end: bool = False) -> list[str]:
    """Entries drawn, many changes in a row behind one line; the newest changes stay in sight."""
    drawn: list[str] = []
    groups = [list(run) for _kind, run in groupby(entries, key=lambda entry: bool(entry.author))]
    for at, run in enumerate(groups):
        lines = [entry_html(entry, now) for entry in run]
        is_newest = is_end and at == len(groups) - 1
        if run[0].author or len(run) < MANY_CHANGES or is_newest:
            drawn += lines
            continue
        label = ngettext("%(n)s change", "%(n)s changes", len(run)) % {"n": len(run)}
        drawn.append(_fold(label, lines, f"run-{run[0].key}"))
    return drawn


def _fold(label: str, lines: Iterable[str], key: str) -> str:
    return (
        f'<details class="folded" data-key="{escape(key)}"><summary>{escape(label)}</summary>'
        f'<div class="stack wide">{"".join(lines)}</div></details>'
    )


def _undo(url: str) -> str:
    """A button of the page's one undo form."""
    if not url:
        return ""
    label = escape(gettext("Undo"))
    return f' <button class="link" form="undo" formaction="{escape(url)}">{label}</button>'


def entry_html(entry: Entry, now: dt.datetime) -> SafeString:
    """A message where the entry has an author, else a line of history."""
    if not entry.author:
        return event_line(
            entry.text, at=entry.at, now=now, icon=entry.icon, key=entry.key,
            tail=_undo(entry.undo_url),
        )  # fmt: skip
    asked = ""
    if entry.is_question:
        asked = f"<p>{badge(gettext('Question'), tone='amber', icon='question')}</p>"
    return message(
        entry.author, f'{asked}<div class="said">{entry.html}</div>', at=entry.at, now=now,
        person=entry.person, role=entry.role, note=entry.is_note, files="".join(entry.files),
        key=entry.key,
    )  # fmt: skip
