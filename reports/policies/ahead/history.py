"""The weekly series of every product and module, and the working days they fell on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum

from core.worktime import WorkCalendar
from reports.choices import Figure
from reports.models import LiveCell
from reports.policies.ahead.series import HORIZON, Weekly
from reports.policies.explore.cells import Grain
from reports.policies.weeks import Week

#: Weeks of a series that are read at most: two years are judged, one more chooses the model.
MOST_WEEKS = 156
#: A series without a ticket in so many weeks has nothing to tell.
SILENT_WEEKS = 26
_WEEK = dt.timedelta(weeks=1)

Place = tuple[int | None, int | None]


@dataclass(frozen=True)
class Series:
    """One weekly series; without product it is the whole company, without module all of a
    product. `confidential`: whether confidential tickets count."""

    product_id: int | None
    module_id: int | None
    confidential: bool
    weekly: Weekly


def series_until(week: Week) -> list[Series]:
    """Of every product and module with a ticket in the last half year, oldest week first.

    A series begins with its first ticket. Where some tickets are confidential there are two: one
    without them, one with.
    """
    days = _WorkingDays()
    found: list[Series] = []
    for (product_id, module_id), (open_counts, all_counts) in sorted(
        _counts(week).items(), key=lambda item: (item[0][0] or 0, item[0][1] or 0)
    ):
        both = [(False, open_counts)]
        if all_counts != open_counts:
            both.append((True, all_counts))
        for confidential, counts in both:
            if (weekly := _weekly(counts, week, days)) is not None:
                found.append(Series(product_id, module_id, confidential, weekly))
    return found


def _counts(
    week: Week,
) -> Mapping[Place, tuple[Mapping[dt.date, int], Mapping[dt.date, int]]]:
    """Place → Monday → tickets: without the confidential, and all."""
    found: dict[Place, tuple[dict[dt.date, int], dict[dt.date, int]]] = defaultdict(
        lambda: (defaultdict(int), defaultdict(int))
    )
    cells = LiveCell.objects.filter(
        grain=Grain.WEEK, figure=Figure.CREATED, dimension__in=("", "module"),
        starts_on__gt=week.monday - MOST_WEEKS * _WEEK, starts_on__lte=week.monday,
    ).values_list("product_id", "dimension", "value", "starts_on", "confidential")  # fmt: skip
    for product_id, dimension, value, monday, confidential, rows in cells.annotate(
        total=Sum("rows")
    ):
        for place in _places(product_id, dimension, value):
            without, together = found[place]
            together[monday] += rows
            without[monday] += 0 if confidential else rows
    return found


def _places(product_id: int, dimension: str, value: str) -> Iterator[Place]:
    if not dimension:
        yield None, None
        yield product_id, None
    elif value:
        yield product_id, int(value)


def _weekly(counts: Mapping[dt.date, int], week: Week, days: _WorkingDays) -> Weekly | None:
    """None for a series that is silent."""
    known = [monday for monday, count in counts.items() if count]
    if not known or max(known) <= week.monday - SILENT_WEEKS * _WEEK:
        return None
    length = (week.monday - min(known)).days // 7 + 1
    mondays = [min(known) + number * _WEEK for number in range(length)]
    return Weekly(
        "",
        [counts.get(monday, 0) for monday in mondays],
        [days.of(monday) for monday in [*mondays, week.monday + _WEEK]],
        [days.of(week.monday + number * _WEEK) for number in range(2, HORIZON + 1)],
    )


class _WorkingDays:
    """Working days of weeks by the company's calendar: public holidays and make-up days."""

    def __init__(self) -> None:
        self._calendar = WorkCalendar(zone=settings.TIME_ZONE)
        self._known: dict[dt.date, float] = {}

    def of(self, monday: dt.date) -> float:
        if monday not in self._known:
            days = (monday + dt.timedelta(days=number) for number in range(7))
            self._known[monday] = float(sum(map(self._calendar.is_working_day, days)))
        return self._known[monday]
