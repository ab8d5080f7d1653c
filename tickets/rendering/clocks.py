"""The clock of a ticket: how much of its target is left, in words and as a ring."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from core.markup import exact, sla_clock
from tickets.choices import Status

#: Percent of the time left from which a clock warns.
SOON_SHARE = 20
_TICKING = frozenset({Status.NEW, Status.OPEN, Status.ON_HOLD})


class Clock(NamedTuple):
    """Inputs of `core.markup.sla_clock`."""

    risk: str
    text: str
    share_left: int
    title: str


def clock_of(
    status: str, submitted_at: dt.datetime, due_at: dt.datetime | None, now: dt.datetime
) -> Clock | None:
    """The resolution clock, or None where none runs: no target, resolved, ended."""
    if due_at is None:
        return None
    if status == Status.PENDING:
        return Clock("paused", gettext("Paused"), 0, gettext("Waits for the requester"))
    if status not in _TICKING:
        return None
    left = (due_at - now).total_seconds()
    title = gettext("Due %(moment)s") % {"moment": exact(due_at)}
    if left < 0:
        return Clock("over", _over(-left), 0, title)
    whole = (due_at - submitted_at).total_seconds()
    share = int(100 * left / whole) if whole > 0 else 0
    return Clock("soon" if share <= SOON_SHARE else "ok", _left(left), share, title)


def _hours(seconds: float) -> str:
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02}"


def _left(seconds: float) -> str:
    if seconds >= 48 * 3600:
        days = int(seconds // 86400)
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
    return gettext("%(time)s left") % {"time": _hours(seconds)}


def _over(seconds: float) -> str:
    if seconds >= 48 * 3600:
        days = int(seconds // 86400)
        return ngettext("%(n)s day over", "%(n)s days over", days) % {"n": days}
    return gettext("%(time)s over") % {"time": _hours(seconds)}


def clock_html(clock: Clock | None) -> SafeString:
    """The clock drawn; nothing where none runs."""
    if clock is None:
        return SafeString("")
    return sla_clock(clock.risk, clock.text, share_left=clock.share_left, title=clock.title)
