"""What a change of policies or calendars would do to open tickets, as the settings show it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from core.worktime import WorkCalendar
from tickets.sla.preview import Consequences, foresee_calendar

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


def consequences_html(found: Consequences, now: dt.datetime) -> SafeString:
    return render_to_string("tickets/parts/consequences.html", {"found": found, "now": now})


def calendar_foresight(
    calendar_id: int, calendar: WorkCalendar, user: AbstractBaseUser, now: dt.datetime
) -> str:
    """For the settings of calendars; empty when no open ticket would change."""
    assert isinstance(user, User)  # noqa: S101  (the kernel knows no other people)
    found = foresee_calendar(calendar_id, calendar, user=user, now=now)
    return consequences_html(found, now) if found.changed else ""
