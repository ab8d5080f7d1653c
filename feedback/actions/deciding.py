"""A demand's life: decide, date, develop, test, review; and word to whoever waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.changes import checked_text
from core.errors import BadInput, Problem
from core.models import Event
from feedback.actions.owing import open_rounds, owe_for_feedback
from feedback.actions.saying import keep_words
from feedback.actions.voices import give_back_voices
from feedback.choices import DemandStatus, FeedbackSource, RoundKind
from feedback.models import Demand
from feedback.policies import MOVES, coverage_of, require, require_steer
from tickets.choices import DriverState
from tickets.models import Ticket

DEFER_DAYS = 90


def take_demand(demand: Demand, user: User, verb: str | None, seen_version: int | None) -> Demand:
    """The demand, locked, after the guards of the table of moves.

    `verb` None is for what is no move: only whether they steer the demand is asked.
    """
    locked = events.lock(Demand, demand.pk)
    if verb is None:
        require_steer(locked, user)
    events.check_unchanged(locked, seen_version, {"status", "planned_on"})
    if verb is not None:
        require(verb, locked, user)
    return locked


def move(demand: Demand, verb: str, *, user: User, now: dt.datetime, **fields: Any) -> Event:
    """Record a verb of the table on a guarded row; part of the caller's transaction."""
    to = MOVES[verb].to
    moved = {} if to is None else {"status": to}
    return events.change(demand, verb, actor_id=user.pk, now=now, fields={**moved, **fields})


def tell_tickets(
    demand: Demand,
    state: str,
    event: Event,
    *,
    now: dt.datetime,
    resolve: bool = False,
    reopen: str = "",
) -> None:
    """One job per driven ticket: their state follows, each in a transaction of its own.

    A ticket whose requester a release in part has not reached is told that it is released, and
    neither verified nor resolved.
    """
    coverage = coverage_of(demand.release, timezone.localdate(now))
    tickets = Ticket.objects.filter(driver=demand.ref).select_related("requester__department")
    for ticket in tickets.order_by("pk"):
        waits = state == DriverState.VERIFIED and not coverage.covers(ticket.requester)
        move_later(
            ticket, demand, DriverState.RELEASED if waits else state, now=now,
            key=f"{event.version}:ticket:{ticket.pk}", resolve=resolve and not waits, reopen=reopen,
        )  # fmt: skip


def move_later(
    ticket: Ticket,
    demand: Demand,
    state: str,
    *,
    key: str,
    now: dt.datetime,
    resolve: bool = False,
    reopen: str = "",
) -> None:
    """The job that brings one ticket to the state of its demand."""
    outbox.job(
        "feedback.move_ticket",
        {
            "ticket_id": ticket.pk, "driver": demand.ref, "state": state,
            "promised_on": demand.planned_on, "resolve": resolve, "reopen": reopen,
        },
        key=f"job:demand:{demand.pk}:{key}",
        now=now,
    )  # fmt: skip


def evaluate_demand(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """Take a collected or deferred demand into evaluation."""
    with transaction.atomic():
        row = take_demand(demand, acting_user, "evaluate", seen_version)
        move(row, "evaluate", user=acting_user, now=now, deferred_until=None)
    return row


def appeal_demand(
    demand: Demand,
    words: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """Somebody who is owed word does not accept the decline (申诉): it is evaluated again."""
    words = checked_text("words", words)
    with transaction.atomic():
        row = take_demand(demand, acting_user, "appeal", seen_version)
        event = move(row, "appeal", user=acting_user, now=now)
        item = keep_words(
            words, acting_user, product=row.product, module=row.module, importance=2, demand=row,
            source=FeedbackSource.FORM, acting_user=acting_user, now=now,
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
    return _decide(demand, "accept", reason.strip(), None, acting_user, now, seen_version)


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
    return _decide(demand, "decline", reason, None, acting_user, now, seen_version)


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
    return _decide(demand, "defer", reason, until, acting_user, now, seen_version)


def _decide(
    demand: Demand,
    verb: str,
    reason: str,
    until: dt.date | None,
    user: User,
    now: dt.datetime,
    seen_version: int | None,
) -> Demand:
    with transaction.atomic():
        row = take_demand(demand, user, verb, seen_version)
        event = move(row, verb, user=user, now=now, decision_reason=reason, deferred_until=until)
        open_rounds(row, RoundKind.DECISION, reason=reason, acting_user=user, now=now)
        if row.status == DemandStatus.DECLINED:
            tell_tickets(row, DriverState.DECLINED, event, now=now)
            give_back_voices(row, now=now)
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
        row = events.lock(Demand, demand.pk)
        verb = "date" if row.status in MOVES["date"].sources else "schedule"
        row = take_demand(demand, acting_user, verb, seen_version)
        if row.planned_on == planned_on and verb == "date":
            return row
        # The event is a schedule either way: history and figures tell a first date from a change.
        to = MOVES[verb].to or row.status
        event = events.change(
            row, "schedule", actor_id=acting_user.pk, now=now,
            fields={"status": to, "planned_on": planned_on},
        )  # fmt: skip
        open_rounds(row, RoundKind.DATE_CHANGE, acting_user=acting_user, now=now)
        tell_tickets(row, DriverState.PENDING, event, now=now)
    return row


def start_development(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """Being built (also: back from testing)."""
    with transaction.atomic():
        row = events.lock(Demand, demand.pk)
        verb = "back_to_development" if row.status == DemandStatus.TESTING else "develop"
        row = take_demand(demand, acting_user, verb, seen_version)
        events.change(
            row, "develop", actor_id=acting_user.pk, now=now,
            fields={"status": DemandStatus.IN_DEVELOPMENT},
        )  # fmt: skip
    return row


def start_testing(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """Built, being tested."""
    with transaction.atomic():
        row = take_demand(demand, acting_user, "test", seen_version)
        move(row, "test", user=acting_user, now=now)
    return row


def tell_progress(
    demand: Demand,
    words: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """Word to everybody owed on how it stands, when there is nothing else to tell for long."""
    words = checked_text("words", words, maximum=2000)
    with transaction.atomic():
        row = take_demand(demand, acting_user, "progress", seen_version)
        told = open_rounds(row, RoundKind.PROGRESS, reason=words, acting_user=acting_user, now=now)
        if not told:
            raise BadInput(
                Problem(
                    "words", _("Nobody is owed word on this demand."),
                    _("Add somebody's words first."), row.ref,
                )
            )  # fmt: skip
        events.change(
            row, "progress", actor_id=acting_user.pk, now=now,
            data={"words": words, "people": len(told)},
        )  # fmt: skip
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
        row = take_demand(demand, acting_user, "close", seen_version)
        move(row, "close", user=acting_user, now=now, review=review,
             reviewed_on=timezone.localdate(now))  # fmt: skip
    return row
