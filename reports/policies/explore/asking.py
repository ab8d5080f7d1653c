"""What is asked of an explore page: the period in points, what it is narrowed and split by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings
from django.db.models import Q

from accounts.models import Department
from core.worktime import day_start
from reports.policies.explore.cells import DIMENSIONS, FIRST_OF, Grain, next_after
from reports.policies.weeks import company_day

#: Points a chart can show and a person can read.
MOST_POINTS = 120
#: Weeks shown when no period is asked for: half a year, this one included.
USUAL_WEEKS = 26


@dataclass(frozen=True)
class Asked:
    """One question. `filters`: dimension → value as the address has it ("" is none given)."""

    first: dt.date
    last: dt.date
    grain: Grain
    now: dt.datetime
    filters: Mapping[str, str] = field(default_factory=dict)
    split: str = ""
    #: The figure of a trend.
    figure: str = "flow"
    #: People whose figures the reader may see; a split by person shows no others.
    people: frozenset[int] = frozenset()

    @cached_property
    def points(self) -> list[dt.date]:
        """The first days of the points, oldest first; the period is rounded out to whole ones."""
        starts: list[dt.date] = []
        start = FIRST_OF[self.grain](self.first)
        while start <= self.last and len(starts) <= MOST_POINTS:
            starts.append(start)
            start = next_after(start, self.grain)
        return starts

    @cached_property
    def end(self) -> dt.date:
        """The day after the last point."""
        return next_after(self.points[-1], self.grain)

    def point_end(self, start: dt.date) -> dt.date:
        """The day after the point that begins on `start`."""
        return next_after(start, self.grain)

    @property
    def starts_at(self) -> dt.datetime:
        return moment_of(self.first if self.grain == Grain.DAY else self.points[0])

    @property
    def ends_at(self) -> dt.datetime:
        last = self.last + dt.timedelta(days=1)
        return moment_of(last if self.grain == Grain.DAY else self.end)

    def is_over(self, start: dt.date, grace: dt.timedelta = dt.timedelta()) -> bool:
        """Whether the point, and `grace` after it, is past: nothing of it can change its cohort."""
        return moment_of(next_after(start, self.grain)) + grace <= self.now

    @property
    def today(self) -> dt.date:
        return company_day(self.now)

    @cached_property
    def department_ids(self) -> list[int]:
        """The department asked for and those below it."""
        return departments_below(self.filters.get("department", ""))

    def rows(self) -> Q:
        """What the rows are narrowed to, the period apart."""
        found = Q()
        for dimension, value in self.filters.items():
            found &= self.narrowed(dimension, value)
        if self.split == "person":
            found &= Q(person_id__in=self.people)
        return found

    def narrowed(self, dimension: str, value: str) -> Q:
        """One filter on live rows; "" asks for rows without the dimension."""
        column = "product_id" if dimension == "product" else DIMENSIONS[dimension]
        if dimension == "department" and value:
            return Q(department_id__in=self.department_ids)
        if value == "":
            text = column in ("type", "channel", "reason", "step")
            return Q(**{column: ""}) if text else Q(**{f"{column}__isnull": True})
        return Q(**{column: value})


def moment_of(day: dt.date) -> dt.datetime:
    """The company's midnight before the day."""
    return day_start(day, settings.TIME_ZONE)


def departments_below(pk: str) -> list[int]:
    """Ids of a department and all below it; empty for "" and for one that is not there."""
    if not pk.isdecimal():
        return []
    top = Department.objects.filter(pk=int(pk)).values_list("path", flat=True).first()
    if top is None:
        return []
    return list(Department.objects.filter(path__startswith=top).values_list("pk", flat=True))
