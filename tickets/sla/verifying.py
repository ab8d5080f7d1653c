"""Due times of open tickets equal what is reckoned from policies, calendars and history."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tickets.models import DueRun
from tickets.sla.many import Reckoner, open_tickets
from tickets.sla.reckoning import DUE_COLUMNS

#: Tickets looked at, and differences reported: a broken rule says the same of every row.
SAMPLE = 5000
MOST = 20
_STEP = 500


def due_times_are_current() -> Iterator[str]:
    """The newest `SAMPLE` open tickets; nothing while a run still has to reckon them."""
    if DueRun.objects.filter(finished_at__isnull=True).exists():
        return
    yield from islice(_differences(), MOST)


def _differences() -> Iterator[str]:
    reckoner = Reckoner()
    tickets = open_tickets().order_by("-pk")[:SAMPLE].iterator(chunk_size=_STEP)
    while step := list(islice(tickets, _STEP)):
        for ticket, due in reckoner.of_many(step):
            wrong = [name for name in DUE_COLUMNS if getattr(ticket, name) != getattr(due, name)]
            if wrong:
                yield f"{ticket.ref} differs from its reckoning in {', '.join(wrong)}"
