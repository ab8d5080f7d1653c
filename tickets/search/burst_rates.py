"""Bursts: how many distinct requesters a module has within the hour, against what is usual.

domain.md: within the hour at least max(5, 3 × usual hourly P95) distinct requesters on a module.
A ticket counts for the module it names, else for the suspected one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Coalesce, TruncHour

from core.worktime import percentile
from tickets.choices import Status
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

LEAST = 5
TIMES_USUAL = 3
WINDOW = dt.timedelta(hours=1)
WEEKS = 26
HOURS = WEEKS * 7 * 24
#: Which module a ticket counts for.
PLACE = Coalesce("module_id", "suspected_module_id")


def threshold(usual_p95: float) -> int:
    """Distinct requesters within the hour from which on it is a burst."""
    return max(LEAST, math.ceil(TIMES_USUAL * usual_p95))


def _counted() -> TicketQuerySet:
    """Our own tickets about a module; a rejected one was none, imports are of another time."""
    tickets: TicketQuerySet = (
        Ticket.objects.filter(imported=False)
        .exclude(status=Status.CANCELLED)
        .filter(Q(module__isnull=False) | Q(suspected_module__isnull=False))
    )
    return tickets


def in_window(now: dt.datetime) -> dict[int, set[int]]:
    """Module → the requesters of the last hour."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = _counted().filter(submitted_at__gt=now - WINDOW, submitted_at__lte=now)
    for module, requester in rows.values_list(PLACE, "requester_id"):
        found[module].add(requester)
    return dict(found)


def tickets_of(module_id: int, since: dt.datetime, until: dt.datetime) -> TicketQuerySet:
    """Unresolved tickets of the module that came in the time of a burst, oldest first."""
    tickets: TicketQuerySet = (
        _counted()
        .unresolved()
        .filter(Q(module=module_id) | Q(module__isnull=True, suspected_module=module_id))
        .filter(submitted_at__gt=since, submitted_at__lte=until)
        .order_by("pk")
    )
    return tickets


def usual_rates(now: dt.datetime) -> dict[int, float]:
    """Module → P95 of distinct requesters an hour, over the whole hours of the last 26 weeks.

    Hours without a ticket count as 0, nights and week-ends too: `LEAST` keeps the sparse from
    crying wolf. The hour that runs, and any burst in it, is left out.
    """
    end = now.replace(minute=0, second=0, microsecond=0)
    rows = (
        _counted()
        .filter(submitted_at__gte=end - dt.timedelta(hours=HOURS), submitted_at__lt=end)
        .values_list(PLACE, TruncHour("submitted_at", tzinfo=dt.UTC), "requester_id")
        .order_by()
        .distinct()
    )
    hourly: dict[int, dict[dt.datetime, int]] = defaultdict(lambda: defaultdict(int))
    for module, hour, _requester in rows.iterator(chunk_size=5000):
        hourly[module][hour] += 1
    return {module: p95_of(counts.values()) for module, counts in hourly.items()}


def p95_of(busy_hours: Iterable[int], hours: int = HOURS) -> float:
    """The P95 of `hours` hours, of which all but those given had none."""
    busy = list(busy_hours)
    found = percentile([*busy, *([0] * max(hours - len(busy), 0))], 0.95)
    return found or 0.0


def is_burst(requesters: int, usual: float) -> bool:
    return requesters >= threshold(usual)


def bursting(now: dt.datetime, usual: Mapping[int, float]) -> dict[int, int]:
    """Modules with a burst within the hour → how many distinct requesters."""
    counts = {module: len(people) for module, people in in_window(now).items()}
    return {m: n for m, n in counts.items() if is_burst(n, usual.get(m, 0.0))}
