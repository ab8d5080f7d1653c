"""Who may rate what until when, and which reasons are offered."""

from __future__ import annotations

import datetime as dt

from tickets.choices import (
    BAD_REASONS,
    FAMILY_REASONS,
    GOOD_REASONS,
    RATING_DAYS,
    RatingReason,
    Score,
    Status,
)
from tickets.models import Ticket


def reasons_for(score: int, family: str | None) -> tuple[RatingReason, ...]:
    """The reasons offered with a score: what was good, what was not, both in between."""
    own = (FAMILY_REASONS[family],) if family in FAMILY_REASONS else ()
    if score == Score.SATISFIED:
        return GOOD_REASONS
    if score == Score.DISSATISFIED:
        return (*BAD_REASONS, *own)
    return (*GOOD_REASONS, *BAD_REASONS, *own)


def rated_until(ticket: Ticket) -> dt.datetime | None:
    """Until when the ticket may be rated and the rating changed; None before it has ended."""
    if ticket.status != Status.CLOSED or ticket.closed_at is None or ticket.imported:
        return None
    return ticket.closed_at + dt.timedelta(days=RATING_DAYS)
