"""Whose calendar measures what, read once for a whole report."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.conf import settings

from catalog.access import calendar_of
from catalog.models import Team
from core.worktime import WorkCalendar, add_working, working_seconds
from tickets.sla import Reckoner


class Clocks:
    """Calendars by team, and the service targets. One query each, when first asked."""

    @cached_property
    def _by_team(self) -> dict[int, WorkCalendar]:
        by_calendar: dict[int, WorkCalendar] = {}
        found: dict[int, WorkCalendar] = {}
        for team in Team.objects.select_related("calendar"):
            calendar = by_calendar.get(team.calendar_id)
            if calendar is None:
                calendar = by_calendar[team.calendar_id] = calendar_of(team)
            found[team.pk] = calendar
        return found

    @cached_property
    def _company(self) -> WorkCalendar:
        return WorkCalendar(zone=settings.TIME_ZONE)

    @cached_property
    def service(self) -> Reckoner:
        """Reckons due times with the service policies in force."""
        return Reckoner()

    def of(self, team_id: int | None) -> WorkCalendar:
        """The team's calendar; the company's where no team has the ticket."""
        return self._by_team.get(team_id or 0) or self._company

    def working(self, team_id: int | None, start: dt.datetime, end: dt.datetime) -> int:
        """Whole working seconds; 0 when `end` is not after `start`."""
        return working_seconds(self.of(team_id), start, end)

    def due(self, team_id: int | None, start: dt.datetime, seconds: int) -> dt.datetime:
        """Raises `core.worktime.NoWorkingTime` for a calendar that never works."""
        return add_working(self.of(team_id), start, seconds)
