"""Live rows and their cells follow what was touched, in the transaction of the facts.

A touched subject's rows are made anew, those that differ are written and the cells move by the
difference, so that they equal the sum of the rows after any crash, in any order (invariant 8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from psycopg2.extras import execute_values

from core.bulk import copy_rows
from core.models import Event, Recorded
from feedback.models import Demand, Obligation, Round
from reports.actions.deriving import move_rows
from reports.models import LiveCell, LiveRow
from reports.policies.explore.bands import histograms_of_bands
from reports.policies.explore.cells import KEPT, SUMMED, Grain, columns_of
from reports.policies.explore.live import (
    LIVE_COLUMNS,
    CellKey,
    Live,
    Sum,
    cause_rows_live,
    cells_of,
)
from reports.policies.explore.live_loop import demand_rows_live, round_rows_live
from tickets.models import Cause, Ticket

_BATCH = 500
#: Columns of a cell: its key and its sums.
_CELL = (
    "grain", "dimension", "figure", "starts_on", "product_id", "confidential", "value",
    *Sum._fields,
)  # fmt: skip


def replace_ticket_rows(pks: Sequence[int], rows: Iterable[Live]) -> None:
    """Part of the caller's transaction, under the writer's lock."""
    _replace(Ticket.SUBJECT, pks, rows)


def replace_other_rows(touched: Iterable[tuple[str, int]]) -> None:
    """The same for what is no ticket: causes, demands and rounds, read from the database here.

    A round stands where its demand and its person stand, so it follows them too.
    """
    pks: dict[str, set[int]] = defaultdict(set)
    for subject, pk in touched:
        pks[subject].add(pk)
    about = Q(obligation__demand__in=pks[Demand.SUBJECT]) | Q(
        obligation__in=pks[Obligation.SUBJECT]
    )
    if pks[Demand.SUBJECT] or pks[Obligation.SUBJECT]:
        pks[Round.SUBJECT].update(Round.objects.filter(about).values_list("pk", flat=True))
    for subject in _READERS:
        _replace_rows_of(subject, pks[subject])


def _replace_rows_of(subject: str, pks: Iterable[int]) -> None:
    ordered = sorted(set(pks))
    for first in range(0, len(ordered), _BATCH):
        batch = ordered[first : first + _BATCH]
        _replace(subject, batch, list(_READERS[subject](batch)))


def rebuild_other_rows() -> None:
    """The rows of all causes, demands and rounds into the emptied table; their sums come after."""
    models: tuple[type[Recorded], ...] = (Cause, Demand, Round)
    for model in models:
        pks = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
        for first in range(0, len(pks), _BATCH):
            copy_rows(LiveRow, LIVE_COLUMNS, _READERS[model.SUBJECT](pks[first : first + _BATCH]))


def _cause_rows(pks: Sequence[int]) -> Iterator[Live]:
    events = Event.objects.filter(subject=Cause.SUBJECT, subject_id__in=pks)
    ordered = events.order_by("subject_id", "version")
    for pk, history in groupby(ordered, key=attrgetter("subject_id")):
        yield from cause_rows_live(pk, list(history))


_READERS: dict[str, Callable[[Sequence[int]], Iterator[Live]]] = {
    Cause.SUBJECT: _cause_rows,
    Demand.SUBJECT: demand_rows_live,
    Round.SUBJECT: round_rows_live,
}


def _replace(subject: str, pks: Sequence[int], rows: Iterable[Live]) -> None:
    kept = LiveRow.objects.of_subject(subject, list(pks))
    moved = move_rows(kept, LIVE_COLUMNS, rows)
    was, now = (cells_of(Live(*row) for row in rows) for rows in moved)
    _apply(
        {
            key: change
            for key in was.keys() | now.keys()
            if any(change := now.get(key, Sum()) - was.get(key, Sum()))
        }
    )


def _apply(changes: dict[CellKey, Sum]) -> None:
    """Add the changes to the cells; one that counts nothing any more leaves no row."""
    if not changes:
        return
    table = connection.ops.quote_name(LiveCell._meta.db_table)
    added = ", ".join(f"{name} = kept.{name} + EXCLUDED.{name}" for name in Sum._fields)
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            f"INSERT INTO {table} AS kept ({', '.join(_CELL)}) VALUES %s"  # noqa: S608
            " ON CONFLICT (grain, dimension, figure, starts_on, product_id, confidential, value)"
            f" DO UPDATE SET {added}",
            [(*key, *change) for key, change in sorted(changes.items())],
            page_size=1000,
        )
    if days := {key[3] for key, change in changes.items() if change.rows < 0}:
        LiveCell.objects.filter(starts_on__in=days, rows=0).delete()


def sum_up_cells() -> None:
    """The cells from the stored rows, in one statement that reads those once."""
    LiveCell.objects.all()._raw_delete(connection.alias)
    dimensions = list(dict.fromkeys(chain.from_iterable(SUMMED.values())))
    columns = dict.fromkeys(chain.from_iterable(map(columns_of, dimensions)))
    starts = [f"date_trunc('{grain}', day)::date AS {grain}_start" for grain in KEPT]
    parts: list[str] = []
    values: list[Any] = []
    for dimension in dimensions:
        figures = [name for name, summed in SUMMED.items() if dimension in summed]
        for grain in KEPT:
            parts.append(_sums(grain, columns_of(dimension)))
            values += [grain, dimension, figures]
    cells, rows = (connection.ops.quote_name(model._meta.db_table) for model in (LiveCell, LiveRow))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH counted AS MATERIALIZED (SELECT {', '.join(starts)}, figure, product_id,"  # noqa: S608
            f" confidential, amount, seconds, histogram, {', '.join(columns)}"
            f' FROM (SELECT *, "at" AT TIME ZONE %s AS day FROM {rows}) each'
            " LEFT JOIN unnest(%s::numeric[]) WITH ORDINALITY one (histogram, after)"
            " ON after = band + 1"
            f" WHERE figure = ANY(%s)) INSERT INTO {cells} ({', '.join(_CELL)})"
            f" {' UNION ALL '.join(parts)}",
            [settings.TIME_ZONE, histograms_of_bands(), list(SUMMED), *values],
        )


def _sums(grain: Grain, columns: Sequence[str]) -> str:
    """The cells of one grain and dimension; to be told both and the figures that have it."""
    value = " || ':' || ".join(f"COALESCE({column}::text, '')" for column in columns) or "''"
    groups = ", ".join(("figure", f"{grain}_start", "product_id", "confidential", *columns))
    return (
        f"SELECT %s, %s, figure, {grain}_start, product_id, confidential, {value}, count(*),"  # noqa: S608
        " sum(amount), COALESCE(sum(seconds), 0), COALESCE(sum(histogram), 0)"
        f" FROM counted WHERE figure = ANY(%s) GROUP BY {groups}"
    )
