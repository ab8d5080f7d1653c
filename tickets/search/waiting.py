"""Tickets a rule of time waits for: how long in a status, silent, how close to being due.

Working time of the ticket's team. Each hit names its occasion, which stays the same until the
clock it watches starts anew, so a rule acts once per wait.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Max

from catalog.access import calendar_of
from core.models import Event
from core.worktime import WorkCalendar, working_seconds
from tickets.choices import UNRESOLVED, CommentKind, Trigger
from tickets.models import Comment, Ticket
from tickets.querysets import TicketQuerySet

_BATCH = 500
Hit = tuple[int, str]


def waiting_for(trigger: Mapping[str, Any], now: dt.datetime) -> Iterator[Hit]:
    """Ticket ids with the occasion's key, for a trigger of time."""
    yield from _FINDERS[trigger["kind"]](trigger, now)


def _own() -> TicketQuerySet:
    """Imported history starts nothing (domain.md, invariant 10)."""
    tickets: TicketQuerySet = Ticket.objects.filter(imported=False)
    return tickets


def _batches(tickets: TicketQuerySet) -> Iterator[list[Ticket]]:
    """All of them by id, a batch at a time, with their calendars."""
    last = 0
    rows = tickets.select_related("team__calendar").order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:_BATCH]):
        yield batch
        last = batch[-1].pk


class _Calendars:
    """The calendar of each team, read once a sweep."""

    def __init__(self) -> None:
        self._read: dict[int, WorkCalendar] = {}

    def of(self, ticket: Ticket) -> WorkCalendar:
        if ticket.team is None:
            return WorkCalendar()
        if ticket.team.pk not in self._read:
            self._read[ticket.team.pk] = calendar_of(ticket.team)
        return self._read[ticket.team.pk]


def _in_status(trigger: Mapping[str, Any], now: dt.datetime) -> Iterator[Hit]:
    rows = _own().filter(status=trigger["status"])
    return _waited(rows, trigger["hours"], now, _entered)


def _silent(trigger: Mapping[str, Any], now: dt.datetime) -> Iterator[Hit]:
    rows = _own().filter(status__in=UNRESOLVED)
    return _waited(rows, trigger["hours"], now, _last_words)


def _waited(
    tickets: TicketQuerySet,
    hours: int,
    now: dt.datetime,
    since_of: Callable[[Iterable[int]], Mapping[int, dt.datetime]],
) -> Iterator[Hit]:
    calendars = _Calendars()
    # Working time never passes faster than time.
    old = tickets.filter(submitted_at__lte=now - dt.timedelta(hours=hours))
    for batch in _batches(old):
        found = since_of([ticket.pk for ticket in batch])
        for ticket in batch:
            since = found.get(ticket.pk, ticket.submitted_at)
            if working_seconds(calendars.of(ticket), since, now) >= hours * 3600:
                yield ticket.pk, f"since:{since.astimezone(dt.UTC).isoformat()}"


def _entered(pks: Iterable[int]) -> Mapping[int, dt.datetime]:
    moves = Event.objects.filter(
        subject=Ticket.SUBJECT, subject_id__in=list(pks), changes__has_key="status"
    ).order_by()
    return dict(moves.values_list("subject_id").annotate(at=Max("occurred_at")))


def _last_words(pks: Iterable[int]) -> Mapping[int, dt.datetime]:
    words = Comment.objects.filter(
        ticket__in=list(pks), kind=CommentKind.PUBLIC, is_auto=False
    ).order_by()
    return dict(words.values_list("ticket_id").annotate(at=Max("created_at")))


def _before_due(trigger: Mapping[str, Any], now: dt.datetime) -> Iterator[Hit]:
    calendars = _Calendars()
    rows = _own().filter(status__in=UNRESOLVED, resolution_due_at__gt=now)
    for batch in _batches(rows):
        for ticket in batch:
            due = ticket.resolution_due_at
            if due is None:
                continue
            left = working_seconds(calendars.of(ticket), now, due)
            if left <= trigger["hours"] * 3600:
                yield ticket.pk, f"due:{due.astimezone(dt.UTC).isoformat()}"


_FINDERS: dict[str, Callable[[Mapping[str, Any], dt.datetime], Iterator[Hit]]] = {
    Trigger.IN_STATUS: _in_status,
    Trigger.SILENT: _silent,
    Trigger.BEFORE_DUE: _before_due,
}
