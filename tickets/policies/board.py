"""Which verb a card's way from one column of the board to another is. No rule of its own.

The verb's guards decide whether it may be done; this only names it, and what it still has to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core.errors import Problem
from tickets.choices import Level, Status
from tickets.errors import WrongState
from tickets.models import Ticket

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Step:
    """A verb, what is known of its form already, and whether it needs a person's words first."""

    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    asks: bool = True


def step_to_level(ticket: Ticket, level: int) -> Step:
    """The verb that brings a ticket to a level. Raises WrongState where no verb does."""
    if ticket.level is not None and level < ticket.level:
        return Step("return", {"level": level})
    if ticket.level == level:
        raise _stays()
    if level == Level.PUSH:
        return Step("push", {"level": level})
    if level == Level.PRODUCT_DRIVE and not ticket.driver:
        return Step("drive", {"level": level})
    return Step("move_up", {"level": level}, asks=False)


def step_to_status(ticket: Ticket, status: str) -> Step:
    """The verb that brings a ticket to a status. Raises WrongState where no verb does."""
    if ticket.status == status:
        raise _stays()
    if status == Status.OPEN:
        return _reopening(ticket)
    if status == Status.ON_HOLD:
        return Step("relay") if (ticket.level or Level.RELAY) == Level.RELAY else Step("push")
    verb = _TO_STATUS.get(status)
    if verb is None:
        raise WrongState(
            Problem(
                "status", _NO_VERB.get(status, _("No act leads to this status.")),
                _("Choose another column."), str(Status(status).label),
            )
        )  # fmt: skip
    return Step(verb)


_TO_STATUS: dict[str, str] = {
    Status.PENDING: "ask",
    Status.RESOLVED: "resolve",
    Status.CANCELLED: "reject",
}
_NO_VERB: dict[str, StrPromise] = {
    Status.NEW: _("A ticket is new only until somebody works on it."),
    Status.CLOSED: _("Only the requester closes a ticket, by saying that it works."),
}


def _reopening(ticket: Ticket) -> Step:
    """Back to work: from the end with a reason; from others when what they wait for comes."""
    if ticket.status in (Status.RESOLVED, Status.CLOSED):
        return Step("reopen")
    if ticket.status == Status.CANCELLED:
        return Step("restore", asks=False)
    if ticket.status == Status.ON_HOLD and (ticket.level or Level.RELAY) > Level.RELAY:
        return Step("return")
    raise WrongState(
        Problem(
            "status", _("This ticket goes on by itself: it opens when somebody answers it."),
            _("Write a reply, classify it, or move it up."), str(Status(ticket.status).label),
        )
    )  # fmt: skip


def _stays() -> WrongState:
    return WrongState(
        Problem("column", _("The ticket is in this column already."), _("Choose another column."))
    )
