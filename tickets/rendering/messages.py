"""A conversation drawn without templates: twenty messages are twenty calls, not forty includes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from core.markup import badge, event_line, message
from tickets.rendering.conversation import Entry


def entries_html(entries: Iterable[Entry], now: dt.datetime) -> SafeString:
    """Messages and lines of history, in the order given."""
    # Every part comes escaped or cleaned from `core.markup` and `core.text`.
    return mark_safe("".join(entry_html(entry, now) for entry in entries))  # noqa: S308


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
