"""Notices in words: kind and parameters become text when a person reads them, in their language."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from core.models import Notice
from core.querysets import NoticeQuerySet
from core.registry import NoticeText, notice_kind

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RenderedNotice:
    """One line of the inbox."""

    notice: Notice
    text: NoticeText


def worded(notice: Notice) -> NoticeText:
    """The notice in words; one that no app can word any more must not cost the whole inbox."""
    try:
        return notice_kind(notice.kind).text(notice)
    except Exception:
        logger.exception("notice %s of kind %s has no words", notice.pk, notice.kind)
        return NoticeText(
            _("This notice can no longer be shown"), _("What it was about is gone."), ""
        )


@dataclass(frozen=True)
class Bundle:
    """Everything told about one thing: its newest notice, and those before it."""

    newest: RenderedNotice
    earlier: tuple[RenderedNotice, ...]
    count: int
    unread: int

    @property
    def notice(self) -> Notice:
        return self.newest.notice

    @property
    def text(self) -> NoticeText:
        return self.newest.text

    @property
    def key(self) -> str:
        """The same as long as it is about the same thing; its row on the page is known by it."""
        about = self.notice
        return f"{about.subject}-{about.subject_id}" if about.subject_id else f"notice-{about.pk}"

    @property
    def more(self) -> int:
        """Earlier ones that are not shown."""
        return self.count - 1 - len(self.earlier)


#: Earlier notices of one thing shown under the newest.
EARLIER = 8
#: Notices read for the bundles of one page.
MOST_NOTICES = 400


def bundled(notices: NoticeQuerySet, threads: Sequence[Mapping[str, Any]]) -> list[Bundle]:
    """The threads of one page in words (one query)."""
    subjects = {row["subject"] for row in threads}
    ids = {row["subject_id"] for row in threads if row["subject_id"] is not None}
    newest = {row["newest"] for row in threads}
    same = Q(subject__in=subjects, subject_id__in=ids, pk__lte=max(newest, default=0))
    found = list(notices.filter(Q(pk__in=newest) | same)[:MOST_NOTICES])
    by_thread: dict[tuple[str, int | None], list[Notice]] = {}
    by_pk = {notice.pk: notice for notice in found}
    for notice in found:
        if notice.subject_id is not None:
            by_thread.setdefault((notice.subject, notice.subject_id), []).append(notice)
    bundles = []
    for row in threads:
        first = by_pk[row["newest"]]
        others = by_thread.get((row["subject"], row["subject_id"]), [])
        earlier = [rendered(one) for one in others if one.pk != first.pk][:EARLIER]
        bundles.append(Bundle(rendered(first), tuple(earlier), row["count"], row["unread"]))
    return bundles


def rendered(notice: Notice) -> RenderedNotice:
    return RenderedNotice(notice, worded(notice))
