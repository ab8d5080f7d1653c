"""A demand's life: open, gather words, decide, develop, test, review."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module, Product
from core import events, outbox
from core.changes import checked_text
from core.errors import BadInput, NotAllowed, Problem
from core.models import Event
from core.searchkey import search_key
from feedback.actions.telling import open_rounds, owe_for_feedback
from feedback.choices import (
    DemandKind,
    DemandStatus,
    FeedbackSource,
    Initiator,
    RoundKind,
)
from feedback.models import Demand, FeedbackItem, Obligation
from feedback.policies import require_move, require_staff, require_steer
from tickets.actions import drive_ticket, edit_ticket
from tickets.choices import DriverState, Family
from tickets.models import Ticket

DEFER_DAYS = 90


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
    module: Module | None = None,
    ticket: Ticket | None = None,
    demand: Demand | None = None,
    acting_user: User,
    now: dt.datetime,
) -> FeedbackItem:
    """Verbatim words of one person; with a demand they are owed word on it."""
    words = checked_text("words", words)
    if person != acting_user:
        require_staff(product.pk, acting_user)
    if not 0 <= importance <= 3:
        raise BadInput(
            Problem("importance", _("Importance goes from 0 to 3."), "0–3", str(importance))
        )
    if source not in FeedbackSource.values:
        raise BadInput(
            Problem(
                "source", _("This value is not one of the choices."),
                ", ".join(str(label) for label in FeedbackSource.labels), source,
            )
        )  # fmt: skip
    with transaction.atomic():
        if demand is not None:
            demand = events.lock(Demand, demand.pk)
        item = FeedbackItem.objects.create(
            product=product,
            module=module,
            person=person,
            department=person.department,
            source=source,
            words=words,
            importance=importance,
            ticket=ticket,
            demand=demand,
            created_by=acting_user,
            created_at=now,
        )
        owe_for_feedback(item, acting_user=acting_user, now=now)
        if demand is not None:
            events.change(
                demand, "feedback", actor_id=acting_user.pk, now=now,
                data={"feedback_id": item.pk, "person_id": person.pk},
            )  # fmt: skip
    return item


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
    """转 L4: the demand drives the ticket; the quote is credited to its requester, who is owed."""
    words = checked_text("words", words)
    if ticket.product_id != demand.product_id:
        raise BadInput(
            Problem(
                "demand", _("This demand belongs to another product."),
                _("Choose a demand of the ticket's product."), demand.ref,
            )
        )  # fmt: skip
    # A ticket on hold for a declined demand would wait for ever.
    if demand.status in (DemandStatus.MERGED, DemandStatus.CLOSED, DemandStatus.DECLINED):
        raise BadInput(
            Problem(
                "demand", _("This demand is over."), _("Choose another one, or open a new one."),
                demand.ref,
            )
        )  # fmt: skip
    with transaction.atomic():
        if ticket.family == Family.REQUEST and not ticket.quote:
            ticket = edit_ticket(
                ticket, {"quote": words}, acting_user=acting_user, now=now,
                seen_version=seen_version,
            )  # fmt: skip
            seen_version = None
        row = drive_ticket(
            ticket, demand.ref, acting_user=acting_user, now=now, seen_version=seen_version
        )
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


def take_demand(demand: Demand, user: User, status: str | None, seen_version: int | None) -> Demand:
    """The demand, locked, after the guards: may they steer it, and does the table allow it."""
    locked = events.lock(Demand, demand.pk)
    require_steer(locked, user)
    events.check_unchanged(locked, seen_version, {"status", "planned_on"})
    if status is not None:
        require_move(locked, status)
    return locked


def move(
    demand: Demand, verb: str, status: str, *, user: User, now: dt.datetime, **fields: Any
) -> Event:
    """Record a move on a guarded row; part of the caller's transaction."""
    return events.change(
        demand, verb, actor_id=user.pk, now=now, fields={"status": status, **fields}
    )


def tell_tickets(
    demand: Demand,
    state: str,
    event: Event,
    *,
    now: dt.datetime,
    resolve: bool = False,
    reopen: str = "",
) -> None:
    """One job per driven ticket: their state follows, each in a transaction of its own."""
    for pk in Ticket.objects.filter(driver=demand.ref).values_list("pk", flat=True):
        outbox.job(
            "feedback.move_ticket",
            {
                "ticket_id": pk,
                "driver": demand.ref,
                "state": state,
                "promised_on": demand.planned_on,
                "resolve": resolve,
                "reopen": reopen,
            },
            key=f"job:demand:{demand.pk}:{event.version}:ticket:{pk}",
            now=now,
        )


def evaluate_demand(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """Take a collected, deferred or (by appeal) declined demand into evaluation."""
    with transaction.atomic():
        row = take_demand(demand, acting_user, DemandStatus.EVALUATING, seen_version)
        move(row, "evaluate", DemandStatus.EVALUATING, user=acting_user, now=now,
             deferred_until=None)  # fmt: skip
    return row


def appeal_demand(demand: Demand, words: str, *, acting_user: User, now: dt.datetime) -> Demand:
    """Somebody who is owed word does not accept the decline (申诉): it is evaluated again."""
    words = checked_text("words", words)
    with transaction.atomic():
        row = events.lock(Demand, demand.pk)
        if not Obligation.objects.filter(demand=row, person=acting_user).exists():
            require_steer(row, acting_user)
        if row.status != DemandStatus.DECLINED:
            raise NotAllowed(
                Problem(
                    "status", _("Only a declined demand is appealed."), _("Write to its staff."),
                    str(DemandStatus(row.status).label),
                )
            )  # fmt: skip
        event = move(row, "appeal", DemandStatus.EVALUATING, user=acting_user, now=now)
        item = FeedbackItem.objects.create(
            product=row.product, module=row.module, person=acting_user,
            department=acting_user.department, source=FeedbackSource.FORM, words=words,
            importance=2, demand=row, created_by=acting_user, created_at=now,
        )  # fmt: skip
        # Staff who appeal have asked as well, and hear what becomes of it.
        owe_for_feedback(item, acting_user=acting_user, now=now)
        tell_tickets(row, DriverState.PENDING, event, now=now)
    return row


def accept_demand(
    demand: Demand,
    reason: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """It will be done; everyone owed is told, with the reason written for them."""
    return _decide(
        demand, "accept", DemandStatus.ACCEPTED, reason.strip(), None, acting_user, now,
        seen_version,
    )  # fmt: skip


def decline_demand(
    demand: Demand,
    reason: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """It will not be done, because …; its tickets come back to their holders."""
    reason = checked_text("reason", reason, maximum=2000)
    return _decide(
        demand, "decline", DemandStatus.DECLINED, reason, None, acting_user, now, seen_version
    )


def defer_demand(
    demand: Demand,
    until: dt.date,
    reason: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """Not now, looked at again on a day within 90 days, because …."""
    reason = checked_text("reason", reason, maximum=2000)
    today = timezone.localdate(now)
    if not today < until <= today + dt.timedelta(days=DEFER_DAYS):
        raise BadInput(
            Problem(
                "until", _("The day to look again must come within 90 days."),
                _("Choose a day from tomorrow on, at most 90 days away."), until.isoformat(),
            )
        )  # fmt: skip
    return _decide(
        demand, "defer", DemandStatus.DEFERRED, reason, until, acting_user, now, seen_version
    )


def _decide(
    demand: Demand,
    verb: str,
    status: str,
    reason: str,
    until: dt.date | None,
    user: User,
    now: dt.datetime,
    seen_version: int | None,
) -> Demand:
    with transaction.atomic():
        row = take_demand(demand, user, status, seen_version)
        event = move(
            row, verb, status, user=user, now=now, decision_reason=reason, deferred_until=until
        )
        open_rounds(row, RoundKind.DECISION, reason=reason, acting_user=user, now=now)
        if status == DemandStatus.DECLINED:
            tell_tickets(row, DriverState.DECLINED, event, now=now)
    return row


def schedule_demand(
    demand: Demand,
    planned_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """Give an accepted demand its date, or move the date of a running one; both are told."""
    if planned_on < timezone.localdate(now):
        raise BadInput(
            Problem(
                "planned_on", _("This date is in the past."), _("Give a date from today on."),
                planned_on.isoformat(),
            )
        )  # fmt: skip
    with transaction.atomic():
        row = take_demand(demand, acting_user, None, seen_version)
        if row.status not in (
            DemandStatus.SCHEDULED, DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING,
        ):  # fmt: skip
            require_move(row, DemandStatus.SCHEDULED)
            status: str = DemandStatus.SCHEDULED
        else:
            status = row.status
        if row.planned_on == planned_on and row.status == status:
            return row
        event = move(row, "schedule", status, user=acting_user, now=now, planned_on=planned_on)
        open_rounds(row, RoundKind.DATE_CHANGE, acting_user=acting_user, now=now)
        tell_tickets(row, DriverState.PENDING, event, now=now)
    return row


def start_development(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """Being built (also: back from testing)."""
    with transaction.atomic():
        row = take_demand(demand, acting_user, DemandStatus.IN_DEVELOPMENT, seen_version)
        move(row, "develop", DemandStatus.IN_DEVELOPMENT, user=acting_user, now=now)
    return row


def start_testing(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """Built, being tested."""
    with transaction.atomic():
        row = take_demand(demand, acting_user, DemandStatus.TESTING, seen_version)
        move(row, "test", DemandStatus.TESTING, user=acting_user, now=now)
    return row


def close_demand(
    demand: Demand,
    review: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """Close the loop with a dated review of what the release did (已闭环)."""
    review = checked_text("review", review)
    with transaction.atomic():
        row = take_demand(demand, acting_user, DemandStatus.CLOSED, seen_version)
        move(row, "close", DemandStatus.CLOSED, user=acting_user, now=now, review=review,
             reviewed_on=timezone.localdate(now))  # fmt: skip
    return row
