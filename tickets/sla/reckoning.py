"""When first response and resolution fall due, in the working time of one calendar.

Each target runs from the submission over the times the clock did not stand. A due time that was
reached stays: waiting for the requester afterwards does not undo a breach. At level 4 the date
that was promised replaces the resolution target (domain.md). A due time on the way through a
year without published holidays is provisional, never missing (invariant 9).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from catalog.access import calendar_of, work_calendar
from core.worktime import (
    NoWorkingTime,
    WorkCalendar,
    add_working_time,
    is_provisional,
    working_time,
)
from tickets.choices import Level, SlaStep
from tickets.models import ServicePolicy, Target, Ticket
from tickets.sla.choosing import Asked, Choice, choose, departments_of, policies_in_force
from tickets.sla.stops import RUNNING, Stop, stops_of

#: What due times follow from; a change of one of these reckons them anew.
CLOCK_FIELDS = frozenset({
    "status", "priority", "team_id", "submitted_at", "product_id", "department_id", "level",
    "promised_on", "first_response_at",
})  # fmt: skip
#: The columns of a ticket that hold due times, in the order of `DueTimes`.
DUE_COLUMNS = (
    "response_due_at", "resolution_due_at", "due_provisional", "service_policy_id", "warn_at",
    "due_at",
)  # fmt: skip
#: The same as fields, for `bulk_update`.
DUE_FIELDS = tuple(name.removesuffix("_id") for name in DUE_COLUMNS)


@dataclass(frozen=True, slots=True)
class DueTimes:
    """The derived columns of a ticket; None where no target or no calendar is set up."""

    response_due_at: dt.datetime | None = None
    resolution_due_at: dt.datetime | None = None
    due_provisional: bool = False
    service_policy_id: int | None = None
    #: Of the clock that runs now.
    warn_at: dt.datetime | None = None
    due_at: dt.datetime | None = None


NO_CLOCK = DueTimes()


@dataclass(frozen=True, slots=True)
class Facts:
    """What due times follow from, apart from the policies."""

    submitted_at: dt.datetime
    status: str
    level: int | None
    priority: int
    product_id: int
    department_id: int | None
    team_id: int | None
    first_response_at: dt.datetime | None
    promised_on: dt.date | None
    stops: Sequence[Stop] = ()

    @classmethod
    def of(cls, ticket: Ticket, stops: Sequence[Stop]) -> Facts:
        return cls(
            ticket.submitted_at, ticket.status, ticket.level, ticket.priority, ticket.product_id,
            ticket.department_id, ticket.team_id, ticket.first_response_at, ticket.promised_on,
            stops,
        )  # fmt: skip


def due_times(ticket: Ticket) -> DueTimes:
    """Due times as the ticket stands. Imported tickets have no clock (invariant 10)."""
    if ticket.imported:
        return NO_CLOCK
    policies = policies_in_force()
    choice = choice_for(ticket, policies)
    if choice.policy is None or ticket.team is None:
        return NO_CLOCK
    calendar = calendar_for(choice.policy, ticket)
    return reckon(Facts.of(ticket, stops_of(ticket)), choice, calendar)


def choice_for(ticket: Ticket, policies: Sequence[ServicePolicy]) -> Choice:
    """Which of `policies` holds for the ticket as it stands."""
    path = ticket._state.fields_cache.get("department")
    known = {path.pk: path.path} if path is not None else None
    return choose(asked_of(Facts.of(ticket, ()), policies, known), policies)


def asked_of(
    facts: Facts, policies: Sequence[ServicePolicy], paths: Mapping[int, str] | None = None
) -> Asked:
    """`paths`: those of departments by id, where they are known already."""
    return Asked(
        facts.product_id,
        departments_of(facts.department_id, policies, paths),
        facts.priority,
        company_day(facts.submitted_at),
    )


def company_day(moment: dt.datetime) -> dt.date:
    """The day in the company's zone, which active dates of policies and duty rosters mean."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def calendar_for(policy: ServicePolicy, ticket: Ticket) -> WorkCalendar:
    """The policy's own calendar, else that of the team that has the ticket."""
    if policy.calendar is not None:
        return work_calendar(policy.calendar)
    return calendar_of(ticket.team) if ticket.team is not None else WorkCalendar()


def reckon(facts: Facts, choice: Choice, calendar: WorkCalendar) -> DueTimes:
    """Due times of a ticket under a policy that fits it."""
    policy, target = choice.policy, choice.target
    if policy is None or target is None:
        return NO_CLOCK
    share = policy.warn_percent
    try:
        response = fall_due(calendar, facts, target.response)
        resolution = _resolution_due(calendar, facts, target)
        warn_at, due_at = _running(calendar, facts, target, share, response, resolution)
    except NoWorkingTime:
        return NO_CLOCK
    return DueTimes(
        response, resolution, is_provisional(calendar, facts.submitted_at, resolution),
        policy.pk, warn_at, due_at,
    )  # fmt: skip


def fall_due(calendar: WorkCalendar, facts: Facts, seconds: float) -> dt.datetime:
    """When `seconds` of the clock have run. While it stands: as if it ran on from the stop."""
    return run_out(calendar, facts.submitted_at, dt.timedelta(seconds=seconds), facts.stops)


def run_out(
    calendar: WorkCalendar, start: dt.datetime, left: dt.timedelta, stops: Sequence[Stop]
) -> dt.datetime:
    """The moment `left` of working time is used up, from `start` on and around the stops."""
    at = start
    for stop in stops:
        if stop.end is None:
            break
        ran = working_time(calendar, at, stop.start)
        if ran >= left:
            break
        left -= ran
        at = max(at, stop.end)
    return add_working_time(calendar, at, left)


def _resolution_due(calendar: WorkCalendar, facts: Facts, target: Target) -> dt.datetime:
    if facts.promised_on is not None and follows_promise(facts):
        return end_of_day(facts.promised_on)
    return fall_due(calendar, facts, target.resolution)


def follows_promise(facts: Facts) -> bool:
    """At level 4 the promised date replaces the target."""
    return facts.level == Level.PRODUCT_DRIVE and facts.promised_on is not None


def end_of_day(day: dt.date) -> dt.datetime:
    """The last moment of a promised day, in the company's zone."""
    after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(settings.TIME_ZONE))
    return after.astimezone(dt.UTC) - dt.timedelta(microseconds=1)


def _running(
    calendar: WorkCalendar,
    facts: Facts,
    target: Target,
    share: int,
    response: dt.datetime,
    resolution: dt.datetime,
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When the clock that runs now warns and is over; nothing while it stands."""
    if facts.status not in RUNNING:
        return None, None
    if facts.first_response_at is None:
        return fall_due(calendar, facts, target.response * share / 100), response
    if follows_promise(facts):
        whole = working_time(calendar, facts.submitted_at, resolution)
        return add_working_time(calendar, facts.submitted_at, whole * share / 100), resolution
    return fall_due(calendar, facts, target.resolution * share / 100), resolution


def columns(due: DueTimes, ticket: Ticket) -> dict[str, object]:
    """The derived columns to set on a ticket, with what is left to tell about its clock."""
    told = ticket.sla_told if ticket.sla_told_for == due.due_at else SlaStep.NOTHING
    return {
        **{name: getattr(due, name) for name in DUE_COLUMNS},
        "sla_next_at": next_step_at(told, due),
    }


def next_step_at(told: int, due: DueTimes) -> dt.datetime | None:
    """When to look for the next step after `told`; the sweep reckons when to escalate."""
    if due.due_at is None or told == SlaStep.ESCALATED:
        return None
    return due.warn_at if told == SlaStep.NOTHING else due.due_at
