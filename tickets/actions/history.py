"""Whole ticket histories from another system, by the thousand (domain.md, invariants 9 and 10).

A history is folded into its row, checked and copied in: ticket, events marked as imported, one
touched row. It starts no clock (no due time), puts nothing into the outbox and tells nobody.
Contracts are not asked for: the work was done elsewhere, under other rules.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import events
from core.bulk import copy_rows, next_ids
from core.errors import Problem
from core.models import Event, Touched
from core.request_id import current_request_id
from core.searchkey import search_key
from tickets import sla
from tickets.actions.history_rules import FIRST_VERB, Happening, TicketHistory, check, unfold
from tickets.choices import SlaStep
from tickets.models import Ticket

__all__ = ["Happening", "HistoryProblem", "HistoryResult", "TicketHistory", "record_history"]

#: Histories written in one transaction: what a kill can undo at most.
BATCH = 500
_EVENT_COLUMNS = (
    "subject", "subject_id", "version", "verb", "actor_id", "occurred_at", "recorded_at",
    "changes", "data", "imported", "request_id",
)  # fmt: skip
_TICKET_COLUMNS = tuple(f.attname for f in Ticket._meta.concrete_fields)
#: Imported history starts no clock (invariant 10).
_NO_CLOCK = {
    **{name: getattr(sla.NO_CLOCK, name) for name in sla.DUE_COLUMNS},
    "sla_next_at": None,
    "sla_told": SlaStep.NOTHING.value,
    "sla_told_for": None,
}
_PLAIN_ALREADY = frozenset({str, int, bool, dict, type(None)})
#: Says where an event was read and who ran the import; a second import may well differ there.
_HOW_IT_CAME = frozenset({"line", "imported_by"})


@dataclass(frozen=True)
class HistoryProblem:
    """A history that was left out, or (as a note) taken with a correction."""

    history: TicketHistory
    problem: Problem


@dataclass
class HistoryResult:
    """What became of the histories; `events` counts those written."""

    created: int = 0
    grown: int = 0
    unchanged: int = 0
    events: int = 0
    refused: list[HistoryProblem] = field(default_factory=list)
    notes: list[HistoryProblem] = field(default_factory=list)

    def add(self, other: HistoryResult) -> None:
        self.created += other.created
        self.grown += other.grown
        self.unchanged += other.unchanged
        self.events += other.events
        self.refused += other.refused
        self.notes += other.notes


@dataclass(slots=True)
class _Line:
    """One event to be copied in; a model instance would cost ten times as much."""

    version: int
    verb: str
    actor_id: int | None
    occurred_at: dt.datetime
    changes: dict[str, list[Any]]
    data: dict[str, Any]


@dataclass
class _Folded:
    """A history as the database will hold it, all of it or what is new."""

    history: TicketHistory
    values: dict[str, Any]
    lines: list[_Line]
    pk: int = 0


@cache
def _starts() -> dict[str, Any]:
    return events.start_values(Ticket)


def record_history(
    histories: Iterable[TicketHistory], *, acting_user: User | None, now: dt.datetime
) -> HistoryResult:
    """Write ticket histories that are not there yet; the same ones again change nothing.

    A history known by (source, id) is compared event by event: equal is left alone, longer gets
    its new events, different is refused and reported. `acting_user` None is the command line.
    Each batch of `BATCH` is one transaction.
    """
    result = HistoryResult()
    waiting = iter(histories)
    while batch := list(islice(waiting, BATCH)):
        with transaction.atomic():
            result.add(_record_batch(batch, acting_user, now))
    return result


def _record_batch(
    batch: Sequence[TicketHistory], acting_user: User | None, now: dt.datetime
) -> HistoryResult:
    result = HistoryResult()
    sound = _sound(batch, now, result)
    _wait_for_other_imports({history.source for history in sound})
    known = _known(sound)
    stored = _stored(known.values())
    fresh: list[_Folded] = []
    grown: list[_Folded] = []
    for history in sound:
        ticket = known.get((history.source, history.external_id))
        if ticket is None:
            fresh.append(_fold(history, secrets.token_hex(16), acting_user, now))
        else:
            folded = _fold(history, ticket.salt, acting_user, now)
            _compare(ticket, stored[ticket.pk], folded, result, grown)
    _write_new(fresh, now)
    _append(grown, known, now)
    result.created = len(fresh)
    result.grown = len(grown)
    result.events = sum(len(folded.lines) for folded in (*fresh, *grown))
    return result


def _sound(
    batch: Sequence[TicketHistory], now: dt.datetime, result: HistoryResult
) -> list[TicketHistory]:
    """The histories without a fault; faults and corrections go into `result`."""
    sorted_batch = []
    for history in batch:
        if not history.is_in_order:
            result.notes.append(HistoryProblem(history, _sorted(history)))
            history = history.in_order()
        sorted_batch.append(history)
    found = check(sorted_batch, now)
    faulty = {id(history) for history, _problem in found}
    result.refused += [HistoryProblem(history, problem) for history, problem in found]
    return [history for history in sorted_batch if id(history) not in faulty]


def _sorted(history: TicketHistory) -> Problem:
    return Problem(
        "at",
        _("The events were not in order of time."),
        _("They were sorted; equal times kept their order."),
        history.external_id,
    )


def _wait_for_other_imports(sources: set[str]) -> None:
    """Two imports of one source take turns, batch by batch, and so see each other's tickets."""
    with connection.cursor() as cursor:
        for source in sorted(sources):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"history:{source}"])


def _known(batch: Sequence[TicketHistory]) -> dict[tuple[str, str], Ticket]:
    found: dict[tuple[str, str], Ticket] = {}
    by_source: dict[str, list[str]] = {}
    for history in batch:
        by_source.setdefault(history.source, []).append(history.external_id)
    for source, ids in by_source.items():
        rows = Ticket.objects.filter(external_source=source, external_id__in=ids)
        for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
            found[source, row.external_id] = row
    return found


def _fold(history: TicketHistory, salt: str, acting_user: User | None, now: dt.datetime) -> _Folded:
    """The ticket's values after the history, and the events that lead there."""
    values = dict(_starts())
    recorded = dict(_starts())
    lines: list[_Line] = []
    for version, (happening, verb, fields) in enumerate(unfold(history), start=1):
        changes: dict[str, list[Any]] = {}
        for name, value in fields.items():
            values[name] = value
            after = _recorded(name, value, salt)
            if after != recorded[name]:
                changes[name] = [recorded[name], after]
                recorded[name] = after
        data = dict(happening.data)
        if verb == FIRST_VERB and acting_user is not None:
            data["imported_by"] = acting_user.pk
        lines.append(_Line(version, verb, happening.actor_id, happening.at, changes, data))
    _must_fold(values, lines, salt)
    values |= {"salt": salt, "version": len(lines), "updated_at": lines[-1].occurred_at}
    return _Folded(history, values, lines)


def _recorded(name: str, value: Any, salt: str) -> Any:
    if name in Ticket.SEALED_FIELDS:
        return events.sealed(salt, value)
    return value if type(value) in _PLAIN_ALREADY else events.plain(value)


def _must_fold(values: Mapping[str, Any], lines: Sequence[_Line], salt: str) -> None:
    """Invariant 1 before anything is written: the events give exactly the row."""
    state: dict[str, Any] = {}
    for line in lines:
        for name, (before, after) in line.changes.items():
            if state.get(name, _starts()[name]) != before:
                raise AssertionError(f"an imported history breaks in {name} at {line.version}")
            state[name] = after
    wrong = [
        name
        for name, start in _starts().items()
        if state.get(name, start) != start or values[name] != start
        if state.get(name, start) != _recorded(name, values[name], salt)
    ]
    if wrong:
        raise AssertionError(f"an imported history does not fold to its row: {wrong}")


def _write_new(fresh: Sequence[_Folded], now: dt.datetime) -> None:
    if not fresh:
        return
    for folded, pk in zip(fresh, next_ids(Ticket, len(fresh)), strict=True):
        folded.pk = pk
        folded.values.update(
            id=pk,
            external_source=folded.history.source,
            external_id=folded.history.external_id,
            imported=True,
            **_NO_CLOCK,
            search_key=_key(pk, folded.values),
        )
    copy_rows(
        Ticket,
        _TICKET_COLUMNS,
        ([folded.values[name] for name in _TICKET_COLUMNS] for folded in fresh),
    )
    _copy_events(fresh, now)


def _key(pk: int, values: Mapping[str, Any]) -> str:
    probe = _probe()
    probe.pk = pk
    return search_key(probe.ref, values["title"], values["description"])


@cache
def _probe() -> Ticket:
    """One ticket to ask for references; making one for each would cost more than the key."""
    return Ticket()


def _copy_events(written: Sequence[_Folded], now: dt.datetime) -> None:
    request_id = current_request_id()
    copy_rows(
        Event,
        _EVENT_COLUMNS,
        (
            (
                Ticket.SUBJECT, row.pk, line.version, line.verb, line.actor_id, line.occurred_at,
                now, line.changes, line.data, True, request_id,
            )
            for row in written
            for line in row.lines
        ),
    )  # fmt: skip
    copy_rows(Touched, ("subject", "subject_id"), ((Ticket.SUBJECT, row.pk) for row in written))


def _stored(tickets: Iterable[Ticket]) -> dict[int, list[Event]]:
    """The events of tickets that are there already, in one query."""
    found: dict[int, list[Event]] = {ticket.pk: [] for ticket in tickets}
    rows = Event.objects.filter(subject=Ticket.SUBJECT, subject_id__in=found)
    for event in rows.order_by("subject_id", "version"):
        found[event.subject_id].append(event)
    return found


def _compare(
    ticket: Ticket,
    stored: Sequence[Event],
    folded: _Folded,
    result: HistoryResult,
    grown: list[_Folded],
) -> None:
    """Decide about a history that was imported before."""
    history = folded.history
    imported = [event for event in stored if event.imported]
    for before, after in zip(imported, folded.lines, strict=False):
        if not _same(before, after):
            result.refused.append(HistoryProblem(history, _differs(ticket, before, after)))
            return
    fresh = folded.lines[len(imported) :]
    if not fresh:
        result.unchanged += 1
    elif len(stored) > len(imported):
        result.refused.append(HistoryProblem(history, _worked_on(ticket)))
    else:
        grown.append(_Folded(history, folded.values, fresh, ticket.pk))


def _same(before: Event, after: _Line) -> bool:
    return (
        before.verb == after.verb
        and before.occurred_at == after.occurred_at
        and before.actor_id == after.actor_id
        and before.changes == after.changes
        and _content(before.data) == _content(after.data)
    )


def _content(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in _HOW_IT_CAME}


def _append(
    grown: Sequence[_Folded], known: Mapping[tuple[str, str], Ticket], now: dt.datetime
) -> None:
    """Add the new events of histories that went on since the last import."""
    for folded in grown:
        ticket = known[folded.history.source, folded.history.external_id]
        for name in Ticket.EVENT_FIELDS:
            setattr(ticket, name, folded.values[name])
        ticket.version = folded.values["version"]
        ticket.updated_at = folded.values["updated_at"]
        ticket.search_key = _key(ticket.pk, folded.values)
        ticket.save()
    if grown:
        _copy_events(grown, now)


def _differs(ticket: Ticket, before: Event, after: _Line) -> Problem:
    return Problem(
        "external_id",
        _("The history differs from the one imported before as %(ref)s, from event %(number)s on.")
        % {"ref": ticket.ref, "number": before.version},
        _("Import the log with the mapping used then, or under another source name."),
        f"{before.verb} {before.occurred_at.isoformat()} / {after.verb} "
        f"{after.occurred_at.isoformat()}",
    )


def _worked_on(ticket: Ticket) -> Problem:
    return Problem(
        "external_id",
        _("%(ref)s was worked on here since it was imported.") % {"ref": ticket.ref},
        _("Its history goes on here; enter what is new by hand."),
        ticket.external_id,
    )
