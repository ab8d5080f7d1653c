"""What the clock does for pushed causes: reminds their owners, sends what waited for a day."""

from __future__ import annotations

import datetime as dt

from catalog.access import calendar_of, team_for
from catalog.models import Product
from core.worktime import WorkCalendar
from tickets.actions.owner_words import waiting_causes
from tickets.actions.pushing import remind_owner, say_what_waits
from tickets.choices import CauseState
from tickets.models import Cause
from tickets.policies.reminders import is_open, reminder_due


def follow_causes(now: dt.datetime) -> int:
    """Remind the owners whose answer or date is due, then send what waited for another day.

    By the calendar of the product's team, in its working days only. Two clocks at once do no
    harm: each cause is locked, and an occasion is noted once. Returns how many causes it acted on.
    """
    calendars: dict[int, WorkCalendar] = {}
    acted = 0
    waiting = frozenset(waiting_causes())
    followed = Cause.objects.filter(
        state__in=(CauseState.PUSHED, CauseState.ACCEPTED), owner__isnull=False
    ).select_related("product")
    for cause in followed.order_by("pk"):
        if cause.product_id not in calendars:
            calendars[cause.product_id] = _calendar(cause.product)
        hours = calendars[cause.product_id]
        reminder = reminder_due(cause, hours, now)
        if reminder is not None and remind_owner(cause, reminder, now=now):
            acted += 1
        elif cause.pk in waiting and is_open(hours, now):
            acted += say_what_waits(cause, now=now)
    return acted


def _calendar(product: Product) -> WorkCalendar:
    team = team_for(product)
    return calendar_of(team) if team is not None else WorkCalendar()
