"""Median, 90th percentile and sum of working times, exact: from the cells where they hold the
question, else from the rows.

The histograms of the cells say in which band of time each percentile lies and how many rows lie
below; only the rows of those bands are read, by an index of their own. Both ways say the same (a
test holds it).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Count, DateField, F, Sum
from django.db.models.functions import Coalesce, TruncMonth, TruncQuarter, TruncWeek

from reports.policies.explore.asking import Asked, moment_of
from reports.policies.explore.bands import Histogram, Place, between, only_second_of
from reports.policies.explore.cells import FIRST_OF, Grain
from reports.policies.explore.reading import (
    cell_value,
    cells_asked,
    in_words,
    one_dimension,
    row_value,
    rows_of,
    standing_rows,
)
from reports.querysets import Percentile

if TYPE_CHECKING:
    from reports.access import ReportScope

MEDIAN, NINTH = 0.5, 0.9


class Times(NamedTuple):
    """Seconds; None where there is no row."""

    median: float | None
    ninth: float | None
    rows: int
    total: int


#: The first day of a point, or None for the whole period; and the value of the split.
Key = tuple[dt.date | None, str]


class _Wanted(NamedTuple):
    """The durations of `first` to `last` in order, of one band of a key's rows."""

    key: Key
    band: int
    first: int
    last: int


def read_times(
    asked: Asked, scope: ReportScope, figure: str, *, split: str = ""
) -> dict[Key, Times]:
    """Per point or, with `split`, per value over the whole period."""
    dimension = one_dimension(asked, scope, [figure], split)
    if dimension is None:
        return _from_rows(asked, scope, figure, split)
    cells = cells_asked(asked, scope, [figure], dimension).filter(
        starts_on__gte=asked.points[0], starts_on__lt=asked.end
    )
    group = cell_value(split, dimension) if split else F("starts_on")
    sums = cells.values_list(group).annotate(total=Sum("seconds"), numbers=Sum("bands"))
    totals: dict[Key, int] = defaultdict(int)
    numbers: dict[Key, int] = defaultdict(int)
    for value, seconds, number in sums:
        key = (None, in_words(value)) if split else (FIRST_OF[asked.grain](value), "")
        totals[key] += seconds
        numbers[key] += number
    histograms = {key: Histogram(number) for key, number in numbers.items()}
    return _measured(asked, scope, figure, split, histograms, totals)


def read_hours(
    asked: Asked, scope: ReportScope, figure: str, split: str
) -> dict[str, tuple[int, int]]:
    """Rows and their seconds per value of `split`, over the whole period."""
    dimension = one_dimension(asked, scope, [figure], split)
    if dimension is None:
        rows = rows_of(asked, scope, figure).order_by().values_list(row_value(split))
        sums = rows.annotate(n=Count("id"), total=Coalesce(Sum("seconds"), 0))
    else:
        cells = cells_asked(asked, scope, [figure], dimension).filter(
            starts_on__gte=asked.points[0], starts_on__lt=asked.end
        )
        sums = cells.values_list(cell_value(split, dimension)).annotate(
            n=Sum("rows"), total=Sum("seconds")
        )
    return {in_words(value): (n, total) for value, n, total in sums}


def _from_rows(asked: Asked, scope: ReportScope, figure: str, split: str) -> dict[Key, Times]:
    rows = rows_of(asked, scope, figure).order_by()
    measured = {
        "median": Percentile("seconds", MEDIAN), "ninth": Percentile("seconds", NINTH),
        "n": Count("id"), "total": Sum("seconds"),
    }  # fmt: skip
    if split:
        found = rows.values_list(row_value(split)).annotate(**measured)
        return {(None, in_words(key)): Times(*rest) for key, *rest in found}
    cut = {
        Grain.WEEK: TruncWeek, Grain.MONTH: TruncMonth, Grain.QUARTER: TruncQuarter,
    }[asked.grain]  # fmt: skip
    start = cut("at", output_field=DateField(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    points = rows.values_list(start).annotate(**measured)
    return {(day, ""): Times(*rest) for day, *rest in points}


def _measured(
    asked: Asked, scope: ReportScope, figure: str, split: str,
    histograms: Mapping[Key, Histogram], totals: Mapping[Key, int],
) -> dict[Key, Times]:  # fmt: skip
    wanted = list(dict.fromkeys(
        each for key, histogram in histograms.items() if histogram.total
        for each in _wanted_of(key, histogram)
    ))  # fmt: skip
    known = _read_places(asked, scope, figure, split, wanted)
    if any(
        (each.key, Place(each.band, at)) not in known
        for each in wanted
        for at in (each.first, each.last)
    ):
        # The figures moved between the two readings.
        return _from_rows(asked, scope, figure, split)

    def percentile(key: Key, share: float) -> float:
        histogram = histograms[key]
        low, high = (known[key, place] for place in histogram.places_of(share))
        return between(share, histogram.total, low, high)

    return {
        key: Times(percentile(key, MEDIAN), percentile(key, NINTH), histogram.total, totals[key])
        for key, histogram in histograms.items()
        if histogram.total
    }


def _wanted_of(key: Key, histogram: Histogram) -> Iterable[_Wanted]:
    for share in (MEDIAN, NINTH):
        low, high = histogram.places_of(share)
        if low.band == high.band:
            yield _Wanted(key, low.band, low.before, high.before)
        else:
            yield _Wanted(key, low.band, low.before, low.before)
            yield _Wanted(key, high.band, high.before, high.before)


def _read_places(
    asked: Asked, scope: ReportScope, figure: str, split: str, wanted: Sequence[_Wanted]
) -> dict[tuple[Key, Place], int]:
    """The seconds at each wanted place; rows are read only where a band holds several."""
    known: dict[tuple[Key, Place], int] = {}
    unknown: list[_Wanted] = []
    for each in wanted:
        second = only_second_of(each.band)
        if second is None:
            unknown.append(each)
            continue
        for before in (each.first, each.last):
            known[each.key, Place(each.band, before)] = second
    if unknown:
        for number, seconds in _read_rows(asked, scope, figure, split, unknown):
            each = unknown[number - 1]
            for before, second in enumerate(seconds, start=each.first):
                known[each.key, Place(each.band, before)] = second
    return known


def _read_rows(
    asked: Asked, scope: ReportScope, figure: str, split: str, wanted: Sequence[_Wanted]
) -> list[tuple[int, list[int]]]:
    """The number of each wanted (from 1) and its seconds in order, in one query."""
    rows = standing_rows(asked, scope, figure).filter(
        band__in={each.band for each in wanted}, at__gte=asked.starts_at, at__lt=asked.ends_at
    )
    columns = rows.order_by().values_list("band", "at", "seconds", row_value(split))
    inner, params = columns.query.sql_with_params()
    spans = [
        (moment_of(start), moment_of(asked.point_end(start))) if start else
        (asked.starts_at, asked.ends_at)
        for (start, _value), _band, _first, _last in wanted
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, (array_agg(seconds ORDER BY seconds))[first + 1 : last + 1]"  # noqa: S608
            " FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::text[], %s::smallint[],"
            " %s::bigint[], %s::bigint[]) WITH ORDINALITY"
            " wanted (since, until, value, band, first, last, number)"
            f" JOIN ({inner}) AS counted (of_band, at, seconds, of_value)"
            " ON of_band = band AND at >= since AND at < until"
            " AND of_value::text = value"
            " GROUP BY number, first, last",
            [
                [since for since, _until in spans],
                [until for _since, until in spans],
                [each.key[1] for each in wanted],
                [each.band for each in wanted],
                [each.first for each in wanted],
                [each.last for each in wanted],
                *params,
            ],
        )
        return list(cursor.fetchall())
