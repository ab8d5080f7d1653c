"""What the clock starts for the statistics. Each run finds for itself what is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reports.actions import follow_touched, make_due_snapshots


@shared_task(name="reports.periodic.follow")
def follow() -> int:
    """Recompute the facts of everything touched. Returns how many touched rows are done."""
    done = 0
    while count := follow_touched(timezone.now()):
        done += count
    return done


@shared_task(name="reports.periodic.make_weekly_reports")
def make_weekly_reports() -> list[str]:
    """Freeze the weeks that are over and have no snapshot: last week's on Monday, missed ones."""
    return [snapshot.period for snapshot in make_due_snapshots(timezone.now())]
