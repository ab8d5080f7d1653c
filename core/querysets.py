"""Domain words of the kernel's rows as chainable querysets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from core.models import Notice


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user_id: int) -> NoticeQuerySet:
        """The inbox of one person, newest first."""
        return self.filter(recipient_id=user_id).order_by("-id")

    def threads(self, *, before: int | None = None) -> models.QuerySet[Notice, dict[str, Any]]:
        """One row for each thing the notices are about, the one that moved last first.

        A notice about nothing in particular is a thing of its own. Each row: subject, subject_id,
        alone (its id, then), newest (id), count, unread. `before`: only those that moved last
        before this notice.
        """
        alone = models.Case(models.When(subject_id__isnull=True, then=models.F("pk")))
        found = (
            self.order_by()
            .annotate(alone=alone)
            .values("subject", "subject_id", "alone")
            .annotate(
                newest=models.Max("pk"),
                count=models.Count("pk"),
                unread=models.Count("pk", filter=models.Q(read_at__isnull=True)),
            )
            .order_by("-newest")
        )
        return found if before is None else found.filter(newest__lt=before)

    def with_thread(self, notice: Notice) -> NoticeQuerySet:
        """The notice, and those before it about the same thing."""
        if notice.subject_id is None:
            return self.filter(pk=notice.pk)
        return self.filter(subject=notice.subject, subject_id=notice.subject_id, pk__lte=notice.pk)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)
