"""Working time between any two moments in constant time, for a hundred thousand of them.

The same answers as `core.worktime.working_seconds`, which walks day by day: here the working
seconds up to each day of a year are added up once per calendar and year.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.worktime import WorkCalendar

_DAY = 24 * 3600
#: Which days are worked, the working seconds before each, and those of the whole year.
_Year = tuple[list[bool], list[float], float]


class WorkClock:
    """Reads one calendar; `working(a, b)` is 0 when `b` is not after `a`."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self._zone = ZoneInfo(calendar.zone)
        self._spans = [
            (_seconds(opens), _seconds(closes) or _DAY) for opens, closes in calendar.hours
        ]
        self._day_length = sum(closes - opens for opens, closes in self._spans)
        self._years: dict[int, _Year] = {}

    def working(self, start: dt.datetime, end: dt.datetime) -> int:
        """Whole working seconds from `start` to `end`."""
        if end <= start:
            return 0
        first, last = start.astimezone(self._zone), end.astimezone(self._zone)
        total = self._in_year(last) - self._in_year(first)
        for year in range(first.year, last.year):
            total += self._year(year)[2]
        return int(round(total, 6))

    def _in_year(self, local: dt.datetime) -> float:
        """Working seconds from the start of the year to `local`."""
        works, before, _whole = self._year(local.year)
        day = local.timetuple().tm_yday - 1
        if not works[day]:
            return before[day]
        moment = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        return before[day] + sum(
            min(moment, closes) - opens for opens, closes in self._spans if moment > opens
        )

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = _read_year(self.calendar, self._day_length, year)
        return known


@lru_cache(maxsize=512)
def _read_year(calendar: WorkCalendar, day_length: float, year: int) -> _Year:
    """Kept for the process: a page reads a clock from an epoch decades ago. A calendar that was
    changed is another key."""
    days = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
    first = dt.date(year, 1, 1).toordinal()
    works = [calendar.is_working_day(dt.date.fromordinal(first + n)) for n in range(days)]
    before, total = [], 0.0
    for is_working in works:
        before.append(total)
        total += day_length if is_working else 0
    return works, before, total


def _seconds(time: dt.time) -> float:
    return time.hour * 3600 + time.minute * 60 + time.second + time.microsecond / 1e6
