"""Service targets: when a first response and a resolution are due, in working time.

The clock is the handling team's calendar. It stops while the ticket waits for its requester
(`pending`): working time spent there is added to the target. A due date that leads through a
year without published holidays is provisional (domain.md, invariant 9).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog.access import calendar_of
from core.events import history
from core.worktime import NoWorkingTime, WorkCalendar, add_working, is_provisional, working_seconds
from tickets.choices import Status
from tickets.models import ServiceTarget, Ticket


@dataclass(frozen=True)
class DueTimes:
    """When each target falls due; None where no target or calendar is set up."""

    response_due_at: dt.datetime | None
    resolution_due_at: dt.datetime | None
    due_provisional: bool


NO_CLOCK = DueTimes(None, None, False)


def due_times(ticket: Ticket) -> DueTimes:
    """Due times from the ticket's priority, team and history; imported tickets have no clock."""
    if ticket.imported:
        return NO_CLOCK
    target = ServiceTarget.objects.filter(priority=ticket.priority).first()
    if target is None or ticket.team is None:
        return NO_CLOCK
    calendar = calendar_of(ticket.team)
    paused = paused_seconds(ticket, calendar)
    try:
        response = add_working(calendar, ticket.submitted_at, target.response_seconds)
        resolution = add_working(calendar, ticket.submitted_at, target.resolution_seconds + paused)
    except NoWorkingTime:
        return NO_CLOCK
    return DueTimes(response, resolution, is_provisional(calendar, ticket.submitted_at, resolution))


def paused_seconds(ticket: Ticket, calendar: WorkCalendar) -> int:
    """Working seconds the ticket spent waiting for its requester, up to its last return."""
    if ticket.version < 2:
        return 0
    total, since = 0, None
    moves = history(ticket.SUBJECT, ticket.pk).filter(changes__has_key="status")
    for occurred_at, changes in moves.values_list("occurred_at", "changes"):
        _before, after = changes["status"]
        if after == Status.PENDING:
            since = occurred_at
        elif since is not None:
            total += working_seconds(calendar, since, occurred_at)
            since = None
    return total
