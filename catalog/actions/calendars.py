"""Service calendars (服务日历) and the days on which they differ from their rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import CalendarDay, ServiceCalendar
from core import events, outbox
from core.changes import actor_id, add, refuse, refuse_taken, revise

OFFICE_HOURS = (("09:00", "12:00"), ("13:00", "18:00"))


def create_calendar(
    name: str,
    *,
    zone: str = "Asia/Shanghai",
    hours: Sequence[Sequence[str]] = OFFICE_HOURS,
    weekdays: Sequence[int] = (1, 2, 3, 4, 5),
    public_holidays: bool = True,
    local_years: Sequence[int] = (),
    acting_user: User | None,
    now: dt.datetime,
) -> ServiceCalendar:
    """Add a calendar. `hours` are spans of one day, in order; `weekdays` are ISO numbers."""
    row = ServiceCalendar(
        name=name.strip(),
        zone=zone,
        hours=[list(span) for span in hours],
        weekdays=sorted(weekdays),
        public_holidays=public_holidays,
        local_years=sorted(local_years),
    )
    return add(row, acting_user=acting_user, now=now, guard=check_calendar)


def edit_calendar(
    calendar: ServiceCalendar,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> ServiceCalendar:
    """Change name, zone, hours, weekdays, public_holidays or local_years."""
    with transaction.atomic():
        row = revise(
            calendar,
            "edit",
            fields,
            acting_user=acting_user,
            now=now,
            seen_version=seen_version,
            guard=check_calendar,
        )
        _announce(row, acting_user, now)
    return row


def _announce(row: ServiceCalendar, acting_user: User | None, now: dt.datetime) -> None:
    """Whoever reckons with the calendar hears of its change."""
    outbox.news(
        "calendar.changed",
        {
            "calendar_id": row.pk,
            "version": row.version,
            "name": row.name,
            "actor_id": actor_id(acting_user),
        },
        key=f"news:calendar:{row.pk}:{row.version}",
        now=now,
    )


def check_calendar(row: ServiceCalendar) -> None:
    """Refuse what no calendar can be, by its field; also asked before a change is foreseen."""
    others = ServiceCalendar.objects.exclude(pk=row.pk)
    refuse_taken(others.filter(name=row.name), "name", row.name)
    if row.zone not in available_timezones():
        refuse(
            "zone",
            _("“%(zone)s” is no time zone.") % {"zone": row.zone},
            _("Write it like Asia/Shanghai or Europe/Berlin."),
            row.zone,
        )
    if not row.weekdays or not set(row.weekdays) <= set(range(1, 8)):
        refuse(
            "weekdays",
            _("A calendar needs a working day."),
            _("Choose at least one day of the week."),
            row.weekdays,
        )
    _guard_hours(row.hours)
    if strange := [year for year in row.local_years if not 2001 <= year <= 2100]:
        refuse(
            "local_years",
            _("%(year)s is no year of this calendar.") % {"year": strange[0]},
            _("Write years from 2001 to 2100, like 2027."),
            strange[0],
        )


def _guard_hours(hours: Sequence[Sequence[str]]) -> None:
    end_before, midnight = dt.time.min, False
    for span in hours:
        start, end = (dt.time.fromisoformat(moment) for moment in span)
        # 00:00 as an end is midnight at the end of the day.
        if (start >= end and end != dt.time.min) or start < end_before or midnight:
            refuse(
                "hours",
                _("%(start)s–%(end)s does not fit.") % {"start": span[0], "end": span[1]},
                _("Each span ends after it starts, and spans follow one another."),
                f"{span[0]}-{span[1]}",
            )
        end_before, midnight = end, end == dt.time.min
    if not hours:
        refuse("hours", _("A calendar needs working hours."), _("For example 09:00-18:00."))


def set_day(
    calendar: ServiceCalendar,
    day: dt.date,
    is_working: bool,
    note: str = "",
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> CalendarDay:
    """Make one day work or rest, whatever the rule says; setting it again replaces it."""
    with transaction.atomic():
        row = events.lock(ServiceCalendar, calendar.pk)
        found, _is_new = CalendarDay.objects.update_or_create(
            calendar=row, day=day, defaults={"is_working": is_working, "note": note.strip()}
        )
        events.change(
            row,
            "set_day",
            actor_id=actor_id(acting_user),
            now=now,
            data={"day": day, "is_working": is_working, "note": note.strip()},
        )
        _announce(row, acting_user, now)
    return found


def remove_day(day: CalendarDay, *, acting_user: User | None, now: dt.datetime) -> ServiceCalendar:
    """Let the rule decide about the day again."""
    with transaction.atomic():
        row = events.lock(ServiceCalendar, day.calendar_id)
        gone, _rows = CalendarDay.objects.filter(pk=day.pk).delete()
        if gone:
            events.change(
                row,
                "remove_day",
                actor_id=actor_id(acting_user),
                now=now,
                data={"day": day.day, "is_working": day.is_working},
            )
            _announce(row, acting_user, now)
    return row
