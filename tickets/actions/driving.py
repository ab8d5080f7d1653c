"""What a demand does to the tickets it drives (L4), told in the tickets' own words.

`feedback` stands above and calls these; `tickets` knows a reference and four states.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.errors import BadInput, Problem
from tickets.actions.moving import climb
from tickets.actions.saving import CONTRACT_FIELDS, save, take
from tickets.choices import DriverState, Level, Status
from tickets.models import Ticket
from tickets.policies import require_move_up


def drive_ticket(
    ticket: Ticket,
    driver: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """转 L4: the ticket waits for the demand called `driver` to be released and verified."""
    if not driver:
        raise BadInput(Problem("driver", _("No demand is named."), _("Choose or open a demand.")))
    with transaction.atomic():
        row = take(ticket, "drive", acting_user, seen_version, CONTRACT_FIELDS)
        owed = require_move_up(row, Level.PRODUCT_DRIVE)
        fields: dict[str, Any] = {
            "driver": driver,
            "driver_state": DriverState.PENDING,
            "status": Status.ON_HOLD,
        }
        climb(row, "drive", Level.PRODUCT_DRIVE, fields, acting_user, now, owed=owed)
    return row


def set_driver_state(
    ticket: Ticket,
    driver: str,
    state: str,
    *,
    promised_on: dt.date | None = None,
    acting_user: User | None,
    now: dt.datetime,
    told_elsewhere: bool = False,
) -> Ticket:
    """The demand moved: pending, released, verified or declined. Setting a state twice is once.

    `told_elsewhere`: the requester hears it from the demand, not as a new name of the ticket.

    Declined or rolled back gives the ticket back to its holder; a request that was resolved as
    moved to a demand counts as level 4 from the moment its demand is verified.
    """
    if state not in DriverState.values:
        raise BadInput(
            Problem(
                "driver_state", _("There is no such state."), ", ".join(DriverState.values), state
            )
        )
    with transaction.atomic():
        events.lock(Ticket, ticket.pk)
        row = Ticket.objects.select_related("team", "department", "cause").get(pk=ticket.pk)
        if row.driver != driver or row.level != Level.PRODUCT_DRIVE:
            return row
        if row.driver_state == state and row.promised_on == (promised_on or row.promised_on):
            return row
        fields: dict[str, Any] = {"driver_state": state}
        if promised_on is not None:
            fields["promised_on"] = promised_on
        if row.status == Status.ON_HOLD and state in (DriverState.DECLINED, DriverState.VERIFIED):
            fields["status"] = Status.OPEN
        if row.resolved_level is not None and state == DriverState.VERIFIED:
            fields["resolved_level"] = Level.PRODUCT_DRIVE
        save(
            row, "driver", user=acting_user, now=now, fields=fields, data={"driver": driver},
            told_elsewhere=told_elsewhere,
        )  # fmt: skip
    return row


def change_driver(
    ticket: Ticket,
    driver: str,
    to: str,
    state: str,
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> Ticket:
    """What drove the ticket goes on as `to` (merged, or split off), which stands at `state`.

    A ticket that ended keeps the state it ended with. Its requester hears it from the demand.
    """
    with transaction.atomic():
        events.lock(Ticket, ticket.pk)
        row = Ticket.objects.select_related("team", "department", "cause").get(pk=ticket.pk)
        if row.driver != driver:
            return row
        fields: dict[str, Any] = {"driver": to}
        if row.is_unresolved:
            fields["driver_state"] = state
        save(
            row, "driver", user=acting_user, now=now, fields=fields,
            data={"driver": to, "driver_before": driver}, told_elsewhere=True,
        )  # fmt: skip
    return row
