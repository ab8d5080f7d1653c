"""The answers: it works, it does not, silence; and a released defect that came back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.errors import BadInput, NotAllowed, Problem, Refused
from feedback.access import driven_tickets, recipient_of
from feedback.actions.owing import REOPENED, end_untold, owe_for_feedback
from feedback.actions.saying import keep_words
from feedback.actions.telling import take_round
from feedback.actions.voices import confirm_voices
from feedback.choices import DemandKind, DemandStatus, FeedbackSource, RoundKind, RoundState
from feedback.errors import WrongState
from feedback.models import Demand, Round
from feedback.policies import coverage_of
from tickets.actions import auto_confirm_ticket, confirm_ticket, reopen_ticket, set_driver_state
from tickets.choices import DriverState, Status
from tickets.models import Ticket

_IS_LIVE = (DemandStatus.RELEASED, DemandStatus.CLOSED)


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
        demand, person = standing_demand(locked.obligation.demand), locked.obligation.person
        if state == RoundState.CONFIRMED:
            _confirm_tickets(demand, person, acting_user, now)
            confirm_voices(locked, now=now)
        else:
            _reopen_tickets(demand, person, words, acting_user, now)
            not_solved(demand, person, words, acting_user=acting_user, now=now)
    return locked


def standing_demand(demand: Demand) -> Demand:
    """The demand itself, or the one it goes on in."""
    while demand.merged_into is not None:
        demand = demand.merged_into
    return demand


def _take_question(row: Round, user: User) -> Round:
    locked = take_round(row)
    person = locked.obligation.person
    if user.pk != person.pk and recipient_of(person) != user:
        raise NotAllowed(
            Problem("", _("This question was asked of somebody else."), _("Only they answer it."))
        )
    is_open = locked.queued_at is not None and locked.ended_at is None
    if locked.kind != RoundKind.RELEASE or not is_open:
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
    keep_evidence(locked, person, words, acting_user=acting_user or person, now=now)
    if locked.status in _IS_LIVE:
        reopen(
            locked, "reopen", {"reopened_times": locked.reopened_times + 1},
            acting_user=acting_user, now=now,
        )  # fmt: skip


def keep_evidence(
    demand: Demand, person: User, words: str, *, acting_user: User, now: dt.datetime
) -> None:
    """Their words about what is wrong stand with the demand; they are owed word on it."""
    item = keep_words(
        words, person, product=demand.product, module=demand.module, source=FeedbackSource.FORM,
        importance=2, demand=demand, acting_user=acting_user, now=now,
    )  # fmt: skip
    owe_for_feedback(item, acting_user=acting_user, now=now)


def reopen(
    demand: Demand,
    verb: str,
    fields: dict[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    data: dict[str, Any] | None = None,
) -> None:
    """Back into development on the locked demand: out of its release, and nobody verified it."""
    actor_id = acting_user.pk if acting_user else None
    events.change(
        demand, verb, actor_id=actor_id, now=now, data=data,
        fields={
            "status": DemandStatus.IN_DEVELOPMENT, "release_id": None, "released_at": None,
            "verified_by_id": None, "verified_at": None, **fields,
        },
    )  # fmt: skip
    # Whom the roll-out had not reached yet hears of the next release instead.
    for row in Round.objects.about(demand).filter(state=RoundState.OWED, ended_at__isnull=True):
        end_untold(row, RoundState.WAIVED, REOPENED, actor_id=actor_id, now=now)
    # Only tickets that are open again wait for the next release; a confirmed one stays verified.
    for ticket in Ticket.objects.filter(driver=demand.ref).unresolved():
        set_driver_state(ticket, demand.ref, DriverState.PENDING, acting_user=None, now=now)


def recur(demand: Demand, person: User, *, acting_user: User | None, now: dt.datetime) -> bool:
    """A released defect is met again by somebody who has the release: it is open again.

    Whom a release in part has not reached meets the old defect, which is no recurrence. On the
    locked demand, in the caller's transaction; returns whether it was reopened.
    """
    if demand.kind != DemandKind.DEFECT or demand.status not in _IS_LIVE:
        return False
    if not coverage_of(demand.release, timezone.localdate(now)).covers(person):
        return False
    reopen(
        demand, "recur", {"recurred_times": demand.recurred_times + 1},
        acting_user=acting_user, now=now,
    )  # fmt: skip
    return True


def answer_from_ticket(ticket: Ticket, state: str, words: str, *, now: dt.datetime) -> Round | None:
    """The ticket was confirmed, reopened or closed by silence: the round of its person follows.

    Does nothing when the round is over already (the answer came through the demand).
    """
    demand = Demand.objects.filter(pk=_demand_pk(ticket.driver)).first()
    if demand is None:
        return None
    demand = standing_demand(demand)
    row = Round.objects.about(demand).questions().filter(
        obligation__person_id=ticket.requester_id
    ).first()  # fmt: skip
    if row is None:
        if state == RoundState.NOT_SOLVED:
            _came_back(demand, ticket, words, now)
        return None
    with transaction.atomic():
        locked = take_round(row)
        if locked.ended_at is not None:
            return locked
        _end(locked, state, words, actor_id=ticket.requester_id, now=now)
        if state == RoundState.CONFIRMED:
            confirm_voices(locked, now=now)
        if state == RoundState.NOT_SOLVED:
            not_solved(demand, ticket.requester, words, acting_user=ticket.requester, now=now)
    return locked


def _came_back(demand: Demand, ticket: Ticket, words: str, now: dt.datetime) -> None:
    """Confirmed or closed by silence, and reopened later: the round is over and stays what it was,
    the demand opens again with the evidence.
    """
    with transaction.atomic():
        locked = events.lock(Demand, demand.pk)
        if locked.status in _IS_LIVE:
            not_solved(locked, ticket.requester, words, acting_user=ticket.requester, now=now)


def _demand_pk(ref: str) -> int:
    digits = ref.removeprefix("D-")
    return int(digits) if digits.isdecimal() else 0


def expire_round(row: Round, *, now: dt.datetime) -> Round:
    """Nobody answered within the working days: over, and never counted as confirmed.

    The person's tickets that waited for the answer close with it, in the same transaction.
    """
    with transaction.atomic():
        locked = take_round(row)
        asks = locked.kind == RoundKind.RELEASE and locked.queued_at is not None
        if locked.ended_at is not None or not asks:
            return locked
        _end(locked, RoundState.EXPIRED, "", actor_id=None, now=now)
        demand = standing_demand(locked.obligation.demand)
        for ticket in driven_tickets(demand, locked.obligation.person):
            if ticket.status == Status.RESOLVED:
                close_silently(ticket, now)
    return locked


def close_silently(ticket: Ticket, now: dt.datetime) -> bool:
    """Close one ticket whose demand asked its requester and heard nothing."""
    try:
        auto_confirm_ticket(ticket, now=now, announced_elsewhere=True)
    except Refused:
        # Its requester has written since and is owed an answer; theirs counts.
        return False
    return True
