"""Snapshots: computed once, never changed; a correction is a new one that names the old."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from zlib import crc32

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import outbox
from core.bulk import copy_rows
from core.errors import BadInput, Problem
from reports.actions.alarms import tell_failure
from reports.actions.facts import catch_up
from reports.choices import DEFINITION_VERSION, PeriodKind
from reports.models import DailyRollup, Snapshot, SnapshotRow
from reports.policies.periods import Period, last_complete, period_named, period_of
from reports.policies.report import Report, compute_report, first_day, knowledge
from reports.policies.rows import ROW_COLUMNS

#: Periods every run catches up, and how many older ones with data it adds.
RECENT = {PeriodKind.WEEK: 8, PeriodKind.MONTH: 3, PeriodKind.QUARTER: 2}
OLDER_PER_RUN = 100
#: Hours after midnight before a period is cut: late commits of its last night are in.
SETTLE = dt.timedelta(hours=2)
#: Companies that share a database server do not all cut their weeks at the same second.
JITTER = dt.timedelta(seconds=crc32(settings.SECRET_KEY.encode()) % 1800)
_LOCK = 0x0B5_5A4B

logger = logging.getLogger(__name__)


def make_snapshot(period: Period, now: dt.datetime) -> Snapshot:
    """The snapshot of a period, computed if there is none yet; two workers make one.

    Raises ValueError for a period that is not over.
    """
    if not period.is_over(now):
        raise ValueError(f"{period.name} is not over; its report is made when it is")
    catch_up(now)
    with transaction.atomic():
        _lock(period)
        existing = Snapshot.objects.in_force().of_periods([period.name]).first()
        if existing is not None:
            return existing
        return _store(compute_report(period, knowledge() or now), now, None)


def order_snapshot(period: Period, *, acting_user: User, now: dt.datetime) -> None:
    """Ask a worker for the report of a period that is over; again within the hour is once.

    Raises BadInput for a period that is not over.
    """
    if not period.is_over(now):
        raise BadInput(
            Problem(
                "week", _("This period is not over yet."),
                _("Its report is made when it is."), period.name,
            )
        )  # fmt: skip
    payload = {"period": period.name, "ordered_by": acting_user.pk}
    with transaction.atomic():
        outbox.job(
            "reports.make_snapshot", payload, key=f"report:{period.name}:{now:%Y%m%d%H}", now=now
        )


def correct_snapshot(snapshot: Snapshot, now: dt.datetime) -> Snapshot:
    """A new snapshot of the same period with what is known now; it names the one it replaces.

    The one in force is corrected, whichever of its predecessors was given.
    """
    period = period_named(snapshot.period)
    catch_up(now)
    with transaction.atomic():
        _lock(period)
        current = Snapshot.objects.in_force().of_periods([period.name]).get()
        return _store(compute_report(period, knowledge() or now), now, current)


def make_due_snapshots(
    now: dt.datetime, kinds: Iterable[PeriodKind] = tuple(PeriodKind)
) -> list[Snapshot]:
    """Every missing complete period of late, then older ones with data, a few a run.

    One that cannot be computed keeps no other from being made; who answers for the reports is
    told once a day, and the next run tries again.
    """
    catch_up(now)  # facts say which tickets a period may be about
    made = []
    for kind in kinds:
        for period in due_periods(kind, now):
            try:
                made.append(make_snapshot(period, now))
            except Exception:
                logger.exception("the report of %s could not be computed", period.name)
                tell_failure(period.name, "compute", now)
    return made


def due_periods(kind: PeriodKind, now: dt.datetime) -> list[Period]:
    """Complete periods of a kind without a snapshot, in the order in which they are made."""
    first, last = first_day(), last_complete(kind, now - SETTLE - JITTER)
    if first is None or last.last < first:
        return []
    recent = [last.shift(-n) for n in range(RECENT[kind] - 1, -1, -1)]
    recent = [period for period in recent if period.last >= first]
    days = DailyRollup.objects.filter(day__lt=recent[0].first).values_list("day", flat=True)
    older = sorted(
        {period_of(kind, day) for day in days.distinct()}, key=lambda period: period.first
    )
    made = set(Snapshot.objects.filter(period_kind=kind).values_list("period", flat=True))
    missing = [period for period in older if period.name not in made][:OLDER_PER_RUN]
    return [period for period in recent if period.name not in made] + missing


def _lock(period: Period) -> None:
    """One worker at a time computes a period. To be called in a transaction."""
    number = 4 * period.first.toordinal() + list(PeriodKind).index(period.kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, number])


def _store(report: Report, now: dt.datetime, replaces: Snapshot | None) -> Snapshot:
    snapshot = Snapshot.objects.create(
        period_kind=report.period.kind,
        period=report.period.name,
        starts_at=report.period.starts_at,
        ends_at=report.period.ends_at,
        definition_version=DEFINITION_VERSION,
        computed_at=now,
        as_of=report.as_of,
        figures=report.figures,
        breakdowns=report.breakdowns,
        trend=report.trend,
        names=report.names,
        has_confidential=any(row.confidential for row in report.rows),
        replaces=replaces,
    )
    copy_rows(
        SnapshotRow,
        ("snapshot_id", *ROW_COLUMNS),
        ((snapshot.pk, *row) for row in report.rows),
    )
    return snapshot
