"""Obligations and their rounds: who is owed word, what was told, what they answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.errors import BadInput, NotAllowed, Problem
from feedback.access import driven_tickets, recipient_of
from feedback.choices import (
    DemandStatus,
    FeedbackSource,
    ObligationReason,
    RoundKind,
    RoundState,
)
from feedback.errors import WrongState
from feedback.models import Demand, FeedbackItem, Obligation, Release, Round
from tickets.actions import confirm_ticket, reopen_ticket, set_driver_state
from tickets.choices import DriverState, Status
from tickets.models import Ticket

#: Statuses whose word a person who joins later is still owed.
_DECIDED = (
    DemandStatus.ACCEPTED, DemandStatus.DECLINED, DemandStatus.DEFERRED, DemandStatus.SCHEDULED,
    DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING,
)  # fmt: skip


def owe(
    demand: Demand, person: User, reason: str, *, acting_user: User, now: dt.datetime
) -> Obligation:
    """This person is owed word on this demand: one obligation, however often they ask.

    Who joins a demand that was decided or released already is owed that word at once.
    """
    existing = Obligation.objects.filter(demand=demand, person=person).first()
    if existing is not None:
        return existing
    row = Obligation(demand=demand, person=person, reason=reason, created_at=now)
    events.create(row, "owe", actor_id=acting_user.pk, now=now)
    if demand.status in _DECIDED:
        open_round(row, RoundKind.DECISION, acting_user=acting_user, now=now)
    elif demand.release is not None and demand.verified_at is not None:
        open_round(row, RoundKind.RELEASE, release=demand.release, acting_user=acting_user, now=now)
    return row


def open_rounds(
    demand: Demand,
    kind: str,
    *,
    release: Release | None = None,
    reason: str = "",
    acting_user: User | None,
    now: dt.datetime,
) -> list[Round]:
    """A round of this kind for everyone owed; part of the caller's transaction."""
    obligations = demand.obligations.select_related(
        "person__department__contact", "person__successor"
    ).order_by("pk")
    return [
        open_round(
            obligation, kind, release=release, reason=reason, acting_user=acting_user, now=now
        )
        for obligation in obligations
    ]


def open_round(
    obligation: Obligation,
    kind: str,
    *,
    release: Release | None = None,
    reason: str = "",
    acting_user: User | None,
    now: dt.datetime,
) -> Round:
    """One thing to tell one person: queued at once, waived for who left with nobody to hear."""
    existing = _release_round(obligation, kind, release)
    if existing is not None:
        return existing
    row = Round(obligation=obligation, kind=kind, release=release, opened_at=now)
    actor_id = acting_user.pk if acting_user else None
    events.create(row, "open", actor_id=actor_id, now=now)
    recipient = recipient_of(obligation.person)
    if recipient is None:
        state, why = _not_told(obligation.person)
        fields = {"state": state, "reason": why, "ended_at": now}
        events.change(row, "waive", actor_id=actor_id, now=now, fields=fields)
        return row
    _queue(row, recipient, reason, actor_id, now)
    return row


def _not_told(person: User) -> tuple[str, str]:
    """Who left with nobody to hear is waived (离职); an account that is off cannot be reached."""
    if person.imported:
        return RoundState.UNREACHABLE, "no account"
    if person.left_on is not None:
        return RoundState.WAIVED, "left"
    return RoundState.UNREACHABLE, "account off"


def _release_round(obligation: Obligation, kind: str, release: Release | None) -> Round | None:
    if kind != RoundKind.RELEASE:
        return None
    return Round.objects.filter(obligation=obligation, kind=kind, release=release).first()


def _queue(
    row: Round, recipient: User, reason: str, actor_id: int | None, now: dt.datetime
) -> None:
    demand = row.obligation.demand
    events.change(
        row, "queue", actor_id=actor_id, now=now,
        fields={"state": RoundState.QUEUED, "queued_at": now},
    )  # fmt: skip
    tickets = driven_tickets(demand, row.obligation.person)
    params: dict[str, Any] = {
        "ref": demand.ref,
        "demand_id": demand.pk,
        "title": demand.title,
        "status": demand.status,
        "reason": reason,
        "planned_on": demand.planned_on,
        "ticket_id": tickets[-1].pk if tickets and recipient == row.obligation.person else None,
    }
    outbox.notify(
        recipient.pk, f"demand.{row.kind}", params, key=f"round:{row.pk}", now=now,
        subject=Round.SUBJECT, subject_id=row.pk,
    )  # fmt: skip


def advance_round(row: Round, state: str, *, now: dt.datetime) -> Round:
    """Delivered (rendered to them) or read; a word that needs no answer ends as informed."""
    with transaction.atomic():
        locked = events.lock(Round, row.pk)
        if locked.ended_at is not None or locked.state == state:
            return locked
        fields: dict[str, Any] = {}
        if locked.delivered_at is None:
            fields["delivered_at"] = now
        fields["state"] = RoundState.DELIVERED
        if state == RoundState.READ:
            fields |= {"state": RoundState.READ, "read_at": now}
            if locked.kind != RoundKind.RELEASE:
                fields |= {"state": RoundState.INFORMED, "ended_at": now}
        if locked.state == RoundState.READ and fields["state"] == RoundState.DELIVERED:
            return locked
        events.change(locked, str(fields["state"]), actor_id=None, now=now, fields=fields)
    return locked


def read_rounds(demand: Demand, *, acting_user: User, now: dt.datetime) -> int:
    """The person opened the demand: what was on its way to them is read. Returns how many."""
    waiting = Round.objects.filter(
        obligation__demand=demand, state__in=(RoundState.QUEUED, RoundState.DELIVERED)
    ).select_related("obligation__person__department__contact", "obligation__person__successor")
    rows = [row for row in waiting if recipient_of(row.obligation.person) == acting_user]
    for row in rows:
        advance_round(row, RoundState.READ, now=now)
    return len(rows)


def answer_round(
    row: Round, state: str, words: str = "", *, acting_user: User, now: dt.datetime
) -> Round:
    """ "It works" or "it doesn't, because …": ends the round and writes the ticket along.

    Not solved reopens the same demand, with the words as evidence credited to the person.
    """
    words = words.strip()
    if state not in (RoundState.CONFIRMED, RoundState.NOT_SOLVED):
        raise BadInput(
            Problem("answer", _("Say whether it works."), "confirmed, not_solved", state)
        )
    if state == RoundState.NOT_SOLVED and not words:
        raise BadInput(Problem("words", _("Say what does not work."), _("One sentence is enough.")))
    with transaction.atomic():
        locked = _take_question(row, acting_user)
        _end(locked, state, words, actor_id=acting_user.pk, now=now)
        person = locked.obligation.person
        if state == RoundState.CONFIRMED:
            _confirm_tickets(locked.obligation.demand, person, acting_user, now)
        else:
            _reopen_tickets(locked.obligation.demand, person, words, acting_user, now)
            not_solved(locked.obligation.demand, person, words, acting_user=acting_user, now=now)
    return locked


def _take_question(row: Round, user: User) -> Round:
    events.lock(Round, row.pk)
    locked = Round.objects.select_related(
        "obligation__demand", "obligation__person__department__contact",
        "obligation__person__successor",
    ).get(pk=row.pk)  # fmt: skip
    person = locked.obligation.person
    if user.pk != person.pk and recipient_of(person) != user:
        raise NotAllowed(
            Problem("", _("This question was asked of somebody else."), _("Only they answer it."))
        )
    if locked.kind != RoundKind.RELEASE or locked.ended_at is not None:
        raise WrongState(
            Problem(
                "state", _("This question is answered or over."), _("Reload the page."),
                str(RoundState(locked.state).label),
            )
        )  # fmt: skip
    return locked


def _end(row: Round, state: str, words: str, *, actor_id: int | None, now: dt.datetime) -> None:
    fields: dict[str, Any] = {"state": state, "ended_at": now, "answer": words}
    for name in ("delivered_at", "read_at"):
        # Who answers has read it; who let it expire may never have seen it.
        if getattr(row, name) is None and state != RoundState.EXPIRED:
            fields[name] = now
    events.change(row, state, actor_id=actor_id, now=now, fields=fields)


def _confirm_tickets(demand: Demand, person: User, user: User, now: dt.datetime) -> None:
    for ticket in driven_tickets(demand, person):
        if ticket.status == Status.RESOLVED and ticket.requester_id == user.pk:
            confirm_ticket(ticket, acting_user=user, now=now)


def _reopen_tickets(demand: Demand, person: User, words: str, user: User, now: dt.datetime) -> None:
    for ticket in driven_tickets(demand, person):
        if ticket.status in (Status.RESOLVED, Status.CLOSED):
            acting = user if ticket.requester_id == user.pk else None
            reopen_ticket(ticket, words, acting_user=acting, now=now)


def not_solved(
    demand: Demand, person: User, words: str, *, acting_user: User | None, now: dt.datetime
) -> None:
    """Reopen the demand with the evidence; part of the caller's transaction."""
    locked = events.lock(Demand, demand.pk)
    FeedbackItem.objects.create(
        product=locked.product,
        module=locked.module,
        person=person,
        department=person.department,
        source=FeedbackSource.FORM,
        words=words,
        importance=2,
        demand=locked,
        created_by=acting_user or person,
        created_at=now,
    )
    if locked.status not in (DemandStatus.RELEASED, DemandStatus.CLOSED):
        return
    events.change(
        locked, "reopen", actor_id=acting_user.pk if acting_user else None, now=now,
        fields={
            "status": DemandStatus.IN_DEVELOPMENT,
            "release_id": None,
            "released_at": None,
            "verified_by_id": None,
            "verified_at": None,
            "reopened_times": locked.reopened_times + 1,
        },
    )  # fmt: skip
    # Only tickets that are open again wait for the next release; a confirmed one stays verified.
    for ticket in Ticket.objects.filter(driver=locked.ref).unresolved():
        set_driver_state(ticket, locked.ref, DriverState.PENDING, acting_user=None, now=now)


def answer_from_ticket(ticket: Ticket, state: str, words: str, *, now: dt.datetime) -> Round | None:
    """The ticket was confirmed, reopened or closed by silence: the round of its person follows.

    Does nothing when the round is over already (the answer came through the demand).
    """
    row = Round.objects.filter(
        obligation__demand__in=Demand.objects.filter(pk=_demand_pk(ticket.driver)),
        obligation__person_id=ticket.requester_id,
        kind=RoundKind.RELEASE,
        ended_at__isnull=True,
    ).first()  # fmt: skip
    if row is None:
        if state == RoundState.NOT_SOLVED:
            _came_back(ticket, words, now)
        return None
    with transaction.atomic():
        locked = events.lock(Round, row.pk)
        if locked.ended_at is not None:
            return locked
        _end(locked, state, words, actor_id=ticket.requester_id, now=now)
        if state == RoundState.NOT_SOLVED:
            demand = locked.obligation.demand
            not_solved(demand, ticket.requester, words, acting_user=ticket.requester, now=now)
    return locked


def _came_back(ticket: Ticket, words: str, now: dt.datetime) -> None:
    """Confirmed or closed by silence, and reopened later: the round is over and stays what it was,
    the demand opens again with the evidence.
    """
    with transaction.atomic():
        demand = Demand.objects.filter(pk=_demand_pk(ticket.driver)).first()
        if demand is None:
            return
        locked = events.lock(Demand, demand.pk)
        if locked.status in (DemandStatus.RELEASED, DemandStatus.CLOSED):
            not_solved(locked, ticket.requester, words, acting_user=ticket.requester, now=now)


def _demand_pk(ref: str) -> int:
    digits = ref.removeprefix("D-")
    return int(digits) if digits.isdigit() else 0


def expire_round(row: Round, *, now: dt.datetime) -> Round:
    """Nobody answered within the working days: over, and never counted as confirmed."""
    with transaction.atomic():
        locked = events.lock(Round, row.pk)
        if locked.ended_at is None and locked.kind == RoundKind.RELEASE:
            _end(locked, RoundState.EXPIRED, "", actor_id=None, now=now)
    return locked


def owe_for_feedback(item: FeedbackItem, *, acting_user: User, now: dt.datetime) -> None:
    """Whoever's words were added to a demand is owed word on it."""
    if item.demand is None:
        return
    reason = ObligationReason.TICKET if item.ticket_id else ObligationReason.ASKED
    owe(item.demand, item.person, reason, acting_user=acting_user, now=now)
