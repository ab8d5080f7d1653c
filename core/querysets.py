"""Domain words of the kernel's rows as chainable querysets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from core.models import Notice  # noqa: F401  (named in a base class, which ruff overlooks)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user_id: int) -> NoticeQuerySet:
        """The inbox of one person, newest first."""
        return self.filter(recipient_id=user_id).order_by("-id")

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)
