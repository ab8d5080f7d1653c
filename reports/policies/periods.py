"""What a report can be of: an ISO week, a month or a quarter, each cut like the others."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from reports.choices import PeriodKind
from reports.policies.weeks import Span, Week, company_day

_MONTH = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([1-9]\d{3})-Q([1-4])")
_DAY = dt.timedelta(days=1)


def _months_on(day: dt.date, months: int) -> dt.date:
    """The first of the month that lies `months` after the one of `day`."""
    whole = day.year * 12 + day.month - 1 + months
    return dt.date(whole // 12, whole % 12 + 1, 1)


@dataclass(frozen=True)
class Month(Span):
    """One calendar month: `name` like 2016-04."""

    kind: ClassVar[PeriodKind] = PeriodKind.MONTH

    @classmethod
    def of_day(cls, day: dt.date) -> Month:
        return cls(_months_on(day, 0), _months_on(day, 1) - _DAY)

    @cached_property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def number(self) -> int:
        return self.first.month

    def shift(self, months: int) -> Month:
        return Month.of_day(_months_on(self.first, months))


@dataclass(frozen=True)
class Quarter(Span):
    """Three calendar months: `name` like 2016-Q2."""

    kind: ClassVar[PeriodKind] = PeriodKind.QUARTER

    @classmethod
    def of_day(cls, day: dt.date) -> Quarter:
        first = _months_on(day, -((day.month - 1) % 3))
        return cls(first, _months_on(first, 3) - _DAY)

    @cached_property
    def name(self) -> str:
        return f"{self.first.year}-Q{self.number}"

    @property
    def number(self) -> int:
        return (self.first.month + 2) // 3

    def shift(self, quarters: int) -> Quarter:
        return Quarter.of_day(_months_on(self.first, 3 * quarters))


Period = Week | Month | Quarter
_OF_DAY: dict[str, type[Week | Month | Quarter]] = {
    PeriodKind.WEEK: Week,
    PeriodKind.MONTH: Month,
    PeriodKind.QUARTER: Quarter,
}


def period_named(name: str) -> Period:
    """Raises ValueError naming what would do."""
    if found := _MONTH.fullmatch(name):
        return Month.of_day(dt.date(int(found[1]), int(found[2]), 1))
    if found := _QUARTER.fullmatch(name):
        return Quarter.of_day(dt.date(int(found[1]), 3 * int(found[2]), 1))
    if "W" not in name.upper():
        raise ValueError(
            f"{name!r} is no period; write a week like 2016-W17, a month like 2016-04 or a "
            "quarter like 2016-Q2"
        )
    return Week.named(name)


def period_of(kind: str, day: dt.date) -> Period:
    """The week, month or quarter that holds this day."""
    return _OF_DAY[kind].of_day(day)


def last_complete(kind: str, now: dt.datetime) -> Period:
    """The newest period of this kind that is over."""
    return period_of(kind, company_day(now)).shift(-1)
