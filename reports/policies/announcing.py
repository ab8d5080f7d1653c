"""What announcements did: how far they came, whether the announced thing is used, and tickets.

Who read an announcement is compared with who is of its audience and has not, in the same weeks.
That is a comparison, not a proof: who reads may differ from who does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from docs_portal.access import audience_now
from docs_portal.choices import AnnouncementStatus
from docs_portal.models import Announcement, Page, PageRead
from docs_portal.policies.links import address_in, links_in, page_in, without_host
from reports.choices import THIN
from reports.policies.people import people_by_product
from tickets.models import Ticket

if TYPE_CHECKING:
    from reports.access import ReportScope

#: Days before and after publication that are compared; that day itself counts for neither.
WINDOW = dt.timedelta(days=28)
#: Announcements of the last so many days are looked at.
PERIOD_DAYS = 365
#: Means of fewer people would be figures of persons.
FEWEST = 5
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Side:
    """Readers, or those who have not read it. `used` of them opened a page it points to."""

    people: int
    used: int
    before: int
    after: int

    @property
    def is_shown(self) -> bool:
        return self.people >= FEWEST

    @property
    def use_percent(self) -> float | None:
        return 100 * self.used / self.people if self.people else None

    @property
    def before_each(self) -> float | None:
        """Tickets per person in the days before."""
        return self.before / self.people if self.people else None

    @property
    def after_each(self) -> float | None:
        return self.after / self.people if self.people else None


@dataclass(frozen=True)
class AnnouncementEffect:
    """One row of the page. The audience is that of today."""

    row: Announcement
    audience: int
    reached: int
    readers: Side
    others: Side
    #: Manual pages its text points to; without one, use cannot be told.
    pages: int
    #: Whether the days after are over; until then tickets are not compared.
    is_over: bool

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.readers, self.others

    @property
    def is_thin(self) -> bool:
        return min(self.readers.people, self.others.people) < THIN

    @property
    def difference(self) -> float | None:
        """How much more the tickets per person of readers changed than those of the others."""
        if not self.is_over or any(not side.people for side in self.sides):
            return None
        changes = [(side.after - side.before) / side.people for side in self.sides]
        return changes[0] - changes[1]


def announcement_effects(
    scope: ReportScope, now: dt.datetime, limit: int = 50
) -> list[AnnouncementEffect]:
    """The newest published announcements of the period about products in scope.

    Three queries and, for each announcement, at most eight.
    """
    today = timezone.localdate(now)
    rows = Announcement.objects.filter(
        status=AnnouncementStatus.PUBLISHED, product__isnull=False,
        published_at__gte=now - dt.timedelta(days=PERIOD_DAYS),
    ).select_related("product")  # fmt: skip
    if all(part.product_id is not None for part in scope.parts):
        rows = rows.filter(product_id__in=scope.product_ids)
    found = list(rows.order_by("-published_at")[:limit])
    people = people_by_product(scope, {row.product_id for row in found})
    return [_effect(row, people[row.product_id], today) for row in found]


def _effect(row: Announcement, allowed: set[int] | None, today: dt.date) -> AnnouncementEffect:
    audience = audience_now(row, today)
    if allowed is not None:
        audience &= allowed
    marks = {
        user: (reached, read)
        for user, reached, read in row.readers.filter(user_id__in=audience).values_list(
            "user_id", "reached_at", "read_at"
        )
    }
    readers = {user for user, (_reached, read) in marks.items() if read is not None}
    pages = linked_pages(row)
    used = _users_of(pages, audience, row)
    assert row.published_at is not None  # noqa: S101  (for the type checker)
    day = timezone.localdate(row.published_at)
    days = _tickets(row, audience, day)
    return AnnouncementEffect(
        row, len(audience),
        sum(reached is not None for reached, _read in marks.values()),
        _side(readers, used, days), _side(audience - readers, used, days),
        len(pages), today > day + WINDOW,
    )  # fmt: skip


def linked_pages(row: Announcement) -> set[int]:
    """Manual pages that the words of an announcement point to; an address may hold several."""
    text = f"{row.what}\n\n{row.solves}\n\n{row.concerns}\n\n{row.how}"
    found: set[int] = set()
    for link in links_in(text):
        target = without_host(link.target, settings.BASE_URL)
        if key := page_in(target):
            found.add(key[0])
        elif address := address_in(target):
            code, slug, _anchor = address
            at = Page.objects.filter(manual__product__code=code, slug=slug)
            found.update(at.values_list("pk", flat=True))
    return found


def _users_of(pages: Collection[int], people: Collection[int], row: Announcement) -> set[int]:
    """Who opened one of the pages since it was published."""
    if not pages:
        return set()
    reads = PageRead.objects.filter(
        page_id__in=pages, user_id__in=people, last_at__gte=row.published_at
    )
    return set(reads.values_list("user_id", flat=True))


def _tickets(
    row: Announcement, people: Collection[int], day: dt.date
) -> Mapping[int, tuple[int, int]]:
    """Person → tickets about the product in the days before and in the days after."""
    found: dict[int, tuple[int, int]] = {}
    start = timezone.make_aware(dt.datetime.combine(day - WINDOW, dt.time.min))
    stop = timezone.make_aware(dt.datetime.combine(day + WINDOW + _DAY, dt.time.min))
    rows = Ticket.objects.filter(
        requester_id__in=people, product=row.product_id, confidential=False,
        submitted_at__gte=start, submitted_at__lt=stop,
    )  # fmt: skip
    for user, at in rows.order_by().values_list("requester_id", "submitted_at"):
        before, after = found.get(user, (0, 0))
        when = timezone.localdate(at)
        found[user] = (before + (when < day), after + (when > day))
    return found


def _side(
    people: Collection[int], used: Collection[int], days: Mapping[int, tuple[int, int]]
) -> Side:
    counts = [days.get(person, (0, 0)) for person in people]
    return Side(
        len(people), len(set(people) & set(used)),
        sum(before for before, _after in counts), sum(after for _before, after in counts),
    )  # fmt: skip
