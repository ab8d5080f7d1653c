"""Facts, live rows and their sums anew, all in one transaction (docs/decisions/0022)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.db import connection, transaction

from core.bulk import Copy
from core.crew import processors, shared_out
from reports.actions.deriving import TABLES, Row, rows_of_tickets
from reports.actions.exploring import rebuild_other_rows, sum_up_cells
from reports.actions.facts import lock_facts, sum_up_days
from reports.policies.clocks import Clocks
from tickets.models import Ticket

#: Ids derived at a time: few enough that several processes keep each other supplied.
SPAN = 500
#: What sums may take of memory before they go to disk.
_WORK_MEMORY = "64MB"
#: More find nothing to do: one process writes what the others derive.
_MOST_PROCESSES = 4


def enough_processes() -> int:
    """How many make a rebuild as quick as it gets here."""
    return min(processors(), _MOST_PROCESSES)


def rebuild_facts(
    now: dt.datetime,
    *,
    on_batch: Callable[[int], None] = lambda done: None,
    processes: int = 1,
) -> int:
    """Everything anew from the log. Returns how many tickets.

    In one transaction: readers see what was there until all of it is new, and a kill changes
    nothing. Whatever is touched meanwhile waits until the end. `processes` derive (not within a
    transaction if more than one), this one writes. `now` bounds nothing: facts tell all of the log.
    """
    done = 0
    with shared_out(_Deriver().texts_of, processes) as derive, transaction.atomic():
        _prepare()
        copies = [Copy(model, columns) for model, columns in TABLES]
        for tickets, texts in derive(_spans()):
            for copy, text in zip(copies, texts, strict=True):
                copy.send(text)
            done += tickets
            on_batch(done)
        rebuild_other_rows()
        sum_up_days()
        sum_up_cells()
    return done


def _prepare() -> None:
    """Take the lock, however long another writer has it, and empty the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT set_config('work_mem', %s, true)", [_WORK_MEMORY])
    lock_facts()
    for model, _columns in TABLES:
        model._default_manager.all()._raw_delete(connection.alias)


def _spans() -> Iterator[range]:
    """Under the lock: a ticket of which others wrote rows before is among them."""
    top = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for first in range(0, top + 1, SPAN):
        yield range(first, first + SPAN)


class _Texts(NamedTuple):
    """The rows of so many tickets as COPY takes them, one text per table."""

    tickets: int
    texts: list[str]


class _Deriver:
    """Derives the tickets of spans of ids; a process keeps its own."""

    def __init__(self) -> None:
        self._clocks = Clocks()

    def texts_of(self, span: range) -> _Texts:
        found = Ticket.objects.filter(pk__gte=span.start, pk__lt=span.stop)
        pks = list(found.values_list("pk", flat=True))
        rows = rows_of_tickets(pks, self._clocks)
        lists: tuple[Iterable[Row], ...] = rows
        copies = (Copy(model, columns) for model, columns in TABLES)
        texts = [copy.text(each) for copy, each in zip(copies, lists, strict=True)]
        return _Texts(len(pks), texts)
