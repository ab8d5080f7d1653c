"""Weeks, cut in the company's time zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings

from core.worktime import day_start, iso_week, week_of


@dataclass(frozen=True)
class Week:
    """One ISO week: `name` like 2016-W17, from its Monday's midnight to the next one's."""

    name: str
    monday: dt.date

    @classmethod
    def named(cls, name: str) -> Week:
        """Raises ValueError naming what would do."""
        monday, _next = iso_week(name)
        return cls(week_of(monday), monday)

    @classmethod
    def of(cls, moment: dt.datetime) -> Week:
        return cls.of_day(company_day(moment))

    @classmethod
    def of_day(cls, day: dt.date) -> Week:
        monday = day - dt.timedelta(days=day.weekday())
        return cls(week_of(monday), monday)

    @cached_property
    def starts_at(self) -> dt.datetime:
        return day_start(self.monday, settings.TIME_ZONE)

    @cached_property
    def ends_at(self) -> dt.datetime:
        return day_start(self.monday + dt.timedelta(days=7), settings.TIME_ZONE)

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    def shift(self, weeks: int) -> Week:
        return Week.of_day(self.monday + dt.timedelta(weeks=weeks))

    def holds(self, moment: dt.datetime) -> bool:
        return self.starts_at <= moment < self.ends_at

    def is_over(self, now: dt.datetime) -> bool:
        return self.ends_at <= now


def company_day(moment: dt.datetime) -> dt.date:
    """The day of `moment` in the company's zone."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def last_complete_week(now: dt.datetime) -> Week:
    return Week.of(now).shift(-1)
