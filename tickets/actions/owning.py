"""What an owner answers to a pushed cause: accept, move the date, decline, deliver."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import User
from catalog.models import Module
from core import events
from core.changes import checked_text
from core.searchkey import search_key
from tickets.actions.cause_beats import (
    checked_date,
    holders_of,
    managers_of,
    move_tickets,
    require_owner,
    require_state,
    take_cause,
)
from tickets.actions.moving import checked_reason
from tickets.actions.owner_words import forget_words
from tickets.actions.voices import ask_after_delivery, tell_voices
from tickets.choices import BOUNCES_TO_MANAGER, CauseState, Status
from tickets.models import Cause, Decline
from tickets.notifications import tell_cause


def accept_cause(
    cause: Cause,
    promised_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
    by_link: bool = False,
) -> Cause:
    """The owner takes it on with their date (接单, 承诺完成日)."""
    checked_date(promised_on, now)
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"owner_id"})
        require_owner(row, acting_user)
        require_state(row, (CauseState.PUSHED,))
        event = events.change(
            row, "accept", actor_id=acting_user.pk, now=now,
            fields={
                "state": CauseState.ACCEPTED,
                "accepted_at": now,
                "promised_on": promised_on,
                "first_promised_on": row.first_promised_on or promised_on,
            },
            data=_how(by_link),
        )  # fmt: skip
        tell_cause(
            row, event, "accepted", holders_of(row), now=now, but=acting_user.pk,
            promised_on=promised_on.isoformat(),
        )  # fmt: skip
        move_tickets(
            row, "accept", (Status.ON_HOLD, Status.PENDING), {"promised_on": promised_on},
            acting_user, now,
        )  # fmt: skip
        tell_voices(row, now=now, promised_on=promised_on.isoformat())
    return row


def change_promised_date(
    cause: Cause,
    promised_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
    by_link: bool = False,
) -> Cause:
    """The owner moves their date; a later one is a slip (延期) and is counted."""
    checked_date(promised_on, now)
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"owner_id", "promised_on"})
        require_owner(row, acting_user)
        require_state(row, (CauseState.ACCEPTED,))
        if row.promised_on == promised_on:
            return row
        slipped = row.promised_on is not None and promised_on > row.promised_on
        event = events.change(
            row, "slip" if slipped else "bring_forward", actor_id=acting_user.pk, now=now,
            fields={"promised_on": promised_on, "slips": row.slips + slipped},
            data=_how(by_link),
        )  # fmt: skip
        tell_cause(
            row, event, "slipped", holders_of(row), now=now, but=acting_user.pk,
            promised_on=promised_on.isoformat(),
        )  # fmt: skip
        move_tickets(
            row, "promise", (Status.ON_HOLD, Status.PENDING), {"promised_on": promised_on},
            acting_user, now,
        )  # fmt: skip
        tell_voices(row, now=now, promised_on=promised_on.isoformat())
    return row


def decline_cause(
    cause: Cause,
    reason: str,
    note: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
    by_link: bool = False,
) -> Cause:
    """The owner sends it back with a reason (退单): a bounce; its tickets are open again."""
    checked_reason(reason)
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"owner_id"})
        require_owner(row, acting_user)
        require_state(row, (CauseState.PUSHED, CauseState.ACCEPTED))
        bounces = row.bounces + 1
        event = events.change(
            row, "decline", actor_id=acting_user.pk, now=now,
            fields={
                "state": CauseState.DECLINED,
                "accepted_at": None,
                "promised_on": None,
                "bounces": bounces,
            },
            data={"code": reason, "note": events.sealed(row.salt, note.strip()), **_how(by_link)},
        )  # fmt: skip
        Decline.objects.create(
            cause=row, owner=acting_user, reason=reason, note=note.strip(), declined_at=now
        )
        forget_words(row)
        tell_cause(
            row, event, "declined", holders_of(row), now=now, but=acting_user.pk,
            note=note.strip(), code=reason,
        )  # fmt: skip
        if bounces >= BOUNCES_TO_MANAGER:
            tell_cause(row, event, "bounced", managers_of(row), now=now)
        move_tickets(
            row, "decline", (Status.ON_HOLD,), {"status": Status.OPEN, "promised_on": None},
            acting_user, now, data={"code": reason}, note=note,
        )  # fmt: skip
    return row


def deliver_cause(
    cause: Cause,
    text: str,
    *,
    category: str = "",
    module: Module | None = None,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
    by_link: bool = False,
) -> Cause:
    """The owner delivers and writes the root cause; its tickets are open to be verified."""
    text = checked_text("text", text)
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"owner_id"})
        require_owner(row, acting_user)
        require_state(row, (CauseState.ACCEPTED,))
        fields: dict[str, Any] = {
            "state": CauseState.DELIVERED,
            "delivered_at": now,
            "text": text,
            "category": category or row.category,
            "module_id": module.pk if module else row.module_id,
        }
        event = events.change(
            row, "deliver", actor_id=acting_user.pk, now=now, fields=fields,
            derived={"search_key": search_key(row.ref, row.title, text)}, data=_how(by_link),
        )  # fmt: skip
        forget_words(row)
        tell_cause(row, event, "delivered", holders_of(row), now=now, but=acting_user.pk)
        move_tickets(row, "deliver", (Status.ON_HOLD,), {"status": Status.OPEN}, acting_user, now)
        ask_after_delivery(row, now=now)
    return row


def _how(by_link: bool) -> dict[str, Any]:
    """The event says when the owner answered by the signed link instead of signing in."""
    return {"by": "link"} if by_link else {}
