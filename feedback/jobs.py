"""Work of demands on many tickets, one ticket a transaction; safe to run twice."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from core.errors import Refused
from feedback.access import demand_called
from feedback.policies import coverage_of, driver_state_of
from tickets.actions import reopen_ticket, resolve_ticket, set_driver_state
from tickets.choices import DriverState, Resolution, Status
from tickets.models import Ticket

logger = logging.getLogger(__name__)


def move_ticket(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Bring one driven ticket to the state of its demand, and resolve or reopen it with it."""
    ticket = Ticket.objects.get(pk=payload["ticket_id"])
    if ticket.driver != payload["driver"]:
        return
    # A try that comes late must not undo what a later move of the demand has told the ticket.
    if _state_for(ticket, now) != payload["state"]:
        return
    reason = payload.get("reopen") or ""
    if reason and ticket.status in (Status.RESOLVED, Status.CLOSED):
        ticket = reopen_ticket(ticket, reason, acting_user=None, now=now)
    ticket = set_driver_state(
        ticket,
        payload["driver"],
        payload["state"],
        promised_on=parse_date(payload.get("promised_on") or ""),
        acting_user=None,
        now=now,
        told_elsewhere=bool(payload.get("resolve")),
    )
    if payload.get("resolve") and ticket.is_unresolved:
        try:
            resolve_ticket(ticket, Resolution.FIXED, acting_user=None, now=now, told_elsewhere=True)
        except Refused as refusal:
            # Rows are still open: the ticket is back with its holder, who sees which.
            logger.info("%s was not resolved by its demand: %s", ticket.ref, refusal)


def _state_for(ticket: Ticket, now: dt.datetime) -> str:
    """What the demand tells this ticket now: verified only whom the roll-out has reached."""
    demand = demand_called(ticket.driver)
    state = driver_state_of(demand)
    if state != DriverState.VERIFIED:
        return state
    coverage = coverage_of(demand.release, timezone.localdate(now))
    return state if coverage.covers(ticket.requester) else DriverState.RELEASED
