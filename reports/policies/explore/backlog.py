"""How old what is unresolved is."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Case, Count, IntegerField, Value, When

from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import DIMENSIONS
from reports.policies.explore.reading import standing_rows
from reports.querysets import LiveRowQuerySet

if TYPE_CHECKING:
    from reports.access import ReportScope

#: Ages in whole days at which the next band begins.
BANDS = (1, 3, 7, 14, 30, 90)


def read_ages(asked: Asked, scope: ReportScope, split: str) -> dict[str, dict[int, int]]:
    """Unresolved tickets now: value of the split → band → how many. Band 0 is younger than a
    day, band `n` at least `BANDS[n - 1]` days old."""
    band = Case(
        *(
            When(at__lte=asked.now - dt.timedelta(days=days), then=Value(number))
            for number, days in reversed(list(enumerate(BANDS, start=1)))
        ),
        default=Value(0),
        output_field=IntegerField(),
    )
    column = "product_id" if split == "product" else DIMENSIONS[split]
    rows = standing_rows(asked, scope, "unresolved").order_by().values(column, band=band)
    ages: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for value, number, count in rows.values_list(column, "band", Count("id")):
        ages["" if value is None else str(value)][number] += count
    return ages


def within_band(rows: LiveRowQuerySet, band: str | None, now: dt.datetime) -> LiveRowQuerySet:
    """The rows of one band; None is all of them, nonsense none."""
    if band is None:
        return rows
    if band not in [str(number) for number in range(len(BANDS) + 1)]:
        return rows.none()
    number = int(band)
    if number:
        rows = rows.filter(at__lte=now - dt.timedelta(days=BANDS[number - 1]))
    if number < len(BANDS):
        rows = rows.filter(at__gt=now - dt.timedelta(days=BANDS[number]))
    return rows
