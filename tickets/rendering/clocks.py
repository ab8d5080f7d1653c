"""The clock of a ticket: how much of its target is left, in words and as a ring."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple, Protocol

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from core.markup import exact, sla_clock
from tickets.choices import Status


class Clock(NamedTuple):
    """Inputs of `core.markup.sla_clock`."""

    risk: str
    text: str
    share_left: int
    title: str


class Clocked(Protocol):
    """What of a ticket, or of a row of a list, its clock follows from."""

    @property
    def status(self) -> str: ...

    @property
    def submitted_at(self) -> dt.datetime: ...

    @property
    def resolution_due_at(self) -> dt.datetime | None: ...

    @property
    def warn_at(self) -> dt.datetime | None: ...

    @property
    def due_at(self) -> dt.datetime | None: ...


def clock_of(ticket: Clocked, now: dt.datetime) -> Clock | None:
    """The clock that runs now, or None where none does: no target, resolved, ended."""
    if ticket.status == Status.PENDING and ticket.resolution_due_at is not None:
        return Clock("paused", gettext("Paused"), 0, gettext("Waits for the requester"))
    due_at, warn_at = ticket.due_at, ticket.warn_at
    if due_at is None or warn_at is None:
        return None
    left = (due_at - now).total_seconds()
    title = gettext("Due %(moment)s") % {"moment": exact(due_at)}
    if left < 0:
        return Clock("over", _over(-left), 0, title)
    whole = (due_at - ticket.submitted_at).total_seconds()
    share = int(100 * left / whole) if whole > 0 else 0
    return Clock("soon" if now >= warn_at else "ok", _left(left), share, title)


def _hours(seconds: float) -> str:
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02}"


def _left(seconds: float) -> str:
    days = int(seconds // 86400) if seconds >= 48 * 3600 else 0
    return _left_said(days, "" if days else _hours(seconds), get_language())


def _over(seconds: float) -> str:
    days = int(seconds // 86400) if seconds >= 48 * 3600 else 0
    return _over_said(days, "" if days else _hours(seconds), get_language())


# A list says the same few spans on every page, and finding the words takes longer than the rest.


@lru_cache(maxsize=4096)
def _left_said(days: int, time: str, language: str | None) -> str:
    if days:
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
    return gettext("%(time)s left") % {"time": time}


@lru_cache(maxsize=4096)
def _over_said(days: int, time: str, language: str | None) -> str:
    if days:
        return ngettext("%(n)s day over", "%(n)s days over", days) % {"n": days}
    return gettext("%(time)s over") % {"time": time}


def clock_html(clock: Clock | None) -> SafeString:
    """The clock drawn; nothing where none runs."""
    if clock is None:
        return SafeString("")
    return sla_clock(clock.risk, clock.text, share_left=clock.share_left, title=clock.title)
