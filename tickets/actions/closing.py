"""Silence after a resolution: announced beforehand, then it closes the ticket."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from django.db import transaction

from catalog.models import Team
from core.errors import Refused
from tickets.actions.ending import auto_confirm_ticket
from tickets.actions.saving import save, take
from tickets.choices import DriverState, Resolution, Status
from tickets.models import Ticket
from tickets.notifications import tell
from tickets.sla.closing import day_to_announce, is_over

logger = logging.getLogger(__name__)


def announce_closing(ticket: Ticket, *, now: dt.datetime) -> Ticket:
    """Tell the requester the day on which silence closes their ticket; once per silence.

    Does nothing when it is announced, when somebody has spoken, or when it is not time yet.
    """
    with transaction.atomic():
        row = take(ticket, "confirm", None, None, ())
        day = day_to_announce(row, now)
        if day is None:
            return row
        event = save(row, "announce_closing", user=None, now=now, fields={"closes_on": day})
        tell(row, event, "closing", {row.requester_id}, now=now, closes_on=day.isoformat(),
             resolution=row.resolution)  # fmt: skip
    return row


def close_silent(now: dt.datetime) -> int:
    """Announce what silence will close and close what it was announced for. Returns how many."""
    acted = 0
    for ticket in _waiting():
        try:
            if is_over(ticket, now):
                auto_confirm_ticket(ticket, now=now)
            elif day_to_announce(ticket, now) is not None:
                announce_closing(ticket, now=now)
            else:
                continue
            acted += 1
        except Refused as refusal:
            # Somebody answered in between; theirs counts.
            logger.info("%s was not closed by the clock: %s", ticket.ref, refusal)
    return acted


def _waiting() -> Iterator[Ticket]:
    """Resolved tickets in silence; those of one team share its calendar, read once."""
    found = Ticket.objects.filter(
        status=Status.RESOLVED, imported=False, answer_owed=False
    ).exclude(
        # Their demand asks, reminds and closes them, so that nobody is asked by two.
        driver_state=DriverState.VERIFIED,
        resolution=Resolution.FIXED,
    )
    teams: dict[int, Team] = {}
    rows = found.select_related("team__calendar", "service_policy").order_by("resolved_at", "pk")
    for ticket in rows.iterator(chunk_size=500):
        if ticket.team is not None:
            ticket.team = teams.setdefault(ticket.team.pk, ticket.team)
        yield ticket
