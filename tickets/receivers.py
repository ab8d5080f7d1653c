"""What tickets hear by news, from a worker, at least once; each is safe to run twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.models import User
from docs_portal.actions import note_ticket_after_reading
from tickets.actions.automating import consider_event
from tickets.actions.reckoning import start_due_run
from tickets.models import DueRun, Ticket


def on_ticket_event(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """An event that an active rule waits for."""
    consider_event(payload["ticket_id"], payload["version"], now)


def on_ticket_submitted(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Pages its requester read just before did not help: manual debt."""
    ticket = Ticket.objects.select_related("requester", "product").get(pk=payload["ticket_id"])
    note_ticket_after_reading(ticket.requester, ticket.product, ticket.pk, ticket.submitted_at)


def on_calendar_changed(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Working hours or days changed: due times of open tickets move with them."""
    acting_user = User.objects.filter(pk=payload.get("actor_id") or 0).first()
    start_due_run(
        DueRun.Reason.CALENDAR, payload["name"],
        key=f"calendar:{payload['calendar_id']}:{payload['version']}",
        acting_user=acting_user, now=now,
    )  # fmt: skip
