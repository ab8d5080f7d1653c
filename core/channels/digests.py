"""A digest: what waited for one person, one section for each thing it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import registry
from core.models import Notice
from core.registry import Link, Message, NoticeText, Reader, Section

#: Things named in one digest; the rest is counted, and stands in the inbox.
MOST_SECTIONS = 30
#: Lines about one thing, the newest.
MOST_LINES = 5


@dataclass(frozen=True)
class Said:
    """One notice of a digest in the reader's words."""

    item: Mapping[str, Any]
    text: NoticeText

    @property
    def thread(self) -> str:
        return thread_of(self.text, self.item["subject"], self.item["subject_id"])


def thread_of(text: NoticeText, subject: str, subject_id: int | None) -> str:
    """What a notice is about, as threads of mails name it ("ticket-12")."""
    return text.thread or (f"{subject}-{subject_id}" if subject else "")


def worth_saying(items: Sequence[Mapping[str, Any]], reader: Reader) -> list[Said]:
    """What the reader may still see and has not read in the inbox meanwhile."""
    user = reader.user
    if user is None:
        return []
    keys = [item["key"] for item in items]
    read = set(
        Notice.objects.filter(key__in=keys, read_at__isnull=False).values_list("key", flat=True)
    )
    found = []
    for item in items:
        kind = registry.notice_kind(item["kind"])
        if item["key"] in read or not kind.may_receive(user, item["params"]):
            continue
        notice = Notice(
            recipient_id=user.pk, kind=item["kind"], params=item["params"],
            subject=item["subject"], subject_id=item["subject_id"],
        )  # fmt: skip
        found.append(Said(item, kind.text(notice)))
    return found


def compose_digest(said: Sequence[Said], now: dt.datetime) -> Message:
    """Two notices or more as one message, the things that moved last first."""
    threads: dict[str, list[Said]] = {}
    for number, one in enumerate(said):
        threads.setdefault(one.thread or f"alone-{number}", []).append(one)
    newest_first = list(reversed(threads.values()))
    sections = tuple(_section(lines) for lines in newest_first[:MOST_SECTIONS])
    left = len(newest_first) - len(sections)
    count = len(said)
    return Message(
        title=ngettext("%(n)s notice for you", "%(n)s notices for you", count) % {"n": count},
        sections=sections,
        links=(Link(_("Open the inbox"), reverse("inbox"), is_first=True),),
        note=ngettext(
            "%(n)s more stands in the inbox.", "%(n)s more stand in the inbox.", left
        ) % {"n": left} if left else "",
    )  # fmt: skip


def _section(lines: Sequence[Said]) -> Section:
    newest = lines[-1].text
    shown = list(reversed(lines))[:MOST_LINES]
    return Section(
        title=newest.about or newest.title,
        lines=tuple(_line(one.text, has_title=bool(newest.about)) for one in shown),
        path=newest.url,
    )


def _line(text: NoticeText, *, has_title: bool) -> str:
    """What happened; the second line of a notice is left out where it repeats the thing's title."""
    if not has_title:
        return text.body
    if text.body and text.body not in text.about:
        return f"{text.title} – {text.body}"
    return text.title
