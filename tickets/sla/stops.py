"""When the clock of a ticket stood still, read from its history.

It runs while product operations, an owner or a demand has the ticket (new, open, on_hold). It
stands while the ticket waits for its requester (pending), and from a resolution or an end to the
reopening that undoes it: that time was not ours either.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from core.events import history
from core.models import Event
from tickets.choices import Status
from tickets.models import Ticket

RUNNING = frozenset({Status.NEW.value, Status.OPEN.value, Status.ON_HOLD.value})


@dataclass(frozen=True, slots=True)
class Stop:
    """A time in which the clock stood, and who caused it; `end` None goes on."""

    start: dt.datetime
    end: dt.datetime | None
    status: str
    actor_id: int | None = None
    verb: str = ""


@dataclass(frozen=True, slots=True)
class StatusChange:
    at: dt.datetime
    status: str
    actor_id: int | None = None
    verb: str = ""


_COLUMNS = ("occurred_at", "changes", "actor_id", "verb")


def stops_of(ticket: Ticket) -> list[Stop]:
    """The stops of one ticket (no query before its second event)."""
    if ticket.version < 2 and ticket.status in RUNNING:
        return []
    moves = history(ticket.SUBJECT, ticket.pk).filter(changes__has_key="status")
    return stops(_change(*row) for row in moves.values_list(*_COLUMNS))


def stops_of_many(pks: Collection[int]) -> dict[int, list[Stop]]:
    """The stops of several tickets, in one query; tickets without any are left out."""
    moves = Event.objects.filter(
        subject=Ticket.SUBJECT, subject_id__in=pks, changes__has_key="status"
    )
    found: dict[int, list[Stop]] = defaultdict(list)
    rows = moves.order_by("subject_id", "version").values_list("subject_id", *_COLUMNS)
    for pk, group in groupby(rows, key=itemgetter(0)):
        found[pk] = stops(_change(*row[1:]) for row in group)
    return found


def _change(at: dt.datetime, changes: dict[str, list[str]], actor: int | None, verb: str) -> (
    StatusChange
):  # fmt: skip
    return StatusChange(at, changes["status"][1], actor, verb)


def stops(changes: Iterable[StatusChange]) -> list[Stop]:
    """Stops out of the changes of status, in their order. A clock that stepped back stands."""
    return list(_stops(changes))


def _stops(changes: Iterable[StatusChange]) -> Iterator[Stop]:
    since: StatusChange | None = None
    last: dt.datetime | None = None
    for change in changes:
        at = change.at if last is None or change.at >= last else last
        last = at
        if since is not None:
            yield Stop(since.at, at, since.status, since.actor_id, since.verb)
            since = None
        if change.status not in RUNNING:
            since = StatusChange(at, change.status, change.actor_id, change.verb)
    if since is not None:
        yield Stop(since.at, None, since.status, since.actor_id, since.verb)
