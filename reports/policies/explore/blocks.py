"""What the blocks of one page need, read together: a question of its own for each costs more than
the sums."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import DateField, F, IntegerField, Sum, TextField, Value
from django.db.models.functions import Cast

from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import FIRST_OF
from reports.policies.explore.reading import (
    Sums,
    by_point,
    by_value,
    cell_value,
    cells_asked,
    one_dimension,
    read_sums,
)

if TYPE_CHECKING:
    from reports.access import ReportScope

_NO_DAY: Any = Value(None, DateField())


class BlockSums:
    """Sums of figures per point, and of each split over the whole period."""

    def __init__(self) -> None:
        #: Figure → first day of the point.
        self.points: dict[str, dict[dt.date, Sums]] = defaultdict(lambda: defaultdict(Sums))
        #: Split, figure → value.
        self.values: dict[tuple[str, str], dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))

    def add_point(self, figure: str, start: dt.date, one: Sums) -> None:
        was = self.points[figure][start]
        self.points[figure][start] = Sums(was.rows + one.rows, was.met + one.met)

    def add_value(self, split: str, figure: str, value: str, one: Sums) -> None:
        was = self.values[split, figure][value]
        self.values[split, figure][value] = Sums(was.rows + one.rows, was.met + one.met)


def read_blocks(
    asked: Asked,
    scope: ReportScope,
    figures: Sequence[str],
    splits: Mapping[str, Sequence[str]],
    *,
    until: dt.date | None = None,
) -> BlockSums:
    """`figures` per point, and the figures of each split over the points that begin before
    `until` (all of them without it). What cells hold is read in one query."""
    found, together = BlockSums(), []
    parts = [("", figures), *splits.items()]
    for number, (split, names) in enumerate(parts):
        dimension = one_dimension(asked, scope, names, split)
        if dimension is None:
            _add_rows(found, asked, scope, names, split, until)
        elif names:
            together.append(_part(number, asked, scope, names, split, dimension, until))
    rows: Any = together[0].union(*together[1:], all=True) if together else ()
    first_of = FIRST_OF[asked.grain]
    for number, figure, start, value, count, met in rows:
        split, one = parts[number][0], Sums(count, met)
        if split:
            found.add_value(split, figure, value, one)
        else:
            found.add_point(figure, first_of(start), one)
    return found


def _part(
    number: int, asked: Asked, scope: ReportScope, figures: Sequence[str], split: str,
    dimension: str, until: dt.date | None,
) -> Any:  # fmt: skip
    """The cells of one split, or of the points, as rows that go together with the others'."""
    end = until if split and until else asked.end
    cells = cells_asked(asked, scope, figures, dimension).filter(
        starts_on__gte=asked.points[0], starts_on__lt=end
    )
    return cells.values_list(
        Value(number, IntegerField()), "figure", _NO_DAY if split else F("starts_on"),
        Cast(cell_value(split, dimension), TextField()),
    ).annotate(n=Sum("rows"), m=Sum("met"))  # fmt: skip


def _add_rows(
    found: BlockSums, asked: Asked, scope: ReportScope, figures: Sequence[str], split: str,
    until: dt.date | None,
) -> None:  # fmt: skip
    sums = read_sums(asked, scope, figures, split=split)
    for figure in figures:
        if not split:
            found.points[figure] = by_point(sums, figure)
            continue
        kept = {key: each for key, each in sums.items() if until is None or key[1] < until}
        found.values[split, figure] = by_value(kept, figure)
