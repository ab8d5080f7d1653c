"""Sums over live rows: from the cells where one dimension is asked for, else from the rows.

Both say the same (a test holds it): the cells are the sums of the rows. A reader with a narrower
scope gets sums of the rows in it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, DateField, F, Func, Q, Sum, TextField, Value
from django.db.models.functions import (
    Cast,
    Coalesce,
    Concat,
    TruncMonth,
    TruncWeek,
)

from accounts.models import Department
from reports.choices import BACKLOG_SIGN
from reports.models import LiveCell, LiveRow
from reports.policies.explore.asking import Asked, moment_of
from reports.policies.explore.cells import COMPOSED, FIRST_OF, SUMMED, Grain, columns_of, monday_of
from reports.policies.ticket_rows import INSTANT
from reports.querysets import LiveRowQuerySet

if TYPE_CHECKING:
    from reports.access import ReportScope


class Sums(NamedTuple):
    """Rows, and those of them that were met (counts: all)."""

    rows: int = 0
    met: int = 0

    @property
    def share(self) -> float | None:
        return self.met / self.rows if self.rows else None


_TEXT: TextField[str, str] = TextField()
_NOTHING = Value("", _TEXT)
#: (figure, first day of the point, value of the split)
Point = tuple[str, dt.date, str]


def rows_of(asked: Asked, scope: ReportScope, *figures: str) -> LiveRowQuerySet:
    """The live rows of these figures in scope and asked for, of the whole period."""
    return standing_rows(asked, scope, *figures).filter(
        at__gte=asked.starts_at, at__lt=min(asked.ends_at, asked.now + INSTANT)
    )


def standing_rows(asked: Asked, scope: ReportScope, *figures: str) -> LiveRowQuerySet:
    """The same whenever they were: what is unresolved, or waits, now."""
    return LiveRow.objects.filter(figure__in=figures).filter(scope.rows()).filter(asked.rows())


def read_sums(
    asked: Asked, scope: ReportScope, figures: Sequence[str], *, split: str = ""
) -> dict[Point, Sums]:
    """Sums per figure, point and value of `split` ("" one value, "")."""
    dimension = one_dimension(asked, scope, figures, split)
    if dimension is None:
        found = _from_rows(asked, scope, figures, split)
    else:
        cells = cells_asked(asked, scope, figures, dimension).filter(
            starts_on__gte=asked.points[0], starts_on__lt=asked.end
        )
        found = cells.values_list(
            "figure", "starts_on", cell_value(split, dimension), Sum("rows"), Sum("met")
        )
    return _gathered(asked, found)


def _gathered(asked: Asked, found: Iterable[tuple[Any, ...]]) -> dict[Point, Sums]:
    sums: dict[Point, Sums] = defaultdict(Sums)
    # Points and values come again and again: thousands of sums, a few dozen of each.
    first_of, values = cache(FIRST_OF[asked.grain]), cache(in_words)
    for figure, start, value, rows, met in found:
        key = (figure, first_of(start), values(value))
        was = sums.get(key)
        sums[key] = Sums(rows, met) if was is None else Sums(was.rows + rows, was.met + met)
    return sums


def in_words(value: Any) -> str:
    """A value as addresses have it; none is ""."""
    return "" if value is None else str(value)


def count_rows(asked: Asked, scope: ReportScope, figure: str) -> Sums:
    """How long a figure's list is: whole weeks that are over from the cells, the days before and
    after them from the rows."""
    after = min(asked.last + dt.timedelta(days=1), asked.today)
    first, end = monday_of(asked.first + dt.timedelta(days=6)), monday_of(after)
    rows = rows_of(asked, scope, figure).order_by()
    dimension = one_dimension(asked, scope, [figure], "")
    if dimension is None or first >= end:
        return _counted(rows.aggregate(n=Count("id"), met=Sum("amount")))
    cells = cells_asked(replace(asked, grain=Grain.WEEK), scope, [figure], dimension)
    whole = cells.filter(starts_on__gte=first, starts_on__lt=end)
    edges = (rows.filter(at__lt=moment_of(first)), rows.filter(at__gte=moment_of(end)))
    parts = [
        _counted(whole.aggregate(n=Sum("rows"), met=Sum("met"))),
        *(_counted(edge.aggregate(n=Count("id"), met=Sum("amount"))) for edge in edges),
    ]
    return Sums(sum(part.rows for part in parts), sum(part.met for part in parts))


def _counted(found: Mapping[str, int | None]) -> Sums:
    return Sums(found["n"] or 0, found["met"] or 0)


def by_point(sums: dict[Point, Sums], figure: str, value: str | None = None) -> dict[dt.date, Sums]:
    """Of one figure: the sums per point, of one value or over all."""
    found: dict[dt.date, Sums] = defaultdict(Sums)
    for (name, start, key), each in sums.items():
        if name == figure and value in (None, key):
            found[start] = Sums(found[start].rows + each.rows, found[start].met + each.met)
    return found


def by_value(sums: dict[Point, Sums], figure: str) -> dict[str, Sums]:
    """Of one figure: the sums per value of the split, over the whole period."""
    found: dict[str, Sums] = defaultdict(Sums)
    for (name, _start, key), each in sums.items():
        if name == figure:
            found[key] = Sums(found[key].rows + each.rows, found[key].met + each.met)
    return found


def one_dimension(
    asked: Asked, scope: ReportScope, figures: Sequence[str], split: str
) -> str | None:
    """The one dimension the question needs ("": none); None when it takes the rows."""
    needed = {*asked.filters, asked.split, split} - {"product", ""}
    if scope.department_paths:
        needed.add("department")
    if len(needed) == 2:
        needed = {name for name, parts in COMPOSED.items() if needed == set(parts)}
        if not needed:
            return None
    if len(needed) > 1:
        return None
    dimension = needed.pop() if needed else ""
    kept = all(dimension in SUMMED.get(figure, ()) for figure in figures)
    return dimension if kept else None


def cells_asked(asked: Asked, scope: ReportScope, figures: Sequence[str], dimension: str) -> Any:
    """The cells of one dimension in scope and asked for, whenever they were."""
    grain = Grain.WEEK if asked.grain == Grain.WEEK else Grain.MONTH
    cells = LiveCell.objects.filter(grain=grain, dimension=dimension, figure__in=figures)
    if "product" in asked.filters:
        cells = cells.filter(product_id=asked.filters["product"])
    if dimension in COMPOSED:
        first, second = (asked.filters.get(part) for part in COMPOSED[dimension])
        if first is not None:
            cells = cells.filter(value__startswith=f"{first}:")
        if second is not None:
            cells = cells.filter(value__endswith=f":{second}")
    elif dimension == "department" and asked.filters.get(dimension):
        cells = cells.filter(value__in=[str(pk) for pk in asked.department_ids])
    elif dimension in asked.filters:
        cells = cells.filter(value=asked.filters[dimension])
    if asked.split == "person":
        cells = cells.filter(value__in=[str(pk) for pk in asked.people])
    return cells.filter(_scoped(scope)).order_by().values("figure", "starts_on")


def _scoped(scope: ReportScope) -> Q:
    """The reader's scope on cells; with departments these are cells by department."""
    found = Q(pk__in=[])
    for part in scope.parts:
        cells = Q() if part.with_confidential else Q(confidential=False)
        if part.product_id is not None:
            cells &= Q(product_id=part.product_id)
        if part.department_path:
            below = Department.objects.filter(path__startswith=part.department_path)
            cells &= Q(value__in=[str(pk) for pk in below.values_list("pk", flat=True)])
        if not cells:
            return Q()
        found |= cells
    return found


def cell_value(split: str, dimension: str) -> Any:
    """The value of a split in the cells of a dimension."""
    if split == "product":
        return F("product_id")
    if dimension in COMPOSED and split in COMPOSED[dimension]:
        number = COMPOSED[dimension].index(split) + 1
        return Func(F("value"), Value(":"), number, function="SPLIT_PART", output_field=_TEXT)
    return F("value") if split else _NOTHING


def _from_rows(
    asked: Asked, scope: ReportScope, figures: Sequence[str], split: str
) -> Iterable[tuple[Any, ...]]:
    rows = rows_of(asked, scope, *figures).order_by()
    return rows.values("figure", start=_start(asked)).values_list(
        "figure", "start", row_value(split), Count("id"), Sum("amount")
    )


def row_value(split: str) -> Any:
    """The value of a dimension as the cells have it."""
    if split == "product":
        return F("product_id")
    parts = [Coalesce(Cast(column, _TEXT), Value("", _TEXT)) for column in columns_of(split)]
    if len(parts) == 2:
        return Concat(parts[0], Value(":", _TEXT), parts[1], output_field=_TEXT)
    return parts[0] if parts else _NOTHING


def _start(asked: Asked) -> Any:
    cut = TruncWeek if asked.grain == Grain.WEEK else TruncMonth
    return cut("at", output_field=DateField(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def read_backlog(
    asked: Asked, scope: ReportScope, *, split: str = ""
) -> dict[tuple[dt.date, str], int]:
    """Unresolved tickets at the end of each point, by the backlog's identity (invariant 11).

    Only by what the identity holds for: product, module, department and type.
    """
    figures = [str(figure) for figure in BACKLOG_SIGN]
    dimension = one_dimension(asked, scope, figures, split)
    if dimension is None:
        rows = standing_rows(asked, scope, *figures).filter(at__lt=asked.ends_at).order_by()
        found = rows.values("figure", start=_start(asked)).values_list(
            "figure", "start", row_value(split), Count("id"), Sum("amount")
        )
    else:
        cells = cells_asked(asked, scope, figures, dimension).filter(starts_on__lt=asked.end)
        found = cells.values_list(
            "figure", "starts_on", cell_value(split, dimension), Sum("rows"), Sum("met")
        )
    moved: dict[str, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for (figure, start, key), each in _gathered(asked, found).items():
        moved[key][start] += BACKLOG_SIGN[figure] * each.rows
    standing: dict[tuple[dt.date, str], int] = {}
    for key, changes in moved.items():
        total = sum(change for start, change in changes.items() if start < asked.points[0])
        for start in asked.points:
            total += changes.get(start, 0)
            standing[start, key] = total
    return standing
