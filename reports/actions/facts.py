"""Facts follow touched rows: each touched ticket's facts and days are recomputed whole.

The roll-ups take the difference between a ticket's old and new days in the same transaction, so
they equal the recomputation after any crash, in any order (invariant 8). One writer at a time, by
an advisory lock; what another one touched meanwhile waits for the next run.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from psycopg2.extras import execute_values

from core.bulk import copy_rows
from core.models import Touched
from feedback.models import Demand, Insight
from reports.actions.exploring import (
    rebuild_other_rows,
    replace_other_rows,
    replace_ticket_rows,
    sum_up_cells,
)
from reports.events.reading import read_logs
from reports.models import DailyRollup, OpenSpan, TicketDay, TicketFact
from reports.policies.clocks import Clocks
from reports.policies.facts import (
    DAY_COLUMNS,
    FACT_COLUMNS,
    SPAN_COLUMNS,
    Derived,
    derive,
)
from tickets.models import Cause, Ticket

#: Tickets recomputed in one transaction: what a kill can undo at most.
BATCH = 2000
#: Names the writer's lock among the advisory locks of the database.
_LOCK = 0x0B5_FAC7
RollupKey = tuple[dt.date, str, int, int | None]


def recompute_tickets(pks: Iterable[int], now: dt.datetime) -> int:
    """Replace facts, spans, days and their share of the roll-ups. Returns how many tickets.

    A ticket without events loses its rows. `now` bounds nothing yet: facts tell all of the log.
    """
    ordered = sorted(set(pks))
    clocks = Clocks()
    for first in range(0, len(ordered), BATCH):
        with transaction.atomic():
            _lock()
            _replace(ordered[first : first + BATCH], clocks)
    return len(ordered)


def follow_touched(now: dt.datetime, *, limit: int = BATCH) -> int:
    """Recompute what was touched, one batch. Returns how many touched rows are done.

    The touched rows are taken, and the derived rows replaced, in one transaction: a crash leaves
    both as they were. 0 when nothing waits or another worker is at it.
    """
    with transaction.atomic():
        if not _try_lock():
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


def rebuild_facts(now: dt.datetime, *, on_batch: Callable[[int], None] = lambda done: None) -> int:
    """Everything anew from the log; may be killed and started again. Returns how many tickets."""
    top = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    done = 0
    for first in range(0, top + 1, BATCH):
        span = range(first, first + BATCH)
        pks = Ticket.objects.filter(pk__gte=span.start, pk__lt=span.stop)
        done += recompute_tickets(pks.values_list("pk", flat=True), now)
        on_batch(done)
    with transaction.atomic():
        _lock()
        gone = TicketFact.objects.exclude(ticket_id__in=Ticket.objects.values("pk"))
        _replace(list(gone.values_list("pk", flat=True)), Clocks())
        rebuild_other_rows()
        _sum_up()
        sum_up_cells()
    return done


def _lock() -> None:
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
    cited = set(
        Insight.tickets.through.objects.filter(
            ticket_id__in=pks, insight__published_at__isnull=False
        ).values_list("ticket_id", flat=True)
    )
    logs = list(read_logs(pks))
    derived = [derive(log, cited, clocks) for log in logs]
    before = _sums_of(pks)
    for model in (TicketFact, OpenSpan, TicketDay):
        _rows(model).filter(ticket_id__in=pks)._raw_delete(connection.alias)
    copy_rows(TicketFact, FACT_COLUMNS, (each.fact for each in derived))
    copy_rows(OpenSpan, SPAN_COLUMNS, chain.from_iterable(each.spans for each in derived))
    copy_rows(TicketDay, DAY_COLUMNS, chain.from_iterable(each.days for each in derived))
    _apply(_difference(before, derived))
    replace_ticket_rows(pks, logs, clocks)


def _rows(model: Any) -> QuerySet[Any]:
    manager: QuerySet[Any] = model.objects.all()
    return manager


def _sums_of(pks: Sequence[int]) -> Counter[RollupKey]:
    """What these tickets' stored days add to each roll-up."""
    key = ("day", "figure", "product_id", "department_id")
    sums = TicketDay.objects.filter(ticket_id__in=pks).values_list(*key)
    return Counter({row[:4]: row[4] for row in sums.annotate(sum=Sum("amount"))})


def _difference(before: Counter[RollupKey], derived: Sequence[Derived]) -> dict[RollupKey, int]:
    after: Counter[RollupKey] = Counter()
    for each in derived:
        for _pk, day, figure, amount, product_id, _module, department_id, _type in each.days:
            after[day, figure, product_id, department_id] += amount
    keys = before.keys() | after.keys()
    return {key: change for key in keys if (change := after[key] - before[key])}


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
    days = {key[0] for key in changes}
    DailyRollup.objects.filter(day__in=days, amount=0).delete()


def _sum_up() -> None:
    """The roll-ups from the stored days: equal already, unless rows were changed by hand."""
    DailyRollup.objects.all().delete()
    rollup, days = (
        connection.ops.quote_name(model._meta.db_table) for model in (DailyRollup, TicketDay)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {rollup} (day, figure, product_id, department_id, amount)"  # noqa: S608
            f" SELECT day, figure, product_id, department_id, sum(amount) FROM {days}"
            " GROUP BY 1, 2, 3, 4"
        )
