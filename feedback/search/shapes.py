"""A list of demands as a board by status, and as a roadmap of products by quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from feedback.choices import DemandStatus
from feedback.querysets import DemandQuerySet
from feedback.search.listing import TO_DECIDE, UNDER_WAY, ReadDemands
from feedback.search.measures import people
from feedback.search.orders import STATUSES, next_quarter, order_of, quarter_of, ranked
from tickets.search.orders import Order

#: Cards of a column of the board, and of a field of the roadmap, before "more".
CARDS = 20
ROADMAP_CARDS = 6
_FIELDS = (
    "pk", "version", "title", "status", "product_id", "product_owner_id", "product__name",
    "module__name", "product_owner__name", "planned_on", "score", "priority", "people",
)  # fmt: skip
#: Quarters the roadmap shows after this one.
AHEAD = 3


@dataclass(frozen=True)
class Card:
    """What a card shows."""

    pk: int
    version: int
    title: str
    status: str
    product_id: int
    owner_id: int | None
    product: str
    module: str | None
    owner: str | None
    planned_on: dt.date | None
    score: Decimal | None
    priority: int | None
    people: int


@dataclass
class Column:
    """A column of the board: its status, its first cards, how many there are, key of the last."""

    status: str
    cards: list[Card] = field(default_factory=list)
    count: int = 0
    effort: Decimal = Decimal(0)
    older: str = ""


def board_order(read: ReadDemands) -> Order:
    """Cards stand as the list is sorted, within their column."""
    return order_of(read.listing.sort or "newest", "")[0]


def _statuses(read: ReadDemands) -> Sequence[DemandStatus]:
    known = {"running": UNDER_WAY, "decide": TO_DECIDE}.get(read.scope)
    if known is not None:
        return [status for status in STATUSES if status in known]
    return [status for status in STATUSES if status != DemandStatus.MERGED]


def board_of(read: ReadDemands) -> list[Column]:
    """The columns with their first cards: two queries, however many columns."""
    order = board_order(read)
    columns = {status.value: Column(status.value) for status in _statuses(read)}
    found = read.demands().filter(status__in=list(columns))
    for status, count, effort in (
        found.order_by().values_list("status").annotate(Count("pk"), Sum("effort"))
    ):
        columns[status].count, columns[status].effort = count, effort or Decimal(0)
    rank = Window(RowNumber(), partition_by=F("status"), order_by=order.order_by())
    first = ranked(found, order.paths).annotate(place=rank).filter(place__lte=CARDS)
    for card, keys in _cards(first.order_by("place"), order):
        column = columns[card.status]
        column.cards.append(card)
        if len(column.cards) == CARDS < column.count:
            column.older = order.token(keys)
    return list(columns.values())


def column_of(read: ReadDemands, status: str, before: str) -> Column:
    """More cards of one column, behind a key."""
    order = board_order(read)
    keys = order.read(before)
    found = ranked(read.demands().filter(status=status), order.paths)
    if keys is not None:
        found = found.filter(order.beyond(keys))
    rows = list(_cards(found.order_by(*order.order_by())[: CARDS + 1], order))
    column = Column(status, [card for card, _keys in rows[:CARDS]])
    if len(rows) > CARDS:
        column.older = order.token(rows[CARDS - 1][1])
    return column


def _cards(demands: DemandQuerySet, order: Order) -> list[tuple[Card, tuple[Any, ...]]]:
    if "people" not in demands.query.annotations:
        demands = demands.annotate(people=people())
    asked = list(dict.fromkeys((*_FIELDS, *order.paths)))
    at = {name: place for place, name in enumerate(asked)}
    own = len(_FIELDS)
    return [
        (Card(*found[:own]), tuple(found[at[path]] for path in order.paths))
        for found in demands.values_list(*asked)
    ]


# ---- roadmap ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """A column of the roadmap. `first` and `end` bound its days; both None: no date."""

    key: str
    first: dt.date | None = None
    end: dt.date | None = None


@dataclass
class Planned:
    """One field of the roadmap: a product in a slot."""

    cards: list[Card] = field(default_factory=list)
    count: int = 0
    effort: Decimal = Decimal(0)


@dataclass
class Roadmap:
    """Products by quarter, and the sums of each quarter."""

    slots: list[Slot]
    #: Product id and name → its fields, in the order of the slots.
    lanes: dict[tuple[int, str], list[Planned]] = field(default_factory=dict)
    sums: list[Planned] = field(default_factory=list)


def slots_of(today: dt.date) -> list[Slot]:
    """Before this quarter, this quarter and those ahead, later, without a date."""
    first = quarter_of(today)
    quarters, day = [], first
    for _n in range(AHEAD + 1):
        quarters.append(Slot(day.isoformat(), day, next_quarter(day)))
        day = next_quarter(day)
    return [
        Slot("earlier", end=first), *quarters, Slot("later", first=day), Slot("undated"),
    ]  # fmt: skip


def roadmap_of(read: ReadDemands) -> Roadmap:
    """Two queries: how many stand in each field, and its first cards by score."""
    slots = slots_of(read.asking.today)
    found = read.demands().exclude(status__in=(DemandStatus.MERGED, DemandStatus.DECLINED))
    found = found.annotate(slot=_slot_case(slots))
    roadmap = Roadmap(slots, sums=[Planned() for _slot in slots])
    placed: Any = found
    counted = placed.order_by("product__position", "product__name", "product_id").values_list(
        "product_id", "product__name", "slot"
    )
    for product_id, name, slot, count, effort in counted.annotate(Count("pk"), Sum("effort")):
        lane = roadmap.lanes.setdefault((product_id, name), [Planned() for _slot in slots])
        for field_ in (lane[slot], roadmap.sums[slot]):
            field_.count += count
            field_.effort += effort or Decimal(0)
    rank = Window(
        RowNumber(), partition_by=[F("product_id"), F("slot")],
        order_by=[F("score").desc(nulls_last=True), F("pk").desc()],
    )  # fmt: skip
    first = found.annotate(place=rank).filter(place__lte=ROADMAP_CARDS).order_by("place")
    for *values, slot in _of_slot(first.annotate(people=people())):
        card = Card(*values)
        roadmap.lanes[card.product_id, card.product][slot].cards.append(card)
    return roadmap


def _of_slot(demands: Any) -> Any:
    """The slot is made up: no field of the model."""
    return demands.values_list(*_FIELDS, "slot")


def _slot_case(slots: Sequence[Slot]) -> Case:
    whens = [When(planned_on__isnull=True, then=Value(len(slots) - 1))]
    for place, slot in enumerate(slots[:-1]):
        bounds: dict[str, Any] = {}
        if slot.first is not None:
            bounds["planned_on__gte"] = slot.first
        if slot.end is not None:
            bounds["planned_on__lt"] = slot.end
        whens.append(When(**bounds, then=Value(place)))
    return Case(*whens, default=Value(len(slots) - 1), output_field=IntegerField())
