"""What the clock starts for rounds. Missed runs are caught up by the next one."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.utils import timezone

from core.models import Notice
from core.worktime import WorkCalendar, add_working_days
from feedback.actions import advance_round, expire_round
from feedback.choices import RoundKind, RoundState
from feedback.models import Round

#: Working days after which an unanswered question is over (domain.md, *Demand and obligation*).
EXPIRE_AFTER_DAYS = 5


@shared_task(name="feedback.periodic.follow_rounds")
def follow_rounds() -> int:
    """Note what was delivered and read, and end questions nobody answered."""
    now = timezone.now()
    return note_delivered(now) + expire_silent(now)


def note_delivered(now: dt.datetime) -> int:
    """An in-app item counts as delivered when it was rendered to the person, not before."""
    waiting = {
        row.pk: row
        for row in Round.objects.filter(state__in=(RoundState.QUEUED, RoundState.DELIVERED))
    }
    seen = Notice.objects.filter(
        subject=Round.SUBJECT, subject_id__in=waiting, seen_at__isnull=False
    ).values_list("subject_id", "seen_at", "read_at")
    moved = 0
    for pk, seen_at, read_at in seen:
        moment = read_at or seen_at
        if pk is None or moment is None:
            continue
        row = waiting[pk]
        state = RoundState.READ if read_at else RoundState.DELIVERED
        if row.state != state:
            advance_round(row, state, now=max(moment, row.opened_at))
            moved += 1
    return moved


def expire_silent(now: dt.datetime) -> int:
    """End release rounds that were shown and stayed unanswered for the working days."""
    calendar = WorkCalendar()
    asked = Round.objects.filter(
        kind=RoundKind.RELEASE,
        ended_at__isnull=True,
        delivered_at__lt=now - dt.timedelta(days=EXPIRE_AFTER_DAYS),
    )
    expired = 0
    for row in asked:
        if row.delivered_at is None:
            continue
        last = add_working_days(calendar, calendar.day_of(row.delivered_at), EXPIRE_AFTER_DAYS)
        if calendar.day_of(now) > last:
            expire_round(row, now=now)
            expired += 1
    return expired
