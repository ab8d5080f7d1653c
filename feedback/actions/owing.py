"""Obligations and their rounds: who is owed word, by whom it is heard, and what is on its way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import User
from core import events, live, outbox
from core.models import Notice, OutboxRow
from feedback.access import driven_tickets, recipient_of
from feedback.choices import (
    DemandStatus,
    ObligationReason,
    RoundKind,
    RoundState,
)
from feedback.models import Demand, FeedbackItem, Obligation, Release, Round
from feedback.policies import Coverage, coverage_of
from tickets.actions import take_question

#: Statuses whose word a person who joins later is still owed.
_DECIDED = (
    DemandStatus.ACCEPTED, DemandStatus.DECLINED, DemandStatus.DEFERRED, DemandStatus.SCHEDULED,
    DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING,
)  # fmt: skip
REMINDER = "demand.reminder"
#: Notices that ask; beyond their own tickets a person is sent one question a week.
_QUESTIONS = frozenset({"demand.release", REMINDER})
#: Why a round was waived or could not be delivered (`Round.reason`).
LEFT, NO_ACCOUNT, ACCOUNT_OFF = "left", "no account", "account off"
ROLLED_BACK, REOPENED, BOUNCED = "rolled back", "reopened", "mail bounced"


def owe(
    demand: Demand, person: User, reason: str, *, acting_user: User, now: dt.datetime
) -> Obligation:
    """This person is owed word on this demand: one obligation, however often they ask.

    Who joins a demand that was decided or released already is owed that word at once.
    """
    existing = Obligation.objects.standing().filter(demand=demand, person=person).first()
    if existing is not None:
        return existing
    row = Obligation(demand=demand, person=person, reason=reason, created_at=now)
    events.create(row, "owe", actor_id=acting_user.pk, now=now)
    if demand.status in _DECIDED:
        open_round(row, RoundKind.DECISION, acting_user=acting_user, now=now)
    elif demand.release is not None and demand.verified_at is not None:
        open_round(row, RoundKind.RELEASE, release=demand.release, acting_user=acting_user, now=now)
    return row


def owe_for_feedback(
    item: FeedbackItem, *, reason: str = "", acting_user: User, now: dt.datetime
) -> None:
    """Whoever's words were added to a demand is owed word on it."""
    if item.demand is None:
        return
    because = reason or (ObligationReason.TICKET if item.ticket_id else ObligationReason.ASKED)
    owe(item.demand, item.person, because, acting_user=acting_user, now=now)


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
    obligations = (
        demand.obligations.standing()
        .select_related("person__department__contact", "person__successor")
        .order_by("pk")
    )
    coverage = coverage_of(release, timezone.localdate(now))
    return [
        open_round(
            obligation, kind, release=release, reason=reason, acting_user=acting_user, now=now,
            coverage=coverage,
        )
        for obligation in obligations
    ]  # fmt: skip


def open_round(
    obligation: Obligation,
    kind: str,
    *,
    release: Release | None = None,
    reason: str = "",
    acting_user: User | None,
    now: dt.datetime,
    coverage: Coverage | None = None,
    more: dict[str, Any] | None = None,
) -> Round:
    """One thing to tell one person: queued at once, waived for who left with nobody to hear.

    A release in part is due only to whom it covers; everybody else's round stays owed until it
    reaches them. `more` are further parameters of the notice.
    """
    existing = _release_round(obligation, kind, release)
    if existing is not None:
        return existing
    row = Round(obligation=obligation, kind=kind, release=release, opened_at=now)
    actor_id = acting_user.pk if acting_user else None
    events.create(row, "open", actor_id=actor_id, now=now)
    if kind == RoundKind.RELEASE:
        coverage = coverage or coverage_of(release, timezone.localdate(now))
        if not coverage.covers(obligation.person):
            return row
    send_round(row, reason=reason, actor_id=actor_id, now=now, more=more)
    return row


def _release_round(obligation: Obligation, kind: str, release: Release | None) -> Round | None:
    if kind != RoundKind.RELEASE:
        return None
    return Round.objects.filter(obligation=obligation, kind=kind, release=release).first()


def send_round(
    row: Round,
    *,
    reason: str = "",
    actor_id: int | None,
    now: dt.datetime,
    more: dict[str, Any] | None = None,
) -> None:
    """Put a round on its way to whoever hears it, or end it when nobody does."""
    recipient = recipient_of(row.obligation.person)
    if recipient is None:
        state, why = _not_told(row.obligation.person)
        end_untold(row, state, why, actor_id=actor_id, now=now)
        return
    lead = _card_of(row, recipient)
    is_along = lead is not None and _ask_along(lead, row)
    events.change(
        row, "queue", actor_id=actor_id, now=now,
        fields={
            "state": RoundState.QUEUED, "queued_at": now, "told_to_id": recipient.pk,
            "delivered_at": None, "read_at": None,
            "asked_with_id": lead.pk if lead is not None and is_along else None,
        },
    )  # fmt: skip
    if is_along:
        return
    _notify(row, recipient, f"demand.{row.kind}", f"round:{row.pk}", now, reason, more or {})


def remind(row: Round, *, now: dt.datetime) -> None:
    """Ask once more; part of the caller's transaction, on the locked round."""
    recipient = recipient_of(row.obligation.person)
    number = row.reminders + 1
    events.change(row, "remind", actor_id=None, now=now, fields={"reminders": number})
    if recipient is not None:
        key = f"round:{row.pk}:reminder:{number}"
        _notify(row, recipient, REMINDER, key, now, "", {})


def end_untold(row: Round, state: str, why: str, *, actor_id: int | None, now: dt.datetime) -> None:
    """The round ends and nobody is told: waived, or not to be reached, and why."""
    events.change(
        row, "waive", actor_id=actor_id, now=now,
        fields={"state": state, "reason": why, "ended_at": now},
    )  # fmt: skip


def take_back(row: Round, *, now: dt.datetime) -> None:
    """Stop what is still on its way of a round, in the inbox too while nobody has seen it."""
    prefix = f"round:{row.pk}:"
    outbox.withdraw(prefix, now=now)
    unseen = Notice.objects.filter(key__startswith=prefix, seen_at__isnull=True)
    for recipient in set(unseen.values_list("recipient_id", flat=True)):
        live.changed(f"inbox:{recipient}")
    unseen.delete()


def was_told(row: Round) -> bool:
    """Whether the word reached the person, or left the house for them by mail or chat."""
    if row.delivered_at is not None:
        return True
    return OutboxRow.objects.filter(
        key__startswith=f"round:{row.asked_with_id or row.pk}:", kind__in=outbox.OUTSIDE,
        done_at__isnull=False, last_error="",
    ).exists()  # fmt: skip


def _not_told(person: User) -> tuple[str, str]:
    """Who left with nobody to hear is waived (离职); an account that is off cannot be reached."""
    if person.imported:
        return RoundState.UNREACHABLE, NO_ACCOUNT
    if person.left_on is not None:
        return RoundState.WAIVED, LEFT
    return RoundState.UNREACHABLE, ACCOUNT_OFF


def _card_of(row: Round, recipient: User) -> Round | None:
    """The question of the same release that is on its way to them and that nobody has seen yet:
    one person is asked once about one release, and answers both on one card.
    """
    if row.kind != RoundKind.RELEASE or row.release_id is None:
        return None
    on_their_way = Round.objects.questions().filter(
        release_id=row.release_id, told_to=recipient, state=RoundState.QUEUED,
        asked_with__isnull=True,
    )  # fmt: skip
    return on_their_way.exclude(pk=row.pk).order_by("pk").first()


def _ask_along(lead: Round, row: Round) -> bool:
    """Name the demand in the notice of `lead` too. False when that was seen, or sent by mail."""
    demand = row.obligation.demand
    also = {"ref": demand.ref, "title": demand.title}
    key = f"round:{lead.pk}:{lead.told_to_id}"
    for waiting in OutboxRow.objects.select_for_update().filter(
        key=key, done_at__isnull=True, claimed_until__isnull=True
    ):
        waiting.payload["params"].setdefault("also", []).append(also)
        waiting.save(update_fields=["payload"])
        return True
    if OutboxRow.objects.filter(
        key__startswith=f"round:{lead.pk}:", kind__in=outbox.OUTSIDE
    ).exists():
        return False
    for notice in Notice.objects.select_for_update().filter(key=key, seen_at__isnull=True):
        notice.params.setdefault("also", []).append(also)
        notice.save(update_fields=["params"])
        return True
    return False


def _notify(
    row: Round,
    recipient: User,
    kind: str,
    key: str,
    now: dt.datetime,
    reason: str,
    more: dict[str, Any],
) -> None:
    demand = row.obligation.demand
    tickets = driven_tickets(demand, row.obligation.person)
    params: dict[str, Any] = {
        "ref": demand.ref,
        "demand_id": demand.pk,
        "title": demand.title,
        "status": demand.status,
        "reason": reason,
        "planned_on": demand.planned_on,
        "ticket_id": tickets[-1].pk if tickets and recipient == row.obligation.person else None,
        "release": row.release.name if row.release is not None else "",
        **more,
    }
    if kind in _QUESTIONS and params["ticket_id"] is None:
        # What is live is told in any case; asked they are once a week, and find the rest at home.
        key_of_week = f"release:{row.release_id or row.pk}"
        params["asks"] = take_question(recipient, key_of_week, now=now)
        if kind == REMINDER and not params["asks"]:
            return
    outbox.notify(
        recipient.pk, kind, params, key=key, now=now, subject=Round.SUBJECT, subject_id=row.pk
    )
