"""The stored rows of tickets, made from their logs; the one way for an increment and a rebuild."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model, QuerySet

from core.bulk import copy_rows
from feedback.models import Insight
from reports.events.counting import counted
from reports.events.reading import read_logs
from reports.models import LiveRow, OpenSpan, TicketDay, TicketFact
from reports.policies.clocks import Clocks
from reports.policies.explore.live import LIVE_COLUMNS, Live, ticket_rows_live
from reports.policies.facts import DAY_COLUMNS, FACT_COLUMNS, SPAN_COLUMNS, derive

Row = tuple[Any, ...]
#: The tables of `TicketRows`, in its order, and the columns written there.
TABLES: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (TicketFact, FACT_COLUMNS),
    (OpenSpan, SPAN_COLUMNS),
    (TicketDay, DAY_COLUMNS),
    (LiveRow, LIVE_COLUMNS),
)


class TicketRows(NamedTuple):
    """Everything stored about some tickets, as rows in the order of the columns above."""

    facts: list[Row]
    spans: list[Row]
    days: list[Row]
    live: list[Live]


def rows_of_tickets(pks: Sequence[int], clocks: Clocks) -> TicketRows:
    """From the log as it is committed now; nothing for a ticket without events."""
    cited = set(
        Insight.tickets.through.objects.filter(
            ticket_id__in=pks, insight__published_at__isnull=False
        ).values_list("ticket_id", flat=True)
    )
    rows = TicketRows([], [], [], [])
    for log in read_logs(pks):
        found = list(counted(log))
        fact, spans, days = derive(log, found, cited, clocks)
        rows.facts.append(fact)
        rows.spans.extend(spans)
        rows.days.extend(days)
        rows.live.extend(ticket_rows_live(log, found, clocks))
    return rows


class Moved(NamedTuple):
    """Which rows a table lost and gained."""

    gone: list[Row]
    came: list[Row]


def move_rows(kept: QuerySet[Any], columns: Sequence[str], rows: Iterable[Row]) -> Moved:
    """Make the stored rows of `kept` equal `rows`, writing only what differs.

    Part of the caller's transaction, under the writer's lock.
    """
    stored: dict[Row, list[int]] = defaultdict(list)
    for pk, *values in kept.values_list("pk", *columns):
        stored[tuple(values)].append(pk)
    came = []
    for row in rows:
        if same := stored.get(row):
            same.pop()
        else:
            came.append(row)
    gone = [(row, pk) for row, pks in stored.items() for pk in pks]
    if gone:
        old = kept.model._default_manager.filter(pk__in=[pk for _row, pk in gone])
        old._raw_delete(connection.alias)
    if came:
        copy_rows(kept.model, columns, came)
    return Moved([row for row, _pk in gone], came)
