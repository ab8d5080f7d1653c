"""Between levels: relay outside, up, and back with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import calendar_of
from catalog.models import Team
from core.changes import checked_text
from core.errors import BadInput, Problem
from core.worktime import add_working
from tickets.actions.conversing import keep_note, relay_is_open
from tickets.actions.ending import finish_resolved
from tickets.actions.saving import CONTRACT_FIELDS, HAND_OVER_NOTE, keep_former, save, take
from tickets.choices import Level, Resolution, ReturnReason, Status
from tickets.errors import ContractUnmet, WrongState
from tickets.models import HandOver, Ticket
from tickets.notifications import tell, tell_group
from tickets.policies import missing_rows, require_move_up

OWED_WITHIN_SECONDS = 8 * 3600  # one working day


def relay_ticket(
    ticket: Ticket,
    team: Team,
    note: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Send the ticket to a team outside product operations (L1); it is on hold there."""
    with transaction.atomic():
        row = take(ticket, "relay", acting_user, seen_version, CONTRACT_FIELDS)
        if team.is_product_operations or not team.is_active:
            raise BadInput(
                Problem(
                    "team", _("A relay goes to a team outside product operations."),
                    _("Transfer the ticket, or choose an outside team."), team.name,
                )
            )  # fmt: skip
        if row.level != Level.RELAY:
            raise WrongState(
                Problem(
                    "level", _("Only a ticket on level 1 is relayed."),
                    _("Push its cause to an owner instead."), str(row.level),
                )
            )  # fmt: skip
        missing = [r for r in missing_rows(row, {Level.RELAY}) if r.key != "team"]
        if missing:
            raise ContractUnmet(missing)
        HandOver.objects.create(
            ticket=row, from_level=Level.RELAY, to_level=Level.RELAY, sender=acting_user,
            sent_at=now, note=note.strip(),
        )  # fmt: skip
        event = save(
            row, "relay", user=acting_user, now=now,
            fields={"status": Status.ON_HOLD, "relayed_to_id": team.pk},
            data={"team_id": team.pk},
        )  # fmt: skip
        members = set(team.members.values_list("pk", flat=True))
        tell(row, event, "relayed", members, now=now, but=acting_user.pk)
        tell_group(row, team, event, now=now)
        keep_note(row, note, acting_user, now)
    return row


def return_relay(
    ticket: Ticket,
    reason: str,
    note: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """The outside team sends a relayed ticket back with a reason; a bounce."""
    checked_reason(reason)
    with transaction.atomic():
        row = take(ticket, "return_relay", acting_user, seen_version, {"relayed_to_id"})
        _require_relayed(row)
        _give_back(row, "return", Level.RELAY, reason, note, acting_user, now)
    return row


def deliver_relay(
    ticket: Ticket,
    note: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """The outside team solved it: resolved, relay-only."""
    with transaction.atomic():
        row = take(ticket, "deliver_relay", acting_user, seen_version, CONTRACT_FIELDS)
        _require_relayed(row)
        missing = missing_rows(row, {Level.RELAY})
        if missing:
            raise ContractUnmet(missing)
        finish_resolved(
            row, Resolution.OUTSIDE, user=acting_user, now=now, data={"note": bool(note.strip())}
        )
    return row


def _require_relayed(row: Ticket) -> None:
    if not relay_is_open(row):
        raise WrongState(
            Problem(
                "relayed_to", _("The ticket is not with an outside team."),
                _("Relay it first."), str(row.relayed_to or ""),
            )
        )  # fmt: skip


def checked_reason(reason: str) -> str:
    """Raises BadInput unless `reason` is one of `ReturnReason`."""
    if reason not in ReturnReason.values:
        raise BadInput(
            Problem(
                "reason", _("Choose why it goes back."),
                ", ".join(str(label) for label in ReturnReason.labels), reason,
            )
        )  # fmt: skip
    return reason


def move_up(
    ticket: Ticket,
    to_level: int,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """转 L<n>: the contract of the present level must be met, or the refusal names each row.

    To L3 a ticket is pushed with a cause, to L4 driven by a demand: those have verbs of their own.
    """
    with transaction.atomic():
        row = take(ticket, "move_up", acting_user, seen_version, CONTRACT_FIELDS)
        if to_level not in Level.values:
            raise BadInput(
                Problem("level", _("There is no such level to move to."), "2, 3, 4", str(to_level))
            )
        owed = require_move_up(row, to_level)
        if to_level == Level.PUSH and row.cause_id is None:
            raise ContractUnmet([r for r in missing_rows(row, {Level.PUSH}) if r.key == "cause"])
        if to_level == Level.PRODUCT_DRIVE and not row.driver:
            raise ContractUnmet(
                [r for r in missing_rows(row, {Level.PRODUCT_DRIVE}) if r.key == "driver"]
            )
        climb(row, "move_up", to_level, {"status": Status.OPEN}, acting_user, now, owed=owed)
    return row


def climb(
    row: Ticket,
    verb: str,
    to_level: int,
    fields: dict[str, Any],
    user: User,
    now: dt.datetime,
    *,
    owed: bool,
    data: dict[str, Any] | None = None,
) -> None:
    """Record a move up with its hand-over; part of the caller's transaction."""
    HandOver.objects.create(
        ticket=row, from_level=row.level or Level.RELAY, to_level=to_level, sender=user, sent_at=now
    )
    if owed and row.team is not None:
        fields["contract_owed_until"] = add_working(calendar_of(row.team), now, OWED_WITHIN_SECONDS)
    save(row, verb, user=user, now=now, fields={"level": to_level, **fields}, data=data)


def return_ticket(
    ticket: Ticket,
    to_level: int,
    reason: str,
    note: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Send the ticket down with a reason; a bounce, charged to who handed it up."""
    checked_reason(reason)
    checked_text("note", note, maximum=2000)
    with transaction.atomic():
        row = take(ticket, "return", acting_user, seen_version, ())
        if row.level is None or to_level not in Level.values or to_level >= row.level:
            raise BadInput(
                Problem(
                    "level", _("A return goes to a lower level."),
                    _("Choose a level below the present one."), str(to_level),
                )
            )  # fmt: skip
        _give_back(row, "return", to_level, reason, note, acting_user, now)
    return row


def _give_back(
    row: Ticket, verb: str, to_level: int, reason: str, note: str, user: User, now: dt.datetime
) -> None:
    hand_over = (
        HandOver.objects.filter(ticket=row, returned_at__isnull=True).order_by("-id").first()
    )
    if hand_over is not None:
        if hand_over.note:
            keep_former(row, HAND_OVER_NOTE, hand_over.note, now)
        hand_over.returned_at, hand_over.returned_by = now, user
        hand_over.reason, hand_over.note = reason, note.strip()
        hand_over.save(update_fields=["returned_at", "returned_by", "reason", "note"])
    event = save(
        row, verb, user=user, now=now,
        fields={"status": Status.OPEN, "level": to_level, "bounces": row.bounces + 1},
        data={
            "code": reason,
            "sender_id": hand_over.sender_id if hand_over else None,
            "from_level": hand_over.from_level if hand_over else row.level,
        },
    )  # fmt: skip
    receivers = {row.assignee_id, hand_over.sender_id if hand_over else None}
    tell(row, event, "returned", receivers, now=now, but=user.pk, note=note.strip())
    keep_note(row, note, user, now)
