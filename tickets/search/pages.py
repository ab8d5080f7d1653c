"""One page of a list of tickets, by key: never OFFSET, never more columns than a row shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Max, Q, QuerySet

from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

PAGE_SIZE = 50
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
    promised_on: dt.date | None
    driver_state: str
    product: str
    product_is_other: bool
    module: str | None
    assignee: str | None
    resolution: str
    version: int


_COLUMNS = (
    "pk", "title", "status", "level", "priority", "submitted_at", "resolution_due_at",
    "promised_on", "driver_state", "product__name", "product__is_other", "module__name",
    "assignee__name", "resolution", "version",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page of rows, newest first, and the keys of its neighbours (None at an end)."""

    rows: list[Row]
    #: Rows newer than this page: ask with `after`.
    newer: int | None
    #: Rows older than this page: ask with `before`.
    older: int | None


def page_of(
    tickets: TicketQuerySet,
    *,
    before: int | None = None,
    after: int | None = None,
    query: str = "",
    newest: str = "pk",
) -> Page:
    """The page before (older than) or after (newer than) a ticket; the newest without.

    `newest` names the column that orders: the ticket's number, or one of its moments. Words are
    always searched by number.
    """
    if newest != "pk" and not query.strip():
        return _by_moment(tickets, newest, before, after)
    if after is not None:
        ascending = _rows(_matching(tickets, query).filter(pk__gt=after).order_by("pk"))
        rows = ascending[:PAGE_SIZE][::-1]
        newer = rows[0].pk if len(ascending) > PAGE_SIZE else None
        return Page(rows, newer, rows[-1].pk if rows else None)
    if query.strip():
        found = _search(_matching(tickets, query), before)
    else:
        older = tickets if before is None else tickets.filter(pk__lt=before)
        found = _rows(older.order_by("-pk"))
    rows = found[:PAGE_SIZE]
    return Page(
        rows,
        rows[0].pk if rows and before is not None else None,
        _last(found),
    )


def _by_moment(tickets: TicketQuerySet, column: str, before: int | None, after: int | None) -> Page:
    """By a moment, newest first, and by number where two are equal; the key is a ticket's id."""
    key = after if after is not None else before
    at = Ticket.objects.filter(pk=key or 0).values_list(column, flat=True).first()
    if at is None:
        found = _rows(tickets.order_by(f"-{column}", "-pk"))
        return Page(found[:PAGE_SIZE], None, _last(found))
    side = "gt" if after is not None else "lt"
    # The second condition is implied by the first, and is the one that leads into the index.
    beyond = tickets.filter(
        Q(**{f"{column}__{side}": at}) | Q(**{column: at, f"pk__{side}": key}),
        **{f"{column}__{side}e": at},
    )
    if after is None:
        found = _rows(beyond.order_by(f"-{column}", "-pk"))
        return Page(found[:PAGE_SIZE], found[0].pk if found else None, _last(found))
    ascending = _rows(beyond.order_by(column, "pk"))
    rows = ascending[:PAGE_SIZE][::-1]
    newer = rows[0].pk if len(ascending) > PAGE_SIZE else None
    return Page(rows, newer, rows[-1].pk if rows else None)


def _last(found: list[Row]) -> int | None:
    """The key of the page after this one; None at the end."""
    return found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None


def _matching(tickets: TicketQuerySet, query: str) -> TicketQuerySet:
    return tickets.matching(query) if query.strip() else tickets


def _rows(tickets: QuerySet[Ticket]) -> list[Row]:
    return [Row._make(values) for values in tickets.values_list(*_COLUMNS)[: PAGE_SIZE + 1]]


def _search(tickets: TicketQuerySet, before: int | None) -> list[Row]:
    """The newest matches, in widening windows of ids."""
    if before is not None:
        tickets = tickets.filter(pk__lt=before)
        top = before
    else:
        top = (Ticket.objects.aggregate(top=Max("pk"))["top"] or 0) + 1
    for share in WINDOWS:
        floor = int(top * (1 - share))
        if top - floor < PAGE_SIZE:
            continue
        rows = _rows(tickets.filter(pk__gte=floor).order_by("-pk"))
        if len(rows) > PAGE_SIZE:
            return rows
    # Sorting by an expression keeps the planner from walking the primary key for a rare word.
    return _rows(tickets.order_by((F("pk") + 0).desc()))
