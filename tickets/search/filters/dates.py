"""Days and periods in a filter, absolute or told from today in the company's zone."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.search.filters.condition import bad

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: Periods by name, in the order they are offered.
NAMED: dict[str, StrPromise] = {
    "today": gettext_lazy("today"),
    "yesterday": gettext_lazy("yesterday"),
    "tomorrow": gettext_lazy("tomorrow"),
    "this-week": gettext_lazy("this week"),
    "last-week": gettext_lazy("last week"),
    "next-week": gettext_lazy("next week"),
    "this-month": gettext_lazy("this month"),
    "last-month": gettext_lazy("last month"),
    "last-7d": gettext_lazy("the last 7 days"),
    "last-30d": gettext_lazy("the last 30 days"),
    "next-7d": gettext_lazy("the next 7 days"),
}
_FARTHEST = 3660
_LAST = re.compile(r"^last-(\d{1,4})d$")
_NEXT = re.compile(r"^next-(\d{1,4})d$")
_AGO = re.compile(r"^(\d{1,4})d-ago$")
_IN = re.compile(r"^in-(\d{1,4})d$")
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")


@dataclass(frozen=True)
class Days:
    """From the first day up to, not including, the day after the last."""

    first: dt.date
    end: dt.date

    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """The same as moments of the company's zone."""
        return _midnight(self.first), _midnight(self.end)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), timezone.get_default_timezone())


def days_of(field: str, text: str, today: dt.date) -> Days:
    """The days a word, a day, a week, a month or `first..last` stands for. Raises BadInput."""
    try:
        found = _named(text, today) or _counted(text, today) or _written(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 1900 < found.first.year < 2999 or found.end <= found.first:
        raise bad(
            field, _("“%(value)s” is no day or period.") % {"value": text[:40]},
            _("Write 2026-11-16, 2026-11, 2026-W46, 2026-11-01..2026-11-16, today, this-week, "
              "last-7d, next-7d, 3d-ago or in-3d."),
            text,
        )  # fmt: skip
    return found


def _span(first: dt.date, days: int) -> Days:
    return Days(first, first + dt.timedelta(days=days))


def _named(text: str, today: dt.date) -> Days | None:
    day, week = dt.timedelta(days=1), dt.timedelta(days=7)
    monday = today - dt.timedelta(days=today.weekday())
    month = today.replace(day=1)
    return {
        "today": _span(today, 1), "yesterday": _span(today - day, 1),
        "tomorrow": _span(today + day, 1), "this-week": _span(monday, 7),
        "last-week": _span(monday - week, 7), "next-week": _span(monday + week, 7),
        "this-month": _month(month), "last-month": _month((month - day).replace(day=1)),
    }.get(text)  # fmt: skip


def _month(first: dt.date) -> Days:
    return _span(first, calendar.monthrange(first.year, first.month)[1])


def _counted(text: str, today: dt.date) -> Days | None:
    """`last-7d` ends today and `next-7d` begins today: both have seven days."""
    ways: tuple[tuple[re.Pattern[str], Callable[[int], Days]], ...] = (
        (_LAST, lambda n: Days(today - dt.timedelta(days=n - 1), today + dt.timedelta(days=1))),
        (_NEXT, lambda n: _span(today, n)),
        (_AGO, lambda n: _span(today - dt.timedelta(days=n), 1)),
        (_IN, lambda n: _span(today + dt.timedelta(days=n), 1)),
    )
    for pattern, days in ways:
        if (match := pattern.match(text)) and int(match[1]) <= _FARTHEST:
            return days(int(match[1]))
    return None


def _written(text: str) -> Days | None:
    if ".." in text:
        first, _mark, last = text.partition("..")
        return Days(dt.date.fromisoformat(first), dt.date.fromisoformat(last) + dt.timedelta(1))
    if match := _WEEK.match(text):
        return _span(dt.date.fromisocalendar(int(match[1]), int(match[2]), 1), 7)
    if match := _MONTH.match(text):
        return _month(dt.date(int(match[1]), int(match[2]), 1))
    return _span(dt.date.fromisoformat(text), 1)


def days_said(text: str) -> str:
    """A value of a date condition in words."""
    if text in NAMED:
        return str(NAMED[text])
    ways: tuple[tuple[re.Pattern[str], Callable[[int], str]], ...] = (
        (_LAST, lambda n: ngettext("the last %(n)s day", "the last %(n)s days", n)),
        (_NEXT, lambda n: ngettext("the next %(n)s day", "the next %(n)s days", n)),
        (_AGO, lambda n: ngettext("%(n)s day ago", "%(n)s days ago", n)),
        (_IN, lambda n: ngettext("in %(n)s day", "in %(n)s days", n)),
    )
    for pattern, words in ways:
        if match := pattern.match(text):
            return words(int(match[1])) % {"n": int(match[1])}
    if ".." in text:
        first, _mark, last = text.partition("..")
        return f"{days_said(first)} – {days_said(last)}"
    try:
        return date_format(dt.date.fromisoformat(text), "SHORT_DATE_FORMAT")
    except ValueError:
        return text
