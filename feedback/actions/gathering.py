"""Demands and the words behind them: open one, add what somebody said, let it drive a ticket."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module, Product
from core import events
from core.changes import checked_text
from core.errors import BadInput, Problem
from core.searchkey import search_key
from feedback.actions.answering import recur, standing_demand
from feedback.actions.deciding import move_later
from feedback.actions.owing import owe_for_feedback
from feedback.actions.saying import keep_words
from feedback.choices import (
    DemandKind,
    DemandStatus,
    FeedbackSource,
    Initiator,
    ObligationReason,
)
from feedback.models import Demand, FeedbackItem
from feedback.policies import coverage_of, driver_state_of, require_staff
from tickets.actions import drive_same_here, drive_ticket, edit_ticket
from tickets.choices import DriverState, Family, SameHereState
from tickets.models import SameHere, Ticket

WEEK_HOURS = 168


@dataclass
class DemandDraft:
    """What a new demand starts from."""

    title: str
    product: Product
    problem: str = ""
    proposal: str = ""
    kind: str = DemandKind.IMPROVEMENT
    initiated_by: str = Initiator.BUSINESS
    module: Module | None = None
    product_owner: User | None = None
    source: str = ""
    proposer: User | None = None
    priority: int | None = None
    effort: Decimal | None = None
    wanted_on: dt.date | None = None


def create_demand(draft: DemandDraft, *, acting_user: User, now: dt.datetime) -> Demand:
    """A new demand of a product, collected."""
    title = checked_text("title", draft.title, maximum=160)
    require_staff(draft.product.pk, acting_user)
    for field, value, known in (
        ("kind", draft.kind, DemandKind),
        ("initiated_by", draft.initiated_by, Initiator),
    ):
        if value not in known.values:
            raise BadInput(
                Problem(
                    field, _("This value is not one of the choices."),
                    ", ".join(str(label) for label in known.labels), value,
                )
            )  # fmt: skip
    if draft.module is not None and draft.module.product_id != draft.product.pk:
        raise BadInput(
            Problem(
                "module", _("This module belongs to another product."),
                _("Choose a module of the demand's product."), draft.module.name,
            )
        )  # fmt: skip
    demand = Demand(
        title=title,
        problem=draft.problem.strip(),
        proposal=draft.proposal.strip(),
        kind=draft.kind,
        initiated_by=draft.initiated_by,
        product=draft.product,
        module=draft.module,
        product_owner=draft.product_owner or draft.product.owner,
        source=draft.source,
        proposer=draft.proposer,
        priority=draft.priority,
        effort=draft.effort,
        wanted_on=draft.wanted_on,
        created_at=now,
        created_by=acting_user,
    )
    with transaction.atomic():
        events.create(demand, "create", actor_id=acting_user.pk, now=now)
        key = search_key(demand.ref, title, demand.problem, demand.proposal)
        Demand.objects.filter(pk=demand.pk).update(search_key=key)
    return demand


def add_feedback(
    *,
    product: Product,
    person: User,
    words: str,
    source: str,
    importance: int = 1,
    hours_per_week: Decimal | None = None,
    module: Module | None = None,
    ticket: Ticket | None = None,
    demand: Demand | None = None,
    reason: str = "",
    acting_user: User,
    now: dt.datetime,
) -> FeedbackItem:
    """Verbatim words of one person; with a demand they are owed word on it.

    `reason` says why they are owed when it is neither a ticket nor that they asked. Words for a
    demand that was merged go to the one it goes on in.
    """
    words = checked_text("words", words)
    if person != acting_user:
        require_staff(product.pk, acting_user)
    if not 0 <= importance <= 3:
        raise BadInput(
            Problem("importance", _("Importance goes from 0 to 3."), "0–3", str(importance))
        )
    if hours_per_week is not None and not 0 <= hours_per_week <= WEEK_HOURS:
        raise BadInput(
            Problem(
                "hours_per_week", _("A week has 168 hours."), _("Write a number like 2.5."),
                str(hours_per_week),
            )
        )  # fmt: skip
    if source not in FeedbackSource.values:
        raise BadInput(
            Problem(
                "source", _("This value is not one of the choices."),
                ", ".join(str(label) for label in FeedbackSource.labels), source,
            )
        )  # fmt: skip
    if reason and reason not in ObligationReason.values:
        raise BadInput(
            Problem(
                "reason", _("This value is not one of the choices."),
                ", ".join(str(label) for label in ObligationReason.labels), reason,
            )
        )  # fmt: skip
    with transaction.atomic():
        if demand is not None:
            demand = events.lock(Demand, standing_demand(demand).pk)
        item = keep_words(
            words, person, product=product, module=module, source=source, importance=importance,
            hours_per_week=hours_per_week, ticket=ticket, demand=demand, acting_user=acting_user,
            now=now,
        )  # fmt: skip
        owe_for_feedback(item, reason=reason, acting_user=acting_user, now=now)
        if demand is not None:
            events.change(
                demand, "feedback", actor_id=acting_user.pk, now=now,
                data={"feedback_id": item.pk, "person_id": person.pk},
            )  # fmt: skip
    return item


_OVER = (DemandStatus.MERGED, DemandStatus.CLOSED, DemandStatus.DECLINED)


def drive_by_demand(
    ticket: Ticket,
    demand: Demand,
    words: str,
    *,
    importance: int = 1,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """转 L4: the demand drives the ticket; the quote is credited to its requester, who is owed.

    A released defect that the ticket met again is open again with it (a recurrence).
    """
    words = checked_text("words", words)
    if ticket.product_id != demand.product_id:
        raise BadInput(
            Problem(
                "demand", _("This demand belongs to another product."),
                _("Choose a demand of the ticket's product."), demand.ref,
            )
        )  # fmt: skip
    with transaction.atomic():
        demand = events.lock(Demand, demand.pk)
        _require_open(demand)
        if ticket.family == Family.REQUEST and not ticket.quote:
            ticket = edit_ticket(
                ticket, {"quote": words}, acting_user=acting_user, now=now,
                seen_version=seen_version,
            )  # fmt: skip
            seen_version = None
        recur(demand, ticket.requester, acting_user=acting_user, now=now)
        row = drive_ticket(
            ticket, demand.ref, acting_user=acting_user, now=now, seen_version=seen_version
        )
        if demand.status in (DemandStatus.RELEASED, DemandStatus.CLOSED):
            _bring_to_date(row, demand, now)
        take_voices(row, demand, now=now)
        # A ticket that was returned and comes back to its demand has its words there already.
        if not FeedbackItem.objects.filter(ticket=row, demand=demand).exists():
            add_feedback(
                product=demand.product,
                person=row.requester,
                words=words,
                source=FeedbackSource.TICKET,
                importance=importance,
                module=row.module,
                ticket=row,
                demand=demand,
                acting_user=acting_user,
                now=now,
            )
    return row


def _require_open(demand: Demand) -> None:
    """A ticket on hold for a declined demand would wait for ever; a closed defect opens again."""
    met_again = demand.status == DemandStatus.CLOSED and demand.kind == DemandKind.DEFECT
    if demand.status in _OVER and not met_again:
        raise BadInput(
            Problem(
                "demand", _("This demand is over."), _("Choose another one, or open a new one."),
                demand.ref,
            )
        )  # fmt: skip


def _bring_to_date(ticket: Ticket, demand: Demand, now: dt.datetime) -> None:
    """It was released before this ticket came: there is nothing to wait for, or the roll-out."""
    covered = coverage_of(demand.release, timezone.localdate(now)).covers(ticket.requester)
    state = driver_state_of(demand)
    verified = state == DriverState.VERIFIED
    move_later(
        ticket, demand, state if covered or not verified else DriverState.RELEASED,
        key=f"late:{ticket.version}:ticket:{ticket.pk}", resolve=verified and covered, now=now,
    )  # fmt: skip


# ---- same here ----------------------------------------------------------------------------------


def take_voices(ticket: Ticket, demand: Demand, *, now: dt.datetime) -> int:
    """Everybody who said "same here" of the ticket, or of its cause, is owed word on the demand.

    Part of the transaction that lets the demand drive the ticket. Returns how many.
    """
    about = Q(ticket=ticket)
    if ticket.cause_id is not None:
        about |= Q(cause=ticket.cause_id)
    waiting = SameHere.objects.filter(about, state=SameHereState.WAITING, driver="")
    return sum(take_voice(row, demand, now=now) for row in waiting.order_by("pk"))


def take_voice(row: SameHere, demand: Demand, *, now: dt.datetime) -> bool:
    """One voice goes to a demand with its words; a second time does nothing."""
    with transaction.atomic():
        locked = events.lock(SameHere, row.pk)
        if locked.driver or locked.state != SameHereState.WAITING:
            return False
        add_feedback(
            product=demand.product, person=locked.person, words=locked.words,
            source=FeedbackSource.FORM, module=demand.module, demand=demand,
            reason=ObligationReason.SAME_HERE, acting_user=locked.person, now=now,
        )  # fmt: skip
        drive_same_here(locked, demand.ref, now=now)
    return True
