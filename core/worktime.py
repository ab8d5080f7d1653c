"""Working time: how much of it passed, and when so much of it will have passed.

Pure arithmetic over a `WorkCalendar`: weekly hours, days off and make-up working days (调休).
Times are aware; days are those of the calendar's zone. Hand-worked cases: domain.md, *Formulas*.

Due times are worked out at every write, so a calendar keeps each year it was asked about as two
sorted lists of numbers (`_Year`): an answer is a search in them, a few microseconds, whatever the
distance.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays
from holidays.countries.china import ChinaStaticHolidays

Span = tuple[dt.time, dt.time]
#: A due date further away than this means a calendar without working hours.
HORIZON_DAYS = 3700
_DAY = dt.timedelta(days=1)
_MICROSECOND = dt.timedelta(microseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Month and day on which it may be another year somewhere else.
_NEW_YEAR = frozenset({(12, 31), (1, 1)})


class NoWorkingTime(ValueError):
    """The calendar has no working hours within `HORIZON_DAYS`."""


class DayKind(StrEnum):
    """Why a day is worked or not, and where that comes from."""

    WORKING = "working"
    WEEKEND = "weekend"
    #: Of the library of public holidays.
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    #: Of the calendar's own days.
    LOCAL_OFF = "local_off"
    LOCAL_WORKING = "local_working"

    @property
    def works(self) -> bool:
        return self in (DayKind.WORKING, DayKind.MAKE_UP, DayKind.LOCAL_WORKING)


class _Year(NamedTuple):
    """The working spans that begin on the days of one year, in microseconds since 1970 (UTC)."""

    opens: list[int]
    closes: list[int]
    #: Working time of the year before each span, and of the whole year last.
    before: list[int]


@dataclass(frozen=True)
class WorkCalendar:
    """Working hours of a team.

    `hours`: spans of a working day, in order, e.g. 09–12 and 13–18; a span may end at 00:00, which
    is midnight at the end of the day. `weekdays`: ISO numbers of the usual working days.
    `overrides`: single days that differ (True works, False is off). `public_holidays`: follow the
    Chinese public holidays and make-up days where they are known. `local_years`: years whose
    holidays stand complete in `overrides`.
    """

    zone: str = "Asia/Shanghai"
    hours: tuple[Span, ...] = ((dt.time(9), dt.time(12)), (dt.time(13), dt.time(18)))
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    overrides: Mapping[dt.date, bool] = field(default_factory=dict, hash=False)
    public_holidays: bool = True
    local_years: frozenset[int] = frozenset()

    def is_working_day(self, day: dt.date) -> bool:
        return self.kind_of(day).works

    def kind_of(self, day: dt.date) -> DayKind:
        """Whether the day is worked, and what says so: local days, public holidays, the week."""
        if (override := self.overrides.get(day)) is not None:
            return DayKind.LOCAL_WORKING if override else DayKind.LOCAL_OFF
        if self.public_holidays and (public := _china(day)) is not None:
            return public
        return DayKind.WORKING if day.isoweekday() in self.weekdays else DayKind.WEEKEND

    def knows(self, day: dt.date) -> bool:
        """False when the public holidays of that year are not published yet: provisional."""
        return (
            not self.public_holidays
            or day.year in self.local_years
            or _FIRST_KNOWN_YEAR <= day.year <= _LAST_KNOWN_YEAR
        )

    def spans_of(self, day: dt.date) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """The working spans of one day, in UTC.

        Where the clocks go forward a span may close after the next one opens: the time they share
        is worked once.
        """
        if not self.is_working_day(day):
            return
        reached = _EPOCH
        for start, end in self.hours:
            last = day if end != dt.time.min else day + _DAY
            opens = dt.datetime.combine(day, start, self._zone).astimezone(dt.UTC)
            closes = dt.datetime.combine(last, end, self._zone).astimezone(dt.UTC)
            if closes > max(opens, reached):
                yield max(opens, reached), closes
                reached = closes

    def day_of(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(self._zone).date()

    def year_of(self, moment: dt.datetime) -> int:
        if (moment.month, moment.day) in _NEW_YEAR:
            return self.day_of(moment).year
        return moment.year

    def start_of(self, day: dt.date) -> dt.datetime:
        """Midnight at the start of the day, in UTC."""
        return dt.datetime.combine(day, dt.time(), self._zone).astimezone(dt.UTC)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _years(self) -> dict[int, _Year]:
        return {}

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._read_year(year)
        return known

    def _read_year(self, year: int) -> _Year:
        opens, closes, before, total = [], [], [], 0
        day = dt.date(year, 1, 1)
        while day.year == year:
            for opening, closing in self.spans_of(day):
                opens.append(_micros(opening))
                closes.append(_micros(closing))
                before.append(total)
                total += closes[-1] - opens[-1]
            day += _DAY
        return _Year(opens, closes, [*before, total])


_CHINA = holidays.country_holidays("CN")
#: The State Council publishes a year's make-up days the autumn before; later years are unknown.
_LAST_KNOWN_YEAR = max(ChinaStaticHolidays.special_public_holidays)
_FIRST_KNOWN_YEAR = 2001


@lru_cache(maxsize=8192)
def _china(day: dt.date) -> DayKind | None:
    """Holiday or make-up day in China; None on usual days and where the year is not known."""
    if not _FIRST_KNOWN_YEAR <= day.year <= _LAST_KNOWN_YEAR:
        return None
    # Asking for the day fills in its year, make-up days included.
    if day in _CHINA:
        return DayKind.HOLIDAY
    return DayKind.MAKE_UP if day in _CHINA.weekend_workdays else None


@lru_cache(maxsize=4)
def _china_named(language: str) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", language=language)


def holiday_name(day: dt.date, language: str) -> str:
    """What the public holiday is called, `zh_CN` or `en_US`; "" on other days."""
    return str(_china_named(language).get(day) or "")


def working_time(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Exact working time from `start` to `end`; none when `end` is not after `start`."""
    return _worked(calendar, start, end) * _MICROSECOND


def working_seconds(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> int:
    """Whole working seconds from `start` to `end`; 0 when `end` is not after `start`."""
    return _worked(calendar, start, end) // 1_000_000


def _worked(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> int:
    # As numbers: two times of one zone compare by the clock on the wall, whatever the season.
    begun, ended = _micros(start), _micros(end)
    if ended <= begun:
        return 0
    first, last = calendar.year_of(start), calendar.year_of(end)
    total = _passed(calendar._year(last), ended) - _passed(calendar._year(first), begun)
    for year in range(first, last):
        total += calendar._year(year).before[-1]
    return total


def _passed(year: _Year, moment: int) -> int:
    """Microseconds worked in the year up to `moment`."""
    place = bisect_right(year.opens, moment) - 1
    if place < 0:
        return 0
    return year.before[place] + min(moment, year.closes[place]) - year.opens[place]


def add_working(calendar: WorkCalendar, start: dt.datetime, seconds: int) -> dt.datetime:
    """The moment at which `seconds` of working time have passed since `start`, in UTC.

    With 0 seconds: `start` itself in working hours, else the next opening.
    Raises `NoWorkingTime` for a calendar that never works.
    """
    return add_working_time(calendar, start, dt.timedelta(seconds=seconds))


def add_working_time(
    calendar: WorkCalendar, start: dt.datetime, worked: dt.timedelta
) -> dt.datetime:
    """The same for an exact length of working time."""
    year, moment, wanted = calendar.day_of(start).year, _micros(start), worked // _MICROSECOND
    horizon = year + HORIZON_DAYS // 366
    if wanted > 0:
        wanted += _passed(calendar._year(year), moment)
    while year <= horizon:
        known = calendar._year(year)
        found = _reached(known, wanted) if wanted > 0 else _next_opening(known, moment)
        if found is not None:
            return _EPOCH + found * _MICROSECOND
        wanted -= known.before[-1] if wanted > 0 else 0
        year += 1
    raise NoWorkingTime(f"no {worked} of working time within {HORIZON_DAYS} days of {start}")


def _reached(year: _Year, wanted: int) -> int | None:
    """When `wanted` microseconds of the year are worked; None: it has not so many."""
    if wanted > year.before[-1]:
        return None
    # In the last span that begins with less than that, so that a day's end is not the next day.
    place = bisect_left(year.before, wanted) - 1
    return year.opens[place] + wanted - year.before[place]


def _next_opening(year: _Year, moment: int) -> int | None:
    """`moment` itself while the year's spans are open, else the next opening; None: none left."""
    place = bisect_right(year.closes, moment)
    return max(year.opens[place], moment) if place < len(year.opens) else None


def _micros(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


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
