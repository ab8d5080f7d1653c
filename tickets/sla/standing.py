"""Where the two clocks of a ticket stand, from its own columns alone (no query)."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from django.db import models
from django.utils.translation import pgettext_lazy

from tickets.choices import Status


class ClockState(models.TextChoices):
    NONE = "none", pgettext_lazy("clock", "No target")
    OK = "ok", pgettext_lazy("clock", "In time")
    SOON = "soon", pgettext_lazy("clock", "Due soon")
    OVER = "over", pgettext_lazy("clock", "Overdue")
    PAUSED = "paused", pgettext_lazy("clock", "Paused")
    MET = "met", pgettext_lazy("clock", "Met")
    MISSED = "missed", pgettext_lazy("clock", "Missed")


class Clocked(Protocol):
    """What of a ticket the states follow from."""

    status: str
    response_due_at: dt.datetime | None
    resolution_due_at: dt.datetime | None
    first_response_at: dt.datetime | None
    resolved_at: dt.datetime | None
    warn_at: dt.datetime | None


def response_state(ticket: Clocked, now: dt.datetime) -> ClockState:
    """The clock of the first response; it ends with that response or the resolution."""
    due = ticket.response_due_at
    if due is None:
        return ClockState.NONE
    if ticket.first_response_at is not None:
        return ClockState.MET if ticket.first_response_at <= due else ClockState.MISSED
    return _running(ticket, due, now, warns=True)


def resolution_state(ticket: Clocked, now: dt.datetime) -> ClockState:
    """The clock of the resolution; a reopened ticket's runs again."""
    due = ticket.resolution_due_at
    if due is None:
        return ClockState.NONE
    if ticket.status in (Status.RESOLVED, Status.CLOSED):
        ended = ticket.resolved_at
        return ClockState.MET if ended is None or ended <= due else ClockState.MISSED
    # Until the first response, `warn_at` belongs to the other clock.
    return _running(ticket, due, now, warns=ticket.first_response_at is not None)


def _running(ticket: Clocked, due: dt.datetime, now: dt.datetime, *, warns: bool) -> ClockState:
    if ticket.status == Status.CANCELLED:
        return ClockState.NONE
    if ticket.status == Status.PENDING:
        return ClockState.PAUSED
    if now > due:
        return ClockState.OVER
    if warns and ticket.warn_at is not None and now >= ticket.warn_at:
        return ClockState.SOON
    return ClockState.OK
