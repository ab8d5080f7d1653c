"""What a change of policies or calendars would do to open tickets, as the settings show it."""

from __future__ import annotations

import datetime as dt

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from core.worktime import WorkCalendar
from tickets.sla.preview import Consequences, foresee_calendar


def consequences_html(found: Consequences, now: dt.datetime) -> SafeString:
    return render_to_string("tickets/parts/consequences.html", {"found": found, "now": now})


def calendar_foresight(
    calendar_id: int, calendar: WorkCalendar, user: User, now: dt.datetime
) -> SafeString:
    """For the settings of calendars; empty when no open ticket would change."""
    found = foresee_calendar(calendar_id, calendar, user=user, now=now)
    return consequences_html(found, now) if found.changed else SafeString("")
