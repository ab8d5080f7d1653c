"""Pages of the demand table by key: never OFFSET, never more columns than a row shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import Department
from catalog.access import Like
from core.prepared import Prepared
from feedback.models import Demand
from feedback.querysets import DemandQuerySet
from feedback.search.columns import COLUMNS, Column, made_up
from feedback.search.listing import DemandListing, ReadDemands
from feedback.search.orders import ranked
from feedback.search.told import Told, told_of
from tickets.search.filters import Asking

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
    back = read.order.read(after) if after else None
    if back is not None:
        found = _in_order(read, "after", back, size + 1)
        rows = found[:size][::-1]
        return _page(rows, read, newer=len(found) > size, older=bool(rows))
    forth = read.order.read(before) if before else None
    found = _in_order(read, "before" if forth is not None else "", forth or (), size + 1)
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


def _in_order(read: ReadDemands, side: str, keys: tuple[Any, ...], limit: int) -> list[Row]:
    """The first rows on one side of the keys: which they are first, then what they show; names and
    people of ten thousand demands are not looked up to sort by something else.
    """
    listing = read.listing
    is_plain = not (listing.query.strip() or listing.filters)
    if is_plain and all(isinstance(key, (int, str, dt.date)) for key in keys):
        named = {f"key_{place}": key for place, key in enumerate(keys)}
        pks = _plain(Like(read.user), listing, side, limit, user=read.user.pk, **named)
    else:
        pks = list(_sided(read, side, keys, limit))
    rows = {row.pk: row for row in _shown(read, tuple(pks))}
    return [rows[pk] for pk in pks if pk in rows]


def _sided(
    read: ReadDemands, side: str, keys: tuple[Any, ...], limit: int
) -> QuerySet[Demand, int]:  # fmt: skip
    order = read.order
    demands = ranked(read.demands(), order.paths)
    if side:
        demands = demands.filter(order.beyond(keys, backwards=side == "after"))
    ordered = demands.order_by(*order.order_by(backwards=side == "after"))
    return ordered.values_list("pk", flat=True)[:limit]


@Prepared
def _plain(
    like: Like, listing: DemandListing, side: str, limit: int, user: int, **keys: Any
) -> QuerySet[Demand, int]:
    """A list without words and conditions, so that no moment matters."""
    read = listing.read(Asking(like.person(user), dt.datetime.min.replace(tzinfo=dt.UTC)))
    return _sided(read, side, tuple(keys.values()), limit)


def _shown(read: ReadDemands, pks: tuple[int, ...]) -> list[Row]:
    """What the rows show. Columns of the company's own change with their settings."""
    columns = tuple(read.columns)
    if any(column.definition is not None for column in columns):
        found = ranked(read.all_seen().filter(pk__in=pks), read.order.paths)
        return _rows(found, read, columns, len(pks))
    asked = _asked(read.order.paths, columns)
    values = _values(
        Like(read.user), read.order.paths, tuple(column.key for column in columns),
        user=read.user.pk, pks=pks,
    )  # fmt: skip
    return _made_of(values, asked, read.order.paths, columns)


@Prepared
def _values(
    like: Like, order: tuple[str, ...], keys: tuple[str, ...], user: int, pks: tuple[int, ...]
) -> QuerySet[Demand, tuple[Any, ...]]:
    columns = [COLUMNS[key] for key in keys]
    seen = Demand.objects.steered_by(like.person(user)).filter(pk__in=pks)
    demands = _annotated(ranked(seen, order), columns)
    return demands.values_list(*_asked(order, columns))


def _rows(
    demands: DemandQuerySet, read: ReadDemands, columns: Sequence[Column], limit: int
) -> list[Row]:
    asked = _asked(read.order.paths, columns)
    found = _annotated(demands, columns).values_list(*asked)[:limit]
    return _made_of(found, asked, read.order.paths, columns)


def _annotated(demands: DemandQuerySet, columns: Sequence[Column]) -> DemandQuerySet:
    made = made_up(columns)
    known = demands.query.annotations
    return demands.annotate(**{name: what for name, what in made.items() if name not in known})


def _asked(order: tuple[str, ...], columns: Sequence[Column]) -> list[str]:
    paths = [path for column in columns for path in column.paths]
    return list(dict.fromkeys((*ALWAYS, *order, *paths)))


def _made_of(
    values: Iterable[tuple[Any, ...]],
    asked: Sequence[str],
    order: tuple[str, ...],
    columns: Sequence[Column],
) -> list[Row]:
    at = {name: place for place, name in enumerate(asked)}
    keys = [at[path] for path in order]
    shown = [at[column.paths[0]] for column in columns]
    own = len(ALWAYS)
    return [
        Row._make((*found[:own], tuple(found[p] for p in keys), tuple(found[p] for p in shown)))
        for found in values
    ]
