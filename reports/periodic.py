"""What the clock starts for the statistics. Each run finds for itself what is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reports.actions import (
    follow_deliveries,
    follow_touched,
    make_due_outlook,
    make_due_snapshots,
    send_due_reports,
)


@shared_task(name="reports.periodic.follow")
def follow() -> int:
    """Recompute the facts of everything touched. Returns how many touched rows are done."""
    done = 0
    while count := follow_touched(timezone.now()):
        done += count
    return done


@shared_task(name="reports.periodic.make_weekly_reports")
def make_weekly_reports() -> list[str]:
    """Freeze the weeks, months and quarters that are over and have no snapshot."""
    return [snapshot.period for snapshot in make_due_snapshots(timezone.now())]


@shared_task(name="reports.periodic.look_ahead")
def look_ahead() -> str:
    """Reckon what the coming week will bring, once the last one is over."""
    outlook = make_due_outlook(timezone.now())
    return outlook.period if outlook is not None else ""


@shared_task(name="reports.periodic.send_reports")
def send_reports() -> int:
    """Send the newest reports to their subscribers in the morning, and see how far they got."""
    now = timezone.now()
    return send_due_reports(now) + follow_deliveries(now)
