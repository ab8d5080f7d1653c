"""What figures cost: facts rebuilt, a day's increment, a report, beside plain SQL aggregates.

The aggregates are what one would write by hand over the same events: per ticket, per day, per
step. They know no corrections, no dimensions as of the event and no working time; the goals say
how much all that may cost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from opsdesk.bench.load import DAYS
from reports.actions import make_snapshot, rebuild_facts, recompute_tickets
from reports.actions.exploring import sum_up_cells
from reports.actions.facts import sum_up_days
from reports.actions.rebuilding import enough_processes
from reports.models import LiveRow, OpenSpan, Snapshot, TicketDay, TicketFact
from reports.policies.report import compute_report, knowledge
from reports.policies.weeks import Week
from tickets.models import Ticket

#: A rebuild may take so many times the plain aggregates; one day so much of the rebuild.
REBUILD_GOAL, DAY_GOAL = 4.0, 0.01
#: Below so many tickets a day the fixed cost of one batch is all there is to see.
_JUDGED_DAY = 100
_AGGREGATES = {
    "per ticket": """
        SELECT count(*) FROM (
            SELECT subject_id, min(occurred_at), count(*),
                   max(occurred_at) FILTER (WHERE changes #>> '{status,1}' = 'resolved'),
                   max(occurred_at) FILTER (WHERE changes #>> '{status,1}' = 'closed')
            FROM core_event WHERE subject = 'ticket' GROUP BY subject_id) each""",
    "per day": """
        SELECT count(*) FROM (
            SELECT (occurred_at AT TIME ZONE %(zone)s)::date, verb, changes #>> '{product_id,1}',
                   count(*)
            FROM core_event WHERE subject = 'ticket' GROUP BY 1, 2, 3) each""",
    "per step": """
        SELECT status, count(*), sum(seconds),
               percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
        FROM (SELECT changes #>> '{status,1}' AS status,
                     extract(epoch FROM lead(occurred_at) OVER (
                         PARTITION BY subject_id ORDER BY version) - occurred_at) AS seconds
              FROM core_event WHERE subject = 'ticket' AND changes ? 'status') each
        GROUP BY status""",
}
Line = tuple[str, int, float, str, float | None, str, bool | None]


def _marker() -> Path:
    return Path(settings.DATA_DIR) / "bench-facts.json"


def ensure_facts(size: int, say: Callable[[str], None]) -> None:
    """The facts and roll-ups of everything loaded, rebuilt once; how long it took is kept."""
    if _marker().exists() and TicketFact.objects.count() == Ticket.objects.count():
        return
    say(f"Rebuilding facts and roll-ups of {size:,} tickets …")
    begun = time.perf_counter()
    rebuild_facts(
        timezone.now(),
        on_batch=lambda done: _tell(done, size, begun, say),
        processes=enough_processes(),
    )
    seconds = time.perf_counter() - begun
    _marker().write_text(json.dumps({"size": size, "seconds": seconds}))
    say(f"Rebuilt in {seconds:.0f} s.")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _tell(done: int, size: int, begun: float, say: Callable[[str], None]) -> None:
    if done and done % 100_000 == 0:
        say(f"  {done:,} of {size:,} after {time.perf_counter() - begun:.0f} s")


def ensure_report(say: Callable[[str], None]) -> str:
    """The name of last week, whose report is made if there is none."""
    now = timezone.now()
    week = Week.of(now).shift(-1)
    if not Snapshot.objects.filter(period=week.name).exists():
        say(f"Report of {week.name} …")
        make_snapshot(week, now)
    return week.name


def figure_costs(size: int, trend_page: float) -> Iterator[Line]:
    """Everything as ratios to the plain aggregates of this run; `trend_page` in seconds."""
    plain = 0.0
    for name, sql in _AGGREGATES.items():
        seconds = _seconds(lambda sql=sql: _run(sql))  # type: ignore[misc]
        plain += seconds
        yield f"plain SQL {name}", size, round(seconds, 3), "s", None, "", None
    rebuild = json.loads(_marker().read_text())["seconds"]
    ratio = round(rebuild / plain, 2)
    yield (
        "full rebuild of facts and roll-ups", size, round(rebuild, 1), "s", ratio,
        f"≤ {REBUILD_GOAL:g} × plain SQL", ratio <= REBUILD_GOAL,
    )  # fmt: skip
    yield from _increment(size, rebuild, plain)
    now = timezone.now()
    week = Week.of(now).shift(-1)
    report = _seconds(lambda: compute_report(week, knowledge() or now))
    yield (
        "one weekly report computed / plain SQL", size, round(report, 2), "s",
        round(report / plain, 3), "", None,
    )  # fmt: skip
    yield (
        "one trend page / plain SQL", size, round(trend_page * 1000, 1), "ms",
        round(trend_page / plain, 4), "", None,
    )  # fmt: skip


def _increment(size: int, rebuild: float, plain: float) -> Iterator[Line]:
    """The newest day's tickets, as if they had just come in: without their rows and sums."""
    day = max(1, size // DAYS)
    now = timezone.now()
    newest = range(size - day + 1, size + 1)
    _forget(newest)
    seconds = _seconds(lambda: recompute_tickets(newest, now))
    share = round(seconds / rebuild, 4)
    yield (
        f"one day's increment ({day:,} tickets) / rebuild", size, round(seconds, 2), "s", share,
        f"≤ {DAY_GOAL:g} of a rebuild", (share <= DAY_GOAL) if day >= _JUDGED_DAY else None,
    )  # fmt: skip
    ratio = round(seconds / plain, 4)
    yield "one day's increment / plain SQL", size, round(seconds, 2), "s", ratio, "", None


def _forget(pks: range) -> None:
    for model in (TicketFact, OpenSpan, TicketDay):
        model.objects.filter(ticket_id__gte=pks.start, ticket_id__lt=pks.stop).delete()
    LiveRow.objects.of_subject(Ticket.SUBJECT, list(pks)).delete()
    with transaction.atomic():
        sum_up_days()
        sum_up_cells()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        # The planner's own choice, but no limit: it reads everything.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(sql, {"zone": settings.TIME_ZONE} if "%(zone)s" in sql else None)
        cursor.fetchall()


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
