"""The one question a week that a person is sent beyond their own tickets.

What is owed is always told; whether it comes *as a question* is what this decides. Who has had
their question of the week still finds every other one in the card of open questions.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import User
from tickets.models import AskedInWeek

#: Weeks after which nobody looks at what was asked in them.
KEPT_WEEKS = 8


def week_of(now: dt.datetime) -> dt.date:
    """The Monday of the week, in the company's zone."""
    day = timezone.localdate(now, timezone.get_default_timezone())
    return day - dt.timedelta(days=day.weekday())


def take_question(person: User, key: str, *, now: dt.datetime) -> bool:
    """Whether this question may be sent as one: it takes the person's place of the week.

    `key` names the question; asked with the same key again it has its place already. Two at the
    same moment share no place: the constraint lets one in. Part of the caller's transaction.
    """
    week = week_of(now)
    AskedInWeek.objects.bulk_create(
        [AskedInWeek(person=person, week=week, key=key, asked_at=now)], ignore_conflicts=True
    )
    return AskedInWeek.objects.filter(person=person, week=week, key=key).exists()


def forget_questions(*, now: dt.datetime) -> int:
    """Delete what was asked in weeks long past. Returns how many."""
    before = week_of(now) - dt.timedelta(weeks=KEPT_WEEKS)
    deleted, _rows = AskedInWeek.objects.filter(week__lt=before).delete()
    return deleted
