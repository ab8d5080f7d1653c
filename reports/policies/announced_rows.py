"""How far announcements came: one row per announcement and person who was told of it."""

from __future__ import annotations

from collections.abc import Iterator

from docs_portal.models import Announcement, AnnouncementReader
from reports.policies.rows import Row
from reports.policies.weeks import Span


def announced_rows(period: Span) -> Iterator[Row]:
    """Announcements published in the period's cohort; amount 1 where it was before the person's
    eyes by the period's end. Rows carry no person and no department: it is about the announcement.
    """
    cohort = period.cohort
    found = AnnouncementReader.objects.filter(
        announcement__published_at__gte=cohort.starts_at,
        announcement__published_at__lt=cohort.ends_at,
        told_at__lt=period.ends_at,
    )
    values = found.order_by("announcement_id", "pk").values_list(
        "announcement_id", "announcement__product_id", "told_at", "reached_at"
    )
    for pk, product_id, told_at, reached_at in values.iterator():
        assert told_at is not None  # noqa: S101  (for the type checker)
        reached = reached_at is not None and reached_at < period.ends_at
        yield Row("announced", Announcement.SUBJECT, pk, told_at, int(reached), product_id)
