"""The board: a list in columns by level or by status, each paged by its own keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection

from tickets.choices import UNFINISHED, Level, Status
from tickets.querysets import TicketQuerySet
from tickets.search.listing import Read
from tickets.search.pages import Page, page_of
from tickets.search.queues import counting_sql

#: Cards of a column before "more".
CARDS = 20


@dataclass(frozen=True)
class BoardColumn:
    """A column: its word in the address, its name, its level or status."""

    key: str
    label: str
    level: int = 0
    status: str = ""

    def of(self, tickets: TicketQuerySet) -> TicketQuerySet:
        if self.level:
            return tickets.filter(level=self.level)
        return tickets.filter(status=self.status)


def columns_of(by: str) -> list[BoardColumn]:
    """The columns, in the order work moves through them."""
    if by == "status":
        return [BoardColumn(s.value, str(s.label), status=s.value) for s in map(Status, UNFINISHED)]
    return [BoardColumn(str(lv.value), str(lv.label), level=lv.value) for lv in Level]


def cards_of(read: Read) -> TicketQuerySet:
    """What a board shows of a list: work under way, never what ended."""
    tickets = read.tickets()
    if read.board == "level":
        return tickets.unresolved()
    return tickets.filter(status__in=UNFINISHED)


def column_page(read: Read, column: BoardColumn, before: str = "") -> Page:
    """Cards of one column behind a key; the first ones without."""
    wanted = replace(read.wanted(before), size=CARDS, is_narrow=True)
    return page_of(read.rows_of(column.of(cards_of(read))), wanted)


def column_counts(read: Read, columns: Sequence[BoardColumn]) -> list[int]:
    """How many cards each column holds, capped: one query for all."""
    tickets = cards_of(read)
    query = read.listing.query
    if query.strip():
        tickets = tickets.matching(query)
    parts = [counting_sql(column.of(tickets)) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(sql for sql, _values in parts)}",
            [value for _sql, values in parts for value in values],
        )
        return list(cursor.fetchone())
