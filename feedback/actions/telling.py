"""What becomes of a word on its way: delivered, read, bounced, passed on, reminded of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import User
from core import events
from feedback.access import recipient_of
from feedback.actions.owing import BOUNCED, remind, send_round
from feedback.choices import RoundChannel, RoundKind, RoundState
from feedback.models import Demand, Round

#: A question is repeated so often, on working days 2 and 4.
REMINDERS = 2


def take_round(row: Round) -> Round:
    """The round, locked after its demand: every writer takes them in this order."""
    events.lock(Demand, row.obligation.demand_id)
    events.lock(Round, row.pk)
    return Round.objects.select_related(
        "release", "obligation__demand", "obligation__person__department__contact",
        "obligation__person__successor",
    ).get(pk=row.pk)  # fmt: skip


def advance_round(
    row: Round,
    state: str,
    *,
    now: dt.datetime,
    at: dt.datetime | None = None,
    channel: str = RoundChannel.APP,
) -> Round:
    """Delivered or read; a word that needs no answer ends as informed once it is read.

    `at` is when it arrived, when that is known later than it happened. A round whose mail came
    back counts as delivered after all when the person meets it in the app.
    """
    moment = at or now
    with transaction.atomic():
        locked = take_round(row)
        came_back = locked.state == RoundState.UNREACHABLE and locked.reason == BOUNCED
        if (locked.ended_at is not None and not came_back) or locked.state == state:
            return locked
        if locked.state == RoundState.READ and state == RoundState.DELIVERED:
            return locked
        fields: dict[str, Any] = {"state": RoundState.DELIVERED}
        if came_back:
            fields |= {"ended_at": None, "reason": ""}
        if locked.delivered_at is None:
            fields |= {"delivered_at": moment, "channel": channel}
        if state == RoundState.READ:
            fields |= {"state": RoundState.READ, "read_at": moment}
            if locked.kind != RoundKind.RELEASE:
                fields |= {"state": RoundState.INFORMED, "ended_at": moment}
        events.change(locked, str(fields["state"]), actor_id=None, now=now, fields=fields)
    return locked


def read_rounds(demand: Demand, *, acting_user: User, now: dt.datetime) -> int:
    """The person opened the demand: what was on its way to them is read. Returns how many."""
    waiting = (
        Round.objects.about(demand)
        .filter(
            state__in=(RoundState.QUEUED, RoundState.DELIVERED, RoundState.UNREACHABLE),
            queued_at__isnull=False,
        )
        .select_related("obligation__person__department__contact", "obligation__person__successor")
    )
    rows = [row for row in waiting if recipient_of(row.obligation.person) == acting_user]
    for row in rows:
        advance_round(row, RoundState.READ, now=now)
    return len(rows)


def bounce_round(row: Round, *, now: dt.datetime) -> Round:
    """The mail came back before the person met the word in the app: not delivered, and why."""
    with transaction.atomic():
        locked = take_round(row)
        if locked.state == RoundState.QUEUED:
            events.change(
                locked, "bounce", actor_id=None, now=now,
                fields={"state": RoundState.UNREACHABLE, "reason": BOUNCED, "ended_at": now},
            )  # fmt: skip
    return locked


def pass_on_round(row: Round, *, now: dt.datetime) -> Round:
    """Whoever was to hear it has left or is switched off: it goes to who hears for them now.

    Waived or not to be reached when nobody does. Does nothing when they can hear it themselves.
    """
    with transaction.atomic():
        locked = take_round(row)
        if locked.ended_at is not None or locked.queued_at is None:
            return locked
        recipient = recipient_of(locked.obligation.person)
        if recipient is None or recipient.pk != locked.told_to_id:
            send_round(locked, actor_id=None, now=now)
    return locked


def remind_of_round(row: Round, number: int, *, now: dt.datetime) -> Round:
    """Ask again, for the `number`-th time; a second worker with the same number does nothing."""
    with transaction.atomic():
        locked = take_round(row)
        asks = locked.kind == RoundKind.RELEASE and locked.queued_at is not None
        if asks and locked.ended_at is None and locked.reminders < min(number, REMINDERS):
            remind(locked, now=now)
    return locked
