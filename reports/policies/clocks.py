"""Whose calendar measures what, read once for a whole report."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.conf import settings

from catalog.access import calendar_of
from catalog.models import Team
from core.worktime import WorkCalendar, add_working
from reports.events.clock import WorkClock
from tickets.sla import Reckoner


class Clocks:
    """Clocks by team, and the service targets. One query each, when first asked."""

    @cached_property
    def _by_team(self) -> dict[int, WorkClock]:
        by_calendar: dict[int, WorkClock] = {}
        found: dict[int, WorkClock] = {}
        for team in Team.objects.select_related("calendar"):
            clock = by_calendar.get(team.calendar_id)
            if clock is None:
                clock = by_calendar[team.calendar_id] = WorkClock(calendar_of(team))
            found[team.pk] = clock
        return found

    @cached_property
    def _company(self) -> WorkClock:
        return WorkClock(WorkCalendar(zone=settings.TIME_ZONE))

    @cached_property
    def service(self) -> Reckoner:
        """Reckons due times with the service policies in force."""
        return Reckoner()

    def of(self, team_id: int | None) -> WorkClock:
        """The team's clock; the company's where no team has the ticket."""
        return self._by_team.get(team_id or 0) or self._company

    def working(self, team_id: int | None, start: dt.datetime, end: dt.datetime) -> int:
        return self.of(team_id).working(start, end)

    def due(self, team_id: int | None, start: dt.datetime, seconds: int) -> dt.datetime:
        """Raises `core.worktime.NoWorkingTime` for a calendar that never works."""
        return add_working(self.of(team_id).calendar, start, seconds)
