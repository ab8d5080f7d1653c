"""Working time: how much of it passed, and when so much of it will have passed.

Pure arithmetic over a `WorkCalendar`: weekly hours, days off and make-up working days (调休).
Times are aware; days are those of the calendar's zone. Hand-worked cases: domain.md, *Formulas*.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from holidays.countries.china import ChinaStaticHolidays

Span = tuple[dt.time, dt.time]
#: A due date further away than this means a calendar without working hours.
HORIZON_DAYS = 3700
_DAY = dt.timedelta(days=1)


class NoWorkingTime(ValueError):
    """The calendar has no working hours within `HORIZON_DAYS`."""


@dataclass(frozen=True)
class WorkCalendar:
    """Working hours of a team.

    `hours`: spans of a working day, in order, e.g. 09–12 and 13–18. `weekdays`: ISO numbers of
    the usual working days. `overrides`: single days that differ (True works, False is off).
    `public_holidays`: follow the Chinese public holidays and make-up days where they are known.
    """

    zone: str = "Asia/Shanghai"
    hours: tuple[Span, ...] = ((dt.time(9), dt.time(12)), (dt.time(13), dt.time(18)))
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    overrides: Mapping[dt.date, bool] = field(default_factory=dict, hash=False)
    public_holidays: bool = True

    def is_working_day(self, day: dt.date) -> bool:
        if (override := self.overrides.get(day)) is not None:
            return override
        if self.public_holidays and (known := _china_works(day)) is not None:
            return known
        return day.isoweekday() in self.weekdays

    def knows(self, day: dt.date) -> bool:
        """False when the public holidays of that year are not published yet: provisional."""
        return not self.public_holidays or _china_works(day) is not None

    def spans_of(self, day: dt.date) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """The working spans of one day, as aware times."""
        if not self.is_working_day(day):
            return
        zone = ZoneInfo(self.zone)
        for start, end in self.hours:
            yield dt.datetime.combine(day, start, zone), dt.datetime.combine(day, end, zone)

    def day_of(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(ZoneInfo(self.zone)).date()


_CHINA = holidays.country_holidays("CN")
#: The State Council publishes a year's make-up days the autumn before; later years are unknown.
_LAST_KNOWN_YEAR = max(ChinaStaticHolidays.special_public_holidays)
_FIRST_KNOWN_YEAR = 2001


@lru_cache(maxsize=8192)
def _china_works(day: dt.date) -> bool | None:
    """Whether China works on that day; None where the library has no data for the year."""
    if not _FIRST_KNOWN_YEAR <= day.year <= _LAST_KNOWN_YEAR:
        return None
    return bool(_CHINA.is_working_day(day))


def working_seconds(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> int:
    """Whole working seconds from `start` to `end`; 0 when `end` is not after `start`."""
    start, end = _utc(start), _utc(end)
    if end <= start:
        return 0
    first, last = calendar.day_of(start), calendar.day_of(end)
    total = _overlap(calendar, first, start, end)
    if last > first:
        total += _overlap(calendar, last, start, end)
        total += _whole_days(calendar, first + _DAY, last)
    return total // dt.timedelta(seconds=1)


def _overlap(
    calendar: WorkCalendar, day: dt.date, start: dt.datetime, end: dt.datetime
) -> dt.timedelta:
    """Working time of one day that lies between two times in UTC."""
    total = dt.timedelta()
    for opens, closes in calendar.spans_of(day):
        # In UTC: two times of one zone compare by the clock on the wall, whatever the season.
        part = min(_utc(closes), end) - max(_utc(opens), start)
        if part > dt.timedelta():
            total += part
    return total


def _whole_days(calendar: WorkCalendar, first: dt.date, until: dt.date) -> dt.timedelta:
    """Working time of the days from `first` up to, not including, `until`."""
    if first >= until:
        return dt.timedelta()
    total = dt.timedelta()
    for year in range(first.year, until.year + 1):
        sums = _year_sums(calendar, year)
        begin = first.timetuple().tm_yday - 1 if year == first.year else 0
        end = until.timetuple().tm_yday - 1 if year == until.year else len(sums) - 1
        total += sums[end] - sums[begin]
    return total


@lru_cache(maxsize=512)
def _year_sums(calendar: WorkCalendar, year: int) -> tuple[dt.timedelta, ...]:
    """Working time of a year's days, summed up: entry n is that of its first n days."""
    sums = [dt.timedelta()]
    day = dt.date(year, 1, 1)
    while day.year == year:
        lengths = [_utc(closes) - _utc(opens) for opens, closes in calendar.spans_of(day)]
        sums.append(sum((part for part in lengths if part > dt.timedelta()), sums[-1]))
        day += _DAY
    return tuple(sums)


def add_working(calendar: WorkCalendar, start: dt.datetime, seconds: int) -> dt.datetime:
    """The moment at which `seconds` of working time have passed since `start`, in UTC.

    With 0 seconds: `start` itself in working hours, else the next opening.
    Raises `NoWorkingTime` for a calendar that never works.
    """
    left = dt.timedelta(seconds=seconds)
    day = calendar.day_of(start)
    for _ in range(HORIZON_DAYS):
        for opens, closes in calendar.spans_of(day):
            begin = max(_utc(opens), _utc(start))
            room = _utc(closes) - begin
            if room <= dt.timedelta():
                continue
            if left <= room:
                return begin + left
            left -= room
        day += dt.timedelta(days=1)
    raise NoWorkingTime(f"no {seconds} s of working time within {HORIZON_DAYS} days of {start}")


def add_working_days(calendar: WorkCalendar, start: dt.date, days: int) -> dt.date:
    """The `days`-th working day after `start`."""
    day, left = start, days
    for _ in range(HORIZON_DAYS):
        if left == 0:
            return day
        day += dt.timedelta(days=1)
        left -= calendar.is_working_day(day)
    raise NoWorkingTime(f"no {days} working days within {HORIZON_DAYS} days of {start}")


def is_provisional(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> bool:
    """Whether the way from `start` to `end` leads through a year without holiday data."""
    first, last = calendar.day_of(start), calendar.day_of(end)
    years = range(first.year, last.year + 1)
    return not all(calendar.knows(dt.date(year, 7, 1)) for year in years)


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)


def iso_week(week: str) -> tuple[dt.date, dt.date]:
    """Monday and the Monday after of `2016-W17`. Raises `ValueError` naming what would do."""
    try:
        year, number = week.split("-W")
        monday = dt.date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        raise ValueError(f"{week!r} is no ISO week; write it like 2016-W17") from None
    return monday, monday + dt.timedelta(days=7)


def week_of(day: dt.date) -> str:
    """The ISO week of a day, as `2016-W17`."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def day_start(day: dt.date, zone: str) -> dt.datetime:
    """Midnight at the start of `day` in `zone`."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone))


def bucket(edges: list[dt.datetime], moment: dt.datetime) -> int:
    """Index of the last edge not after `moment`; -1 before the first."""
    return bisect_right(edges, moment) - 1


def percentile(values: Iterable[float], share: float) -> float | None:
    """The `share` quantile by linear interpolation (type 7, as PostgreSQL's percentile_cont)."""
    ordered = sorted(values)
    if not ordered:
        return None
    position = (len(ordered) - 1) * share
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)
