"""Snapshots: computed once, never changed; a correction is a new one that names the old."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import outbox
from core.bulk import copy_rows
from core.errors import BadInput, Problem
from reports.actions.facts import follow_touched
from reports.choices import DEFINITION_VERSION, PeriodKind
from reports.models import DailyRollup, Snapshot, SnapshotRow
from reports.policies.report import Report, compute_report, first_week, knowledge
from reports.policies.rows import ROW_COLUMNS
from reports.policies.weeks import Week, last_complete_week

#: Weeks every run catches up, and how many older ones with data it adds.
RECENT_WEEKS = 8
OLDER_PER_RUN = 100
#: Hours after midnight on Monday before the week is cut: late commits of Sunday night are in.
SETTLE = dt.timedelta(hours=2)
_LOCK = 0x0B5_5A4B


def make_snapshot(week: Week, now: dt.datetime) -> Snapshot:
    """The snapshot of a week, computed if there is none yet; two workers make one.

    Raises ValueError for a week that is not over.
    """
    if not week.is_over(now):
        raise ValueError(f"{week.name} is not over; its report is made when it is")
    _catch_up(now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _lock_key(week))
        existing = Snapshot.objects.in_force().of_weeks([week.name]).first()
        if existing is not None:
            return existing
        return _store(compute_report(week, knowledge() or now), now, None)


def order_snapshot(week: Week, *, acting_user: User, now: dt.datetime) -> None:
    """Ask a worker for the report of a week that is over; asking again within the hour is once.

    Raises BadInput for a week that is not over.
    """
    if not week.is_over(now):
        raise BadInput(
            Problem(
                "week", _("This week is not over yet."),
                _("Its report is made on the Monday after."), week.name,
            )
        )  # fmt: skip
    payload = {"week": week.name, "ordered_by": acting_user.pk}
    with transaction.atomic():
        outbox.job(
            "reports.make_snapshot", payload, key=f"report:{week.name}:{now:%Y%m%d%H}", now=now
        )


def correct_snapshot(snapshot: Snapshot, now: dt.datetime) -> Snapshot:
    """A new snapshot of the same week with what is known now; it names the one it replaces."""
    _catch_up(now)
    with transaction.atomic():
        report = compute_report(Week.named(snapshot.period), knowledge() or now)
        return _store(report, now, snapshot)


def _catch_up(now: dt.datetime) -> None:
    """Facts say which tickets a week may be about, so they come first."""
    while follow_touched(now):
        pass


def make_due_snapshots(now: dt.datetime) -> list[Snapshot]:
    """Every missing complete week of the last eight, then older weeks with data, a few a run."""
    _catch_up(now)
    return [make_snapshot(week, now) for week in due_weeks(now)]


def due_weeks(now: dt.datetime) -> list[Week]:
    """Complete weeks without a snapshot, in the order in which they are made."""
    first, last = first_week(), last_complete_week(now - SETTLE)
    if first is None or last.monday < first.monday:
        return []
    recent = [last.shift(-n) for n in range(RECENT_WEEKS - 1, -1, -1)]
    recent = [week for week in recent if week.monday >= first.monday]
    days = DailyRollup.objects.filter(day__lt=recent[0].monday).values_list("day", flat=True)
    older = sorted({Week.of_day(day) for day in days.distinct()}, key=lambda week: week.monday)
    made = set(
        Snapshot.objects.filter(period_kind=PeriodKind.WEEK).values_list("period", flat=True)
    )
    missing = [week for week in older if week.name not in made][:OLDER_PER_RUN]
    return [week for week in recent if week.name not in made] + missing


def _lock_key(week: Week) -> list[int]:
    return [_LOCK, week.monday.toordinal()]


def _store(report: Report, now: dt.datetime, replaces: Snapshot | None) -> Snapshot:
    snapshot = Snapshot.objects.create(
        period_kind=PeriodKind.WEEK,
        period=report.week.name,
        starts_at=report.week.starts_at,
        ends_at=report.week.ends_at,
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
