"""Facts follow touched rows: each touched ticket's facts and days are derived anew from its log.

Rows that differ are written and the roll-ups take the difference in the same transaction, so they
equal the recomputation after any crash, in any order (invariant 8). One writer at a time, by an
advisory lock; what another one touched meanwhile waits for the next run.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import execute_values

from core.models import Touched
from feedback.models import Demand, Insight
from reports.actions.deriving import Row, move_rows, rows_of_tickets
from reports.actions.exploring import replace_other_rows, replace_ticket_rows
from reports.models import DailyRollup, OpenSpan, TicketDay, TicketFact
from reports.policies.clocks import Clocks
from reports.policies.facts import (
    DAY_COLUMNS,
    FACT_COLUMNS,
    SPAN_COLUMNS,
)
from tickets.models import Cause, Ticket

#: Tickets recomputed in one transaction: what a kill can undo at most.
BATCH = 2000
#: Names the writer's lock among the advisory locks of the database.
_LOCK = 0x0B5_FAC7
RollupKey = tuple[dt.date, str, int, int | None]


def recompute_tickets(pks: Iterable[int], now: dt.datetime) -> int:
    """Bring facts, spans, days, live rows and their share of the sums up to date. Returns how
    many tickets.

    A ticket without events loses its rows. `now` bounds nothing yet: facts tell all of the log.
    """
    ordered = sorted(set(pks))
    clocks = Clocks()
    for first in range(0, len(ordered), BATCH):
        with transaction.atomic():
            lock_facts()
            _replace(ordered[first : first + BATCH], clocks)
    return len(ordered)


def catch_up(now: dt.datetime) -> None:
    """Recompute all that was touched before: for what is about to be read from facts.

    Waits for another writer, so that no report is computed from old facts while everything is
    rebuilt; raises OperationalError (lock timeout) when that takes too long.
    """
    while follow_touched(now, wait=True):
        pass


def follow_touched(now: dt.datetime, *, limit: int = BATCH, wait: bool = False) -> int:
    """Recompute what was touched, one batch. Returns how many touched rows are done.

    The touched rows are taken, and the derived rows replaced, in one transaction: a crash leaves
    both as they were. 0 when nothing is touched, or when another worker is at it and this one
    does not `wait`.
    """
    with transaction.atomic():
        if wait:
            lock_facts()
        elif not _try_lock():
            return 0
        taken = list(
            Touched.objects.select_for_update(skip_locked=True)
            .order_by("id")
            .values_list("id", "subject", "subject_id")[:limit]
        )
        if not taken:
            return 0
        clocks = Clocks()
        replace_other_rows((subject, pk) for _id, subject, pk in taken)
        pks = sorted(_tickets_of(taken))
        for first in range(0, len(pks), BATCH):
            _replace(pks[first : first + BATCH], clocks)
        Touched.objects.filter(pk__in=[pk for pk, _subject, _subject_id in taken]).delete()
    return len(taken)


def _tickets_of(taken: Sequence[tuple[int, str, int]]) -> set[int]:
    """The tickets whose facts may follow from the touched subjects."""
    by_subject: dict[str, set[int]] = {}
    for _pk, subject, subject_id in taken:
        by_subject.setdefault(subject, set()).add(subject_id)
    found = set(by_subject.get(Ticket.SUBJECT, ()))
    fan_out: dict[str, Callable[[set[int]], Any]] = {
        Cause.SUBJECT: lambda pks: Ticket.objects.filter(cause_id__in=pks),
        Demand.SUBJECT: lambda pks: Ticket.objects.filter(driver__in=[f"D-{pk}" for pk in pks]),
        Insight.SUBJECT: lambda pks: Ticket.objects.filter(insights__in=pks),
    }
    for subject, tickets_of in fan_out.items():
        if subject in by_subject:
            found.update(tickets_of(by_subject[subject]).values_list("pk", flat=True))
    return found


def lock_facts() -> None:
    """Wait to be the only writer until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _try_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        (got,) = cursor.fetchone()
    return bool(got)


def _replace(pks: Sequence[int], clocks: Clocks) -> None:
    """Part of the caller's transaction, under the writer's lock."""
    if not pks:
        return
    rows = rows_of_tickets(pks, clocks)
    move_rows(TicketFact.objects.filter(ticket_id__in=pks), FACT_COLUMNS, rows.facts)
    move_rows(OpenSpan.objects.filter(ticket_id__in=pks), SPAN_COLUMNS, rows.spans)
    days = TicketDay.objects.filter(ticket_id__in=pks)
    _apply(_difference(*move_rows(days, DAY_COLUMNS, rows.days)))
    replace_ticket_rows(pks, rows.live)


def _difference(gone: Iterable[Row], came: Iterable[Row]) -> dict[RollupKey, int]:
    sums: Counter[RollupKey] = Counter()
    for rows, sign in ((gone, -1), (came, 1)):
        for _pk, day, figure, amount, product_id, _module, department_id, _type in rows:
            sums[day, figure, product_id, department_id] += sign * amount
    return {key: change for key, change in sums.items() if change}


def _apply(changes: dict[RollupKey, int]) -> None:
    """Add the changes to the roll-ups; a sum that became 0 leaves no row."""
    if not changes:
        return
    table = connection.ops.quote_name(DailyRollup._meta.db_table)
    ordered = sorted(changes.items(), key=lambda item: tuple(str(part) for part in item[0]))
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            f"INSERT INTO {table} AS kept (day, figure, product_id, department_id, amount) VALUES %s"  # noqa: S608, E501
            " ON CONFLICT (day, figure, product_id, department_id)"
            " DO UPDATE SET amount = kept.amount + EXCLUDED.amount",
            [(*key, change) for key, change in ordered],
        )
    if days := {key[0] for key, change in changes.items() if change < 0}:
        DailyRollup.objects.filter(day__in=days, amount=0).delete()


def sum_up_days() -> None:
    """The roll-ups from the stored days. Part of the caller's transaction, under the lock."""
    DailyRollup.objects.all()._raw_delete(connection.alias)
    rollup, days = (
        connection.ops.quote_name(model._meta.db_table) for model in (DailyRollup, TicketDay)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {rollup} (day, figure, product_id, department_id, amount)"  # noqa: S608
            f" SELECT day, figure, product_id, department_id, sum(amount) FROM {days}"
            " GROUP BY 1, 2, 3, 4"
        )
