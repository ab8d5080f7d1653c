"""Weeks, and spans of whole days in general, cut in the company's time zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.utils import timezone

from core.worktime import day_start, iso_week, week_of
from reports.choices import PROOF_DAYS, PeriodKind


@dataclass(frozen=True)
class Span:
    """Whole days of the company, `first` to `last`."""

    first: dt.date
    last: dt.date

    @cached_property
    def starts_at(self) -> dt.datetime:
        return day_start(self.first, settings.TIME_ZONE)

    @cached_property
    def ends_at(self) -> dt.datetime:
        return day_start(self.last + dt.timedelta(days=1), settings.TIME_ZONE)

    def holds(self, moment: dt.datetime) -> bool:
        return self.starts_at <= moment < self.ends_at

    def is_over(self, now: dt.datetime) -> bool:
        return self.ends_at <= now

    @cached_property
    def cohort(self) -> Span:
        """The days whose fourteen days of proof are over when this span is: of a week, the week
        before last; of a month or quarter, as many days, two weeks earlier."""
        return self.back(PROOF_DAYS)

    def back(self, days: int) -> Span:
        """As many days, so many earlier."""
        earlier = dt.timedelta(days=days)
        return Span(self.first - earlier, self.last - earlier)


@dataclass(frozen=True)
class Week(Span):
    """One ISO week: `name` like 2016-W17, from its Monday's midnight to the next one's."""

    kind: ClassVar[PeriodKind] = PeriodKind.WEEK

    @classmethod
    def named(cls, name: str) -> Week:
        """Raises ValueError naming what would do."""
        monday, _next = iso_week(name)
        return cls.of_day(monday)

    @classmethod
    def of(cls, moment: dt.datetime) -> Week:
        return cls.of_day(company_day(moment))

    @classmethod
    def of_day(cls, day: dt.date) -> Week:
        monday = day - dt.timedelta(days=day.weekday())
        return cls(monday, monday + dt.timedelta(days=6))

    @cached_property
    def name(self) -> str:
        return week_of(self.first)

    @property
    def monday(self) -> dt.date:
        return self.first

    @property
    def sunday(self) -> dt.date:
        return self.last

    @property
    def number(self) -> int:
        return self.first.isocalendar().week

    def shift(self, weeks: int) -> Week:
        return Week.of_day(self.first + dt.timedelta(weeks=weeks))


def company_day(moment: dt.datetime) -> dt.date:
    """The day of `moment` in the company's zone."""
    return moment.astimezone(timezone.get_default_timezone()).date()


def last_complete_week(now: dt.datetime) -> Week:
    return Week.of(now).shift(-1)
