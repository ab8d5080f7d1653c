"""Reads the events of many tickets in one query and folds each ticket's into a `TicketLog`."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from json import JSONDecoder
from operator import itemgetter
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from core.events import start_values
from core.models import Event
from reports.events.classifying import classified
from tickets.models import Ticket

#: Tickets whose events are read in one query.
BATCH = 2000
#: Fields of a ticket that some figure reads; changes of others make no new state.
TRACKED = (
    "product_id", "module_id", "department_id", "type", "impact", "priority", "status", "level",
    "team_id", "relayed_to_id", "cause_id", "driver", "driver_state", "promised_on", "resolution",
    "resolved_level", "confidential", "bounces", "reopened_times", "channel", "requester_id",
    "first_response_at", "auto_confirmed", "submitted_at", "assignee_id", "submitted_by_id",
    "suspected_module_id", "suspected_category",
)  # fmt: skip
_TRACKED = frozenset(TRACKED)
_TIMES = frozenset({"submitted_at", "first_response_at"})

_JSON = JSONDecoder()
#: Shared, so nobody may write into it.
_EMPTY: dict[str, Any] = {}

State = Mapping[str, Any]


@dataclass(slots=True)
class Moment:
    """One event: what it changed of what is tracked, and the state after it."""

    at: dt.datetime
    version: int
    verb: str
    changes: dict[str, list[Any]]
    data: dict[str, Any]
    state: State


@dataclass(slots=True)
class TicketLog:
    """The life of one ticket as far as it is known."""

    pk: int
    imported: bool
    moments: list[Moment]

    def until(self, end: dt.datetime) -> TicketLog | None:
        """The same as it stood right before `end`; None when it did not exist yet."""
        if self.moments[-1].at < end:
            return self
        count = bisect_left(self.moments, end, key=lambda moment: moment.at)
        return TicketLog(self.pk, self.imported, self.moments[:count]) if count else None

    def at(self, moment: dt.datetime) -> State | None:
        """The state right before `moment`; None when the ticket did not exist yet."""
        log = self.until(moment)
        return log.moments[-1].state if log is not None else None

    @property
    def state(self) -> State:
        return self.moments[-1].state

    @property
    def undone(self) -> frozenset[int]:
        """The versions that were undone by the end of the log: slips of the hand, judged by
        nobody. States and counts keep them, for the ticket stood so in between.
        """
        return frozenset(
            version
            for moment in self.moments
            if moment.verb == "undo"
            for version in moment.data.get("undone", ())
        )


def read_logs(
    pks: Iterable[int], *, until: dt.datetime | None = None, as_of: dt.datetime | None = None
) -> Iterator[TicketLog]:
    """The logs of these tickets, in id order, a batch of tickets per query.

    `until`: events that occurred before. `as_of`: events that were recorded by then.
    """
    ordered = sorted(set(pks))
    for first in range(0, len(ordered), BATCH):
        yield from _read_batch(ordered[first : first + BATCH], until, as_of)


def _read_batch(
    pks: Sequence[int], until: dt.datetime | None, as_of: dt.datetime | None
) -> Iterator[TicketLog]:
    rows = Event.objects.filter(subject=Ticket.SUBJECT, subject_id__in=pks)
    if until is not None:
        rows = rows.filter(occurred_at__lt=until)
    if as_of is not None:
        rows = rows.filter(recorded_at__lte=as_of)
    # JSON as text, because most of it is empty.
    changes, data = (Cast(name, TextField()) for name in ("changes", "data"))
    values = rows.order_by("subject_id", "version").values_list(
        "subject_id", "occurred_at", "version", "verb", changes, data, "imported"
    )
    for pk, found in groupby(values.iterator(chunk_size=5000), key=itemgetter(0)):
        yield fold_log(pk, found)


@cache
def _start() -> dict[str, Any]:
    starts = start_values(Ticket)
    return {name: starts[name] for name in TRACKED}


def fold_log(pk: int, rows: Iterable[tuple[Any, ...]]) -> TicketLog:
    """Fold `(pk, occurred_at, version, verb, changes, data, imported)` rows in version order.

    `changes` and `data` are JSON. A moment never lies before the one it follows: a clock that
    stepped back counts as standing. One that changes nothing shares the state before it, so that
    who walks over the moments sees by identity that nothing changed. Type and module given on the
    first day count from the start.
    """
    state: State = _start()
    moments: list[Moment] = []
    imported = False
    last: dt.datetime | None = None
    for _pk, at, version, verb, changes_text, data_text, is_imported in rows:
        changes = _read(changes_text)
        tracked = {name: change for name, change in changes.items() if name in _TRACKED}
        if tracked:
            state = {**state, **{name: _value(name, c[1]) for name, c in tracked.items()}}
        data = _read(data_text)
        at = at if last is None or at >= last else last
        last = at
        imported = imported or is_imported
        moments.append(Moment(at, version, verb, tracked, data, state))
    return TicketLog(pk, imported, classified(moments))


def _read(text: str) -> dict[str, Any]:
    if text == "{}":
        return _EMPTY
    found: dict[str, Any]
    found, _end = _JSON.raw_decode(text)
    return found


def _value(name: str, value: Any) -> Any:
    return dt.datetime.fromisoformat(value) if value and name in _TIMES else value
