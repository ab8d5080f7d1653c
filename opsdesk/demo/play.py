"""Replays stories in the order of time: each is a generator that yields when it goes on."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Generator
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from catalog.access import calendar_of
from core import outbox
from core.tasks import deliver_row
from core.worktime import add_working
from docs_portal.models import Page
from opsdesk.demo.cast import Cast
from tickets.models import Ticket

#: A story yields the moment of its next step.
Story = Generator[dt.datetime, None, None]


class Play:
    """The stage: who is there, what time it is, and what comes next.

    Between the steps the outbox is delivered at the time of the play, as a worker would.
    """

    def __init__(self, cast: Cast, until: dt.datetime) -> None:
        self.cast = cast
        self.until = until
        self.now = until
        self.tickets: dict[str, Ticket] = {}
        self._calendar = calendar_of(cast.teams["operations"])
        self._queue: list[tuple[dt.datetime, int, Story]] = []
        self._told = 0

    def tell(self, story: Callable[[Play], Story], at: dt.datetime) -> None:
        """Let `story` begin at a moment."""
        self._told += 1
        heapq.heappush(self._queue, (at, self._told, story(self)))

    def run(self) -> None:
        """Everything up to `until`; a story that goes on later stays as it stands then."""
        while self._queue and self._queue[0][0] <= self.until:
            self.now, number, story = heapq.heappop(self._queue)
            following = next(story, None)
            self.settle()
            if following is not None:
                heapq.heappush(self._queue, (max(following, self.now), number, story))
        self.now = self.until
        self.settle()

    def settle(self) -> None:
        """Deliver what is due within the house; a played past sends nobody a mail or a chat."""
        while rows := outbox.claim(self.now):
            for row in rows:
                if row.kind in outbox.OUTSIDE:
                    outbox.mark_skipped(row, "it happened in the play of the demo", self.now)
                else:
                    deliver_row(row, self.now)

    def after(self, hours: float) -> dt.datetime:
        """So many working hours from now."""
        return add_working(self._calendar, self.now, int(hours * 3600))

    def again(self, ticket: Ticket) -> Ticket:
        """The ticket as it is by now."""
        return Ticket.objects.get(pk=ticket.pk)

    def page_of(self, ticket: Ticket) -> Page | None:
        """A page of the ticket's manual that its requester can open, its module's first."""
        pages = Page.objects.readable_by(ticket.requester, timezone.localdate(self.now))
        pages = pages.filter(manual__product_id=ticket.product_id)
        return pages.filter(module=ticket.module).first() or pages.first()


def at(monday: dt.date, day: int, clock: str) -> dt.datetime:
    """`clock` (like 09:30) in the company's zone, `day` days after `monday`."""
    time = dt.time.fromisoformat(clock)
    return dt.datetime.combine(monday + dt.timedelta(days=day), time, ZoneInfo(settings.TIME_ZONE))
