"""When silence closes a resolved ticket: reckoned until it is announced, then the day announced.

Silence is counted in working days of the team that has the ticket, from its resolution or from
what staff wrote last since. A word of the requester stops it until staff have answered.
"""

from __future__ import annotations

import datetime as dt

from catalog.access import calendar_of
from core.worktime import NoWorkingTime, WorkCalendar, add_working_days
from tickets.choices import ANNOUNCE_AHEAD_DAYS, AUTO_CONFIRM_DAYS, Status
from tickets.models import Ticket


def confirm_days_of(ticket: Ticket) -> int:
    """Working days of silence, by the service policy of the ticket."""
    policy = ticket.service_policy
    return policy.confirm_days if policy is not None else AUTO_CONFIRM_DAYS


def _calendar(ticket: Ticket) -> WorkCalendar:
    return calendar_of(ticket.team) if ticket.team is not None else WorkCalendar()


def silent_since(ticket: Ticket) -> dt.datetime | None:
    """From when silence is counted; None while it is not."""
    if ticket.status != Status.RESOLVED or ticket.answer_owed or ticket.imported:
        return None
    return ticket.silent_from or ticket.resolved_at


def closing_day(ticket: Ticket, now: dt.datetime) -> dt.date | None:
    """The last day on which silence may be broken; None when silence closes nothing.

    Before it is announced, nobody has less than `ANNOUNCE_AHEAD_DAYS` from now: when the clock
    stood still the day moves.
    """
    since = silent_since(ticket)
    if since is None or ticket.closes_on is not None:
        return ticket.closes_on if since is not None else None
    calendar, days = _calendar(ticket), confirm_days_of(ticket)
    try:
        day = add_working_days(calendar, calendar.day_of(since), days)
        return max(day, add_working_days(calendar, calendar.day_of(now), _ahead(days)))
    except NoWorkingTime:  # a calendar without hours: then nothing closes by itself
        return None


def _ahead(days: int) -> int:
    """Working days between the announcement and the end; a day of silence is announced on it."""
    return min(ANNOUNCE_AHEAD_DAYS, days - 1)


def day_to_announce(ticket: Ticket, now: dt.datetime) -> dt.date | None:
    """The closing day when it is time to announce it, else None: never before a day's work."""
    since, day = silent_since(ticket), closing_day(ticket, now)
    if since is None or day is None or ticket.closes_on is not None:
        return None
    calendar, days = _calendar(ticket), confirm_days_of(ticket)
    first = add_working_days(calendar, calendar.day_of(since), days - _ahead(days))
    begun = next((start for start, _end in calendar.spans_of(calendar.day_of(now))), None)
    return day if calendar.day_of(now) >= first and begun is not None and begun <= now else None


def is_over(ticket: Ticket, now: dt.datetime) -> bool:
    """Whether the announced day has passed in silence."""
    if silent_since(ticket) is None or ticket.closes_on is None:
        return False
    return _calendar(ticket).day_of(now) > ticket.closes_on
