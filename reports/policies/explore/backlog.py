"""How old what is unresolved is."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Case, IntegerField, Value, When

from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import DIMENSIONS
from reports.policies.explore.reading import in_words, standing_rows
from reports.querysets import LiveRowQuerySet

if TYPE_CHECKING:
    from reports.access import ReportScope

#: Ages in whole days at which the next band begins.
BANDS = (1, 3, 7, 14, 30, 90)


def read_ages(
    asked: Asked, scope: ReportScope, splits: Sequence[str]
) -> dict[str, dict[str, dict[int, int]]]:
    """Unresolved tickets now: split → value → band → how many. Band 0 is younger than a day,
    band `n` at least `BANDS[n - 1]` days old. In one reading of the rows."""
    age = Case(
        *(
            When(at__lte=asked.now - dt.timedelta(days=days), then=Value(number))
            for number, days in reversed(list(enumerate(BANDS, start=1)))
        ),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = standing_rows(asked, scope, "unresolved").order_by()
    columns = ["product_id" if split == "product" else DIMENSIONS[split] for split in splits]
    inner, params = rows.values_list(age, *columns).query.sql_with_params()
    names = ", ".join(columns)
    ages: dict[str, dict[str, dict[int, int]]] = {
        split: defaultdict(lambda: defaultdict(int)) for split in splits
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT GROUPING({names}), age, {names}, count(*)"  # noqa: S608
            f" FROM ({inner}) AS each (age, {names})"
            f" GROUP BY GROUPING SETS ({', '.join(f'(age, {name})' for name in columns)})",
            params,
        )
        for left_out, number, *values, count in cursor.fetchall():
            # A bit for each column that the line is not grouped by, the last column's the lowest.
            place = len(splits) - (~left_out & (1 << len(splits)) - 1).bit_length()
            ages[splits[place]][in_words(values[place])][number] += count
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
