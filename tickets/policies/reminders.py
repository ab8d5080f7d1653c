"""When an owner is reminded, in working days of the calendar: pure functions.

- *Silent*: pushed and not accepted within one working day (working time), then every second one.
- *Due soon*: on the working day before the promised date.
- *Overdue*: on the first working day after it, then every third one.

A reminder is only ever due in working hours' days, from opening on. Each has an occasion that
names it, so that finding it twice is finding one; of reminders that were missed (the clock stood
still) only the last is due.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core.worktime import NoWorkingTime, WorkCalendar, add_working_days, working_seconds
from tickets.choices import CauseState
from tickets.models import Cause, PushItem

SILENT_EVERY = 2
OVERDUE_EVERY = 3
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Reminder:
    """One reminder that is due: its kind, its occasion, and the how-manieth it is."""

    kind: PushItem.Kind
    occasion: str
    number: int = 1


def is_open(calendar: WorkCalendar, now: dt.datetime) -> bool:
    """A working day, and its hours have begun: when messages of the clock may leave."""
    spans = list(calendar.spans_of(calendar.day_of(now)))
    return bool(spans) and now >= spans[0][0]


def reminder_due(cause: Cause, calendar: WorkCalendar, now: dt.datetime) -> Reminder | None:
    """The reminder to make now, if any; who asks looks whether it was made before."""
    if not is_open(calendar, now):
        return None
    try:
        if cause.state == CauseState.PUSHED:
            return _silent(cause, calendar, now)
        if cause.state == CauseState.ACCEPTED:
            return _around_the_date(cause, calendar, now)
    except NoWorkingTime:
        pass  # a calendar that never works reminds nobody
    return None


def _silent(cause: Cause, calendar: WorkCalendar, now: dt.datetime) -> Reminder | None:
    if cause.pushed_at is None:
        return None
    days = working_seconds(calendar, cause.pushed_at, now) // _length_of_a_day(calendar)
    if days < 1:
        return None
    number = 1 + (days - 1) // SILENT_EVERY
    since = cause.pushed_at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    return Reminder(PushItem.Kind.SILENT, f"silent:{since}:{number}", number)


def _around_the_date(cause: Cause, calendar: WorkCalendar, now: dt.datetime) -> Reminder | None:
    promised, accepted = cause.promised_on, cause.accepted_at
    if promised is None or accepted is None:
        return None
    today = calendar.day_of(now)
    if today <= promised:
        eve = _working_day_before(calendar, promised)
        # Who promised it for tomorrow knows.
        if eve <= today < promised and calendar.day_of(accepted) < eve:
            return Reminder(PushItem.Kind.DUE_SOON, f"soon:{promised.isoformat()}")
        return None
    first = add_working_days(calendar, promised, 1)
    if today < first:
        return None
    late = sum(
        calendar.is_working_day(first + dt.timedelta(days=n)) for n in range((today - first).days)
    )
    number = 1 + late // OVERDUE_EVERY
    return Reminder(PushItem.Kind.OVERDUE, f"overdue:{promised.isoformat()}:{number}", number)


def _working_day_before(calendar: WorkCalendar, day: dt.date) -> dt.date:
    found = day - _DAY
    for _ in range(60):
        if calendar.is_working_day(found):
            return found
        found -= _DAY
    return day - _DAY


def _length_of_a_day(calendar: WorkCalendar) -> int:
    """Seconds of one working day by the weekly hours."""
    total = sum(
        (
            dt.datetime.combine(dt.date.min, closes) - dt.datetime.combine(dt.date.min, opens)
            for opens, closes in calendar.hours
        ),
        dt.timedelta(),
    )
    return max(int(total.total_seconds()), 1)
