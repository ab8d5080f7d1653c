"""Warnings, breaches and escalations of service targets, told once per due time.

A ticket keeps what was told about its running clock and when there is something next
(`sla_next_at`), so the sweep reads one index and two sweeps at once share the rows between them.
After an outage only the furthest step of each clock is told, and a person who would hear of many
tickets hears of them in one notice.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.access import managers_of, on_duty
from core import events
from core.worktime import NoWorkingTime, add_working
from tickets import sla
from tickets.choices import SlaStep
from tickets.models import ServicePolicy, Ticket
from tickets.notifications import tell_clock, tell_clocks

BATCH = 100
#: More tickets than this for one person in one sweep are told in one notice.
MOST_ALONE = 5
_VERBS = {
    SlaStep.WARNED: "sla_warned",
    SlaStep.BREACHED: "sla_breached",
    SlaStep.ESCALATED: "sla_escalated",
}


@dataclass(frozen=True)
class Told:
    """One step of one ticket's clock and who is told."""

    ticket: Ticket
    step: SlaStep
    clock: str
    due_at: dt.datetime
    people: frozenset[int]


def tell_due(*, now: dt.datetime) -> int:
    """Tell every step that is due. Returns how many; safe to run twice and by two at once."""
    told = 0
    while True:
        taken, found = _tell_batch(now)
        told += found
        if taken < BATCH:
            return told


@transaction.atomic
def _tell_batch(now: dt.datetime) -> tuple[int, int]:
    """How many tickets were taken, and of how many a step was told."""
    rows = list(
        Ticket.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(sla_next_at__lte=now)
        .select_related("team__calendar", "service_policy__calendar", "department")
        .order_by("sla_next_at", "pk")[:BATCH]
    )
    reckoner = sla.Reckoner()
    told = [one for row in rows if (one := _advance(row, reckoner, now)) is not None]
    _send(told, now)
    return len(rows), len(told)


def _advance(ticket: Ticket, reckoner: sla.Reckoner, now: dt.datetime) -> Told | None:
    """Bring one ticket's clock to its furthest step that is due."""
    policy, due_at = ticket.service_policy, ticket.due_at
    if policy is None or due_at is None or ticket.warn_at is None:
        Ticket.objects.filter(pk=ticket.pk).update(sla_next_at=None)
        return None
    before = SlaStep(ticket.sla_told) if ticket.sla_told_for == due_at else SlaStep.NOTHING
    escalate_at = _escalate_at(ticket, policy, due_at, reckoner)
    step = _step(now, ticket.warn_at, due_at, escalate_at)
    next_at = (ticket.warn_at, due_at, escalate_at, None)[max(step, before)]
    if step <= before:
        Ticket.objects.filter(pk=ticket.pk).update(sla_next_at=next_at)
        return None
    clock = "response" if ticket.first_response_at is None else "resolution"
    people = _people(ticket, policy, step, now)
    events.change(
        ticket, _VERBS[step], actor_id=None, now=now,
        data={"clock": clock, "due_at": due_at, "told": sorted(people)},
        derived={"sla_told": step, "sla_told_for": due_at, "sla_next_at": next_at},
    )  # fmt: skip
    return Told(ticket, step, clock, due_at, people)


def _escalate_at(
    ticket: Ticket, policy: ServicePolicy, due_at: dt.datetime, reckoner: sla.Reckoner
) -> dt.datetime | None:
    if policy.escalate_seconds is None or ticket.team_id is None:
        return None
    try:
        return add_working(
            reckoner.calendar(policy, ticket.team_id), due_at, policy.escalate_seconds
        )
    except NoWorkingTime:
        return None


def _step(
    now: dt.datetime, warn_at: dt.datetime, due_at: dt.datetime, escalate_at: dt.datetime | None
) -> SlaStep:
    if escalate_at is not None and now >= escalate_at:
        return SlaStep.ESCALATED
    if now >= due_at:
        return SlaStep.BREACHED
    return SlaStep.WARNED if now >= warn_at else SlaStep.NOTHING


def _people(
    ticket: Ticket, policy: ServicePolicy, step: SlaStep, now: dt.datetime
) -> frozenset[int]:
    """The holder (without one, who is on duty); at a breach both; later managers in scope."""
    people = {ticket.assignee_id}
    wants_duty = ticket.assignee_id is None or (step >= SlaStep.BREACHED and policy.tells_duty)
    if wants_duty and ticket.team is not None:
        duty = on_duty(ticket.team, sla.company_day(now))
        people.add(duty.pk if duty is not None else None)
    if step == SlaStep.ESCALATED:
        path = ticket.department.path if ticket.department is not None else ""
        people |= managers_of(ticket.product_id, path)
    return frozenset(pk for pk in people if pk is not None)


def _send(told: Sequence[Told], now: dt.datetime) -> None:
    """One notice a person and ticket; one a person and step where there are many."""
    by_person: Mapping[tuple[int, SlaStep], list[Told]] = defaultdict(list)
    for one in told:
        for person in one.people:
            by_person[person, one.step].append(one)
    for (person, step), found in sorted(by_person.items()):
        if len(found) > MOST_ALONE:
            tell_clocks(person, _VERBS[step], [one.ticket for one in found], now=now)
            continue
        for one in found:
            tell_clock(
                one.ticket, _VERBS[step], person, clock=one.clock, due_at=one.due_at, now=now
            )
