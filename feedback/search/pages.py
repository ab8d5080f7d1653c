"""Pages of the demand table by key: never OFFSET, never more columns than a row shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from accounts.models import Department
from feedback.querysets import DemandQuerySet
from feedback.search.columns import Column, made_up
from feedback.search.listing import ReadDemands
from feedback.search.orders import ranked
from feedback.search.told import Told, told_of

PAGE_SIZE = 50
#: What every row carries besides the columns that are shown.
ALWAYS = ("pk", "version", "title", "status", "product_id", "product_owner_id")


class Row(NamedTuple):
    """One row: what it always carries, the keys it stands by, the value of each column."""

    pk: int
    version: int
    title: str
    status: str
    product_id: int
    owner_id: int | None
    keys: tuple[Any, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True)
class DemandPage:
    """A page, the keys of its neighbours ("" at an end), and what its cells need besides."""

    rows: list[Row]
    newer: str = ""
    older: str = ""
    told: Mapping[int, Told] = field(default_factory=dict)
    departments: Mapping[int, str] = field(default_factory=dict)


def demand_page(
    read: ReadDemands, *, before: str = "", after: str = "", size: int = PAGE_SIZE
) -> DemandPage:
    """The page behind `before` in the order, or in front of `after`; the first without a key."""
    order = read.order
    demands = ranked(read.demands(), order.paths)
    back = order.read(after) if after else None
    if back is not None:
        wanted = demands.filter(order.beyond(back, backwards=True))
        found = _in_order(wanted.order_by(*order.order_by(backwards=True)), read, size + 1)
        rows = found[:size][::-1]
        return _page(rows, read, newer=len(found) > size, older=bool(rows))
    forth = order.read(before) if before else None
    if forth is not None:
        demands = demands.filter(order.beyond(forth))
    found = _in_order(demands.order_by(*order.order_by()), read, size + 1)
    return _page(found[:size], read, newer=forth is not None, older=len(found) > size)


def rows_of(read: ReadDemands, pks: Sequence[int]) -> DemandPage:
    """Some rows as the table shows them now, whether or not its filter still keeps them."""
    demands = ranked(read.all_seen().filter(pk__in=pks), read.order.paths)
    return _page(_rows(demands.order_by("pk"), read, read.columns, len(pks)), read)


def _page(
    rows: list[Row], read: ReadDemands, *, newer: bool = False, older: bool = False
) -> DemandPage:
    kinds = {column.kind: place for place, column in enumerate(read.columns)}
    told: Mapping[int, Told] = told_of([row.pk for row in rows]) if "told" in kinds else {}
    departments: Mapping[int, str] = {}
    if "departments" in kinds:
        wanted = {pk for row in rows for pk in row.values[kinds["departments"]] or ()}
        names = Department.objects.filter(pk__in=wanted).values_list("pk", "name")
        departments = dict(names) if wanted else {}
    return DemandPage(
        rows,
        read.order.token(rows[0].keys) if rows and newer else "",
        read.order.token(rows[-1].keys) if rows and older else "",
        told, departments,
    )  # fmt: skip


def _in_order(demands: DemandQuerySet, read: ReadDemands, limit: int) -> list[Row]:
    """The first rows: which they are first, then what they show; names and people of ten thousand
    demands are not looked up to sort by something else.
    """
    pks = list(demands.values_list("pk", flat=True)[:limit])
    found = ranked(read.all_seen().filter(pk__in=pks), read.order.paths)
    rows = {row.pk: row for row in _rows(found, read, read.columns, limit)}
    return [rows[pk] for pk in pks if pk in rows]


def _rows(
    demands: DemandQuerySet, read: ReadDemands, columns: Sequence[Column], limit: int
) -> list[Row]:
    made = made_up(columns)
    known = demands.query.annotations
    demands = demands.annotate(**{name: what for name, what in made.items() if name not in known})
    paths = [path for column in columns for path in column.paths]
    asked = list(dict.fromkeys((*ALWAYS, *read.order.paths, *paths)))
    at = {name: place for place, name in enumerate(asked)}
    keys = [at[path] for path in read.order.paths]
    shown = [at[column.paths[0]] for column in columns]
    own = len(ALWAYS)
    return [
        Row._make((*found[:own], tuple(found[p] for p in keys), tuple(found[p] for p in shown)))
        for found in demands.values_list(*asked)[:limit]
    ]
