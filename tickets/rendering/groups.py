"""What a group of rows is called, and how many tickets it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import gettext as _

from core.markup import number
from tickets.choices import Level, Priority, Status
from tickets.querysets import TicketQuerySet
from tickets.search.orders import DUE_BUCKETS, Order, status_of_rank

#: Tickets that are counted into groups; beyond them the counts say "+".
COUNTED_ROWS = 5000


def _level(values: Sequence[Any]) -> str:
    level = values[0]
    return f"L{level} {Level(level).label}" if level else _("No level")


_SAID: dict[str, Callable[[Sequence[Any]], str]] = {
    "status": lambda values: str(Status(status_of_rank(values[0])).label),
    "level": _level,
    "assignee": lambda values: values[0] or _("Nobody"),
    "team": lambda values: values[0] or _("No team"),
    "product": lambda values: str(values[0]),
    "module": lambda values: f"{values[0]} · {values[1] or _('Not sure')}",
    "priority": lambda values: str(Priority(values[0]).label),
    "due": lambda values: str(DUE_BUCKETS[values[0]]),
}


def heading_of(group: str) -> Callable[[Sequence[Any]], str]:
    """How the keys of a group are said."""
    return _SAID.get(group, lambda values: "")


def group_counts(tickets: TicketQuerySet, order: Order) -> dict[tuple[Any, ...], str]:
    """How many tickets each group holds, counted over the first `COUNTED_ROWS` (one query)."""
    paths = order.paths[: order.grouped]
    first = tickets.order_by(*order.order_by()).values_list(*paths)[: COUNTED_ROWS + 1]
    try:
        sql, params = first.query.sql_with_params()
    except EmptyResultSet:
        return {}
    names = ", ".join(f"k{place}" for place in range(len(paths)))
    # SQL that Django made; values travel apart.
    counting = f"SELECT {names}, count(*) FROM ({sql}) AS q({names}) GROUP BY {names}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(counting, params)
        found = {tuple(row[:-1]): row[-1] for row in cursor.fetchall()}
    more = "+" if sum(found.values()) > COUNTED_ROWS else ""
    return {keys: f"{number(count)}{more}" for keys, count in found.items()}
