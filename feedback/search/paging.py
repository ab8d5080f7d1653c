"""Pages of the demand table by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When

from feedback.choices import DemandStatus
from feedback.models import Demand
from feedback.querysets import DemandQuerySet
from feedback.search.told import Told, told_of

PAGE_SIZE = 50
#: The order of the table: the way a demand goes, then where ways end.
ORDER = (
    DemandStatus.COLLECTED, DemandStatus.EVALUATING, DemandStatus.ACCEPTED, DemandStatus.SCHEDULED,
    DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING, DemandStatus.RELEASED,
    DemandStatus.ROLLED_BACK, DemandStatus.DEFERRED, DemandStatus.DECLINED, DemandStatus.CLOSED,
    DemandStatus.MERGED,
)  # fmt: skip
_RANK = {status.value: place for place, status in enumerate(ORDER)}


@dataclass(frozen=True)
class TablePage:
    """One page of the table and the keys of its neighbours ("" at an end)."""

    rows: list[Demand]
    told: Mapping[int, Told]
    newer: str
    older: str


def table_page(demands: DemandQuerySet, *, before: str = "", after: str = "") -> TablePage:
    """The page after (`before` in the order) or in front of a key, in three queries."""
    ranked = demands.annotate(rank=_rank()).select_related(
        "product", "module", "release", "product_owner"
    )
    if (key := _key(after)) is not None:
        rank, pk = key
        nearer = ranked.filter(Q(rank__lt=rank) | Q(rank=rank, pk__gt=pk))
        found = list(nearer.order_by("-rank", "pk")[: PAGE_SIZE + 1])
        rows = found[:PAGE_SIZE][::-1]
        newer, older = len(found) > PAGE_SIZE, bool(rows)
    else:
        key = _key(before)
        if key is not None:
            rank, pk = key
            ranked = ranked.filter(Q(rank__gt=rank) | Q(rank=rank, pk__lt=pk))
        found = list(ranked.order_by("rank", "-pk")[: PAGE_SIZE + 1])
        rows = found[:PAGE_SIZE]
        newer, older = key is not None and bool(rows), len(found) > PAGE_SIZE
    return TablePage(
        rows,
        told_of([row.pk for row in rows]),
        key_of(rows[0]) if rows and newer else "",
        key_of(rows[-1]) if rows and older else "",
    )


def _rank() -> Case:
    whens = [When(status=status, then=Value(place)) for status, place in _RANK.items()]
    return Case(*whens, default=Value(len(ORDER)), output_field=IntegerField())


def key_of(demand: Demand) -> str:
    """Where a demand stands in the table's order, as an address carries it."""
    return f"{_RANK[demand.status]}-{demand.pk}"


def _key(text: str) -> tuple[int, int] | None:
    rank, _dash, pk = text.partition("-")
    if rank.isdecimal() and pk.isdecimal() and len(rank) < 3 and len(pk) < 18:
        return int(rank), int(pk)
    return None
