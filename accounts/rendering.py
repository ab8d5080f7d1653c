"""Notices in words: kind and parameters become text when a person reads them, in their language."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.models import Notice
from core.registry import NoticeText, notice_kind

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RenderedNotice:
    """One line of the inbox."""

    notice: Notice
    text: NoticeText

    @property
    def is_unread(self) -> bool:
        return self.notice.read_at is None


def worded(notice: Notice) -> NoticeText:
    """The notice in words; one that no app can word any more must not cost the whole inbox."""
    try:
        return notice_kind(notice.kind).text(notice)
    except Exception:
        logger.exception("notice %s of kind %s has no words", notice.pk, notice.kind)
        return NoticeText(
            _("This notice can no longer be shown"), _("What it was about is gone."), ""
        )


def rendered(notice: Notice) -> RenderedNotice:
    return RenderedNotice(notice, worded(notice))
