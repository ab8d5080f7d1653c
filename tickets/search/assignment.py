"""Who is next: duty, turn or load, within caps, absences and working hours (派单)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone

from catalog.access import away_on, calendar_of, on_duty
from catalog.choices import AssignmentMethod
from catalog.models import Team, TeamMember
from tickets.choices import Status
from tickets.models import Ticket

#: What counts against a cap: tickets their holder has to do something about now.
AT_WORK = (Status.NEW, Status.OPEN)
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class WhyNobody(StrEnum):
    """Why a ticket finds nobody at the moment."""

    NO_METHOD = "no_method"
    CLOSED = "closed"
    NO_DUTY = "no_duty"
    AWAY = "away"
    FULL = "full"


@dataclass(frozen=True)
class Candidate:
    """A member as the choice sees them. `cap` None: none."""

    member: TeamMember
    open: int
    cap: int | None
    is_on_duty: bool
    is_skilled: bool

    @property
    def has_room(self) -> bool:
        return self.cap is None or self.open < self.cap


@dataclass(frozen=True)
class Choice:
    """Who takes a ticket and why, or why nobody does."""

    found: Candidate | None
    method: str
    why_nobody: WhyNobody | None = None

    @property
    def because(self) -> dict[str, object]:
        """What the event keeps, so that the ticket can explain it later."""
        if self.found is None:
            return {}
        return {
            "how": AssignmentMethod.DUTY if self.found.is_on_duty else self.method,
            "open": self.found.open,
            "cap": self.found.cap,
            "skilled": self.found.is_skilled,
        }


def choose(
    team: Team, ticket: Ticket, method: str, now: dt.datetime, *, but: int | None = None
) -> Choice:
    """Who of the team takes the ticket, `but` one person.

    For no cap to be passed the team's row must be locked. Outside the team's working hours only
    the person on duty is asked.
    """
    if method == AssignmentMethod.NONE:
        return Choice(None, method, WhyNobody.NO_METHOD)
    there = [one for one in candidates(team, ticket, now) if one.member.user_id != but]
    if method == AssignmentMethod.DUTY or not is_working(team, now):
        there = [one for one in there if one.is_on_duty]
        if not there:
            closed = method != AssignmentMethod.DUTY
            return Choice(None, method, WhyNobody.CLOSED if closed else WhyNobody.NO_DUTY)
    if not there:
        return Choice(None, method, WhyNobody.AWAY)
    free = [one for one in there if one.has_room]
    if not free:
        return Choice(None, method, WhyNobody.FULL)
    free = [one for one in free if one.is_skilled] or free
    return Choice(_next(free, method), method)


def _next(free: Sequence[Candidate], method: str) -> Candidate:
    def turn(one: Candidate) -> tuple[dt.datetime, int]:
        return one.member.last_assigned_at or _LONG_AGO, one.member.pk

    if method == AssignmentMethod.LEAST_LOADED:
        return min(free, key=lambda one: (one.open, *turn(one)))
    return min(free, key=turn)


def candidates(team: Team, ticket: Ticket | None, now: dt.datetime) -> list[Candidate]:
    """The members who work here and are not away, with what they hold (five queries)."""
    day = timezone.localdate(now)
    members = list(
        TeamMember.objects.filter(team=team, user__is_active=True, user__left_on__isnull=True)
        .select_related("user")
        .prefetch_related("modules")
        .order_by("pk")
    )
    people = [member.user_id for member in members]
    away = away_on(people, day)
    held = open_of(people)
    duty = on_duty(team, day)
    module = ticket.module_id if ticket is not None else None
    return [
        Candidate(
            member,
            held.get(member.user_id, 0),
            member.cap if member.cap is not None else team.assignment_cap,
            duty is not None and duty.pk == member.user_id,
            module is not None and any(known.pk == module for known in member.modules.all()),
        )
        for member in members
        if member.user_id not in away
    ]


def open_of(people: Sequence[int]) -> dict[int, int]:
    """How many new and open tickets each of these people holds."""
    held = Ticket.objects.filter(assignee__in=people, status__in=AT_WORK).order_by()
    return {
        row["assignee"]: row["n"]
        for row in held.values("assignee").annotate(n=Count("pk"))
        if row["assignee"] is not None
    }


def is_working(team: Team, now: dt.datetime) -> bool:
    """Whether the team's calendar is open at that moment."""
    calendar = calendar_of(team)
    return any(start <= now < end for start, end in calendar.spans_of(calendar.day_of(now)))
