"""One page of a list of tickets, by key: never OFFSET, never more columns than a row shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
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
    if wanted.query.strip():
        tickets = tickets.matching(wanted.query)
        if wanted.after is None:
            if wanted.before is not None:
                tickets = tickets.filter(wanted.order.beyond(wanted.before))
            return paged(_search(tickets, wanted), wanted)
    tickets = in_order(tickets, wanted.order, wanted.before, wanted.after)
    return paged(_rows(tickets, wanted), wanted)


def in_order(
    tickets: TicketQuerySet,
    order: Order,
    before: tuple[Any, ...] | None = None,
    after: tuple[Any, ...] | None = None,
) -> TicketQuerySet:
    """The tickets behind one key, or before another and then backwards."""
    if after is not None:
        behind = tickets.filter(order.beyond(after, backwards=True))
        return behind.order_by(*order.order_by(backwards=True))
    if before is not None:
        tickets = tickets.filter(order.beyond(before))
    return tickets.order_by(*order.order_by())


def paged(found: list[Row], wanted: Wanted) -> Page:
    """A page of what was found in `in_order`, which is one row more where there is another page."""
    order, size = wanted.order, wanted.size
    if wanted.after is not None:
        rows = found[:size][::-1]
        newer = order.token(rows[0].keys) if len(found) > size else ""
        return Page(rows, newer, order.token(rows[-1].keys) if rows else "")
    rows = found[:size]
    return Page(
        rows,
        order.token(rows[0].keys) if rows and wanted.before is not None else "",
        order.token(rows[-1].keys) if len(found) > size else "",
    )


def _rows(tickets: TicketQuerySet, wanted: Wanted) -> list[Row]:
    asked = columns_of(wanted, marked="has_draft" in tickets.query.annotations)
    return rows_of(tickets.values_list(*asked)[: wanted.size + 1], asked, wanted)


def columns_of(wanted: Wanted, *, marked: bool) -> tuple[str, ...]:
    """What is read for a row; `marked`: also whether the reader has a draft there."""
    draft = ("has_draft",) if marked else ()
    return tuple(dict.fromkeys((*_COLUMNS, *wanted.order.paths, *wanted.facts, *draft)))


def rows_of(
    found: Iterable[tuple[Any, ...]], asked: tuple[str, ...], wanted: Wanted
) -> list[Row]:  # fmt: skip
    """Rows out of the values of the `asked` columns."""
    at = {name: place for place, name in enumerate(asked)}
    keys = [at[path] for path in wanted.order.paths]
    facts = [at[path] for path in wanted.facts]
    own, draft = len(_COLUMNS), at.get("has_draft")
    return [
        Row._make(
            (
                *values[:own], tuple(values[place] for place in keys),
                tuple(values[place] for place in facts), draft is not None and values[draft],
            )
        )
        for values in found
    ]  # fmt: skip


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
