"""One page of a list of tickets, by key: never OFFSET, never more columns than a row shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F, Max

from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.search.orders import NUMBER, Order

PAGE_SIZE = 50
BY_NUMBER = Order((NUMBER,))
#: Shares of the newest ids that a search walks before it asks the index for everything: a common
#: word is found at once, and only a rare one is worth sorting all its hits.
WINDOWS = (0.02, 0.10, 0.40)


class Row(NamedTuple):
    """What one row of a list shows."""

    pk: int
    title: str
    status: str
    level: int | None
    priority: int
    submitted_at: dt.datetime
    resolution_due_at: dt.datetime | None
    warn_at: dt.datetime | None
    due_at: dt.datetime | None
    promised_on: dt.date | None
    driver_state: str
    product: str
    product_is_other: bool
    module: str | None
    assignee: str | None
    resolution: str
    version: int
    #: The keys of the order this row stands by.
    keys: tuple[Any, ...] = ()
    #: Values of the chosen columns, path by path.
    facts: tuple[Any, ...] = ()
    #: The reader has something unsent there.
    has_draft: bool = False


_COLUMNS = (
    "pk", "title", "status", "level", "priority", "submitted_at", "resolution_due_at",
    "warn_at", "due_at", "promised_on", "driver_state", "product__name", "product__is_other",
    "module__name", "assignee__name", "resolution", "version",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page of rows and the keys of its neighbours ("" at an end)."""

    rows: list[Row]
    #: Rows before this page: ask with `after`.
    newer: str = ""
    #: Rows behind this page: ask with `before`.
    older: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which page of a list: its order, the key it begins or ends at, words, further columns."""

    order: Order = BY_NUMBER
    #: Rows behind these keys.
    before: tuple[Any, ...] | None = None
    #: Rows before these keys.
    after: tuple[Any, ...] | None = None
    query: str = ""
    facts: Sequence[str] = field(default=())
    #: The list is short (open tickets, not everything that ever was): its own index may lead.
    is_narrow: bool = False
    size: int = PAGE_SIZE


def page_of(tickets: TicketQuerySet, wanted: Wanted) -> Page:
    """The page that was asked for; the first when no key is given."""
    order, size = wanted.order, wanted.size
    if wanted.query.strip():
        tickets = tickets.matching(wanted.query)
    if wanted.after is not None:
        behind = tickets.filter(order.beyond(wanted.after, backwards=True))
        found = _rows(behind.order_by(*order.order_by(backwards=True)), wanted)
        rows = found[:size][::-1]
        newer = order.token(rows[0].keys) if len(found) > size else ""
        return Page(rows, newer, order.token(rows[-1].keys) if rows else "")
    if wanted.before is not None:
        tickets = tickets.filter(order.beyond(wanted.before))
    if wanted.query.strip():
        found = _search(tickets, wanted)
    else:
        found = _rows(tickets.order_by(*order.order_by()), wanted)
    rows = found[:size]
    return Page(
        rows,
        order.token(rows[0].keys) if rows and wanted.before is not None else "",
        order.token(rows[-1].keys) if len(found) > size else "",
    )


def _rows(tickets: TicketQuerySet, wanted: Wanted) -> list[Row]:
    paths = wanted.order.paths
    marked = ("has_draft",) if "has_draft" in tickets.query.annotations else ()
    asked = list(dict.fromkeys((*_COLUMNS, *paths, *wanted.facts, *marked)))
    at = {name: place for place, name in enumerate(asked)}
    keys, facts = [at[path] for path in paths], [at[path] for path in wanted.facts]
    own = len(_COLUMNS)
    rows = []
    for found in tickets.values_list(*asked)[: wanted.size + 1]:
        beside = tuple(found[place] for place in keys), tuple(found[place] for place in facts)
        has_draft = bool(marked and found[at["has_draft"]])
        rows.append(Row._make((*found[:own], *beside, has_draft)))
    return rows


def _search(tickets: TicketQuerySet, wanted: Wanted) -> list[Row]:
    """The first matches; of everything that ever was by number, in widening windows of ids."""
    order = wanted.order
    if not order.is_by_number:
        return _rows(tickets.order_by(*order.order_by()), wanted)
    if not wanted.is_narrow:
        top = (Ticket.objects.aggregate(top=Max("pk"))["top"] or 0) + 1
        if wanted.before is not None:
            top = min(top, wanted.before[0])
        for share in WINDOWS:
            floor = int(top * (1 - share))
            if top - floor < wanted.size:
                continue
            rows = _rows(tickets.filter(pk__gte=floor).order_by("-pk"), wanted)
            if len(rows) > wanted.size:
                return rows
    # Sorting by an expression keeps the planner from walking the primary key for a rare word: it
    # takes the index of the queue or that of the words, whichever it expects to be shorter.
    return _rows(tickets.order_by((F("pk") + 0).desc()), wanted)
