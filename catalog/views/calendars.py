"""Settings of service calendars: hours, days that differ, and the year they make."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import calendar_with, work_calendar
from catalog.actions import create_calendar, edit_calendar, remove_day, set_day
from catalog.actions.calendars import check_calendar
from catalog.choices import SettingsGroup
from catalog.forms import CalendarDayForm, CalendarForm
from catalog.models import CalendarDay, ServiceCalendar
from catalog.views.sections import Column, Panel, PanelRow, Section
from core.registry import foreseen
from core.worktime import DayKind, WorkCalendar, holiday_name

FIRST_YEAR, LAST_YEAR = 2001, 2100

# ---- the rows -----------------------------------------------------------------------------------


def _calendars() -> QuerySet[ServiceCalendar]:
    return ServiceCalendar.objects.annotate(team_count=Count("teams")).order_by("name")


def _hours(calendar: ServiceCalendar) -> str:
    return ", ".join(f"{start}–{end}" for start, end in calendar.hours)


def _create_calendar(form: CalendarForm, acting_user: User, now: dt.datetime) -> ServiceCalendar:
    found = {name: form.cleaned_data[name] for name in CalendarForm.columns}
    return create_calendar(found.pop("name"), **found, acting_user=acting_user, now=now)


def _edit_calendar(
    calendar: ServiceCalendar, form: CalendarForm, acting_user: User, now: dt.datetime
) -> ServiceCalendar:
    return edit_calendar(
        calendar,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


def _local_days(calendar: ServiceCalendar) -> list[PanelRow]:
    return [
        PanelRow(
            one.pk,
            (
                date_format(one.day),
                gettext("People work") if one.is_working else gettext("Nobody works"),
                one.note,
            ),
        )
        for one in calendar.days.order_by("-day")[:100]
    ]


def _add_day(
    calendar: ServiceCalendar, found: dict[str, Any], acting_user: User, now: dt.datetime
) -> CalendarDay:
    return set_day(
        calendar,
        found["day"],
        found["is_working"],
        found["note"],
        acting_user=acting_user,
        now=now,
    )


def _remove_day(
    calendar: ServiceCalendar, pk: int, acting_user: User, now: dt.datetime
) -> ServiceCalendar:
    day = get_object_or_404(calendar.days.all(), pk=pk)
    return remove_day(day, acting_user=acting_user, now=now)


# ---- what a change would do ---------------------------------------------------------------------


def _local(calendar: ServiceCalendar) -> dict[dt.date, bool]:
    return dict(calendar.days.values_list("day", "is_working"))


def _foresee(
    calendar: ServiceCalendar, proposed: WorkCalendar, user: User, now: dt.datetime
) -> list[str]:
    """What other apps foresee; nothing is asked where the working hours stay what they are."""
    if proposed == work_calendar(calendar):
        return []
    return foreseen("calendar", calendar.pk, proposed, user, now)


def _foresee_edit(
    calendar: ServiceCalendar, form: CalendarForm, user: User, now: dt.datetime
) -> list[str]:
    wanted = ServiceCalendar(pk=calendar.pk, **form.fields_of_row())
    check_calendar(wanted)
    return _foresee(calendar, calendar_with(wanted, _local(calendar)), user, now)


def _foresee_day(
    calendar: ServiceCalendar, found: dict[str, Any], user: User, now: dt.datetime
) -> list[str]:
    days = {**_local(calendar), found["day"]: found["is_working"]}
    return _foresee(calendar, calendar_with(calendar, days), user, now)


def _foresee_removal(calendar: ServiceCalendar, pk: int, user: User, now: dt.datetime) -> list[str]:
    day = get_object_or_404(calendar.days.all(), pk=pk)
    days = {key: works for key, works in _local(calendar).items() if key != day.day}
    return _foresee(calendar, calendar_with(calendar, days), user, now)


# ---- the year -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearDay:
    """One day of the year view. `mark` is its kind in one character, `said` in words."""

    number: int
    kind: str
    mark: str
    said: str


@dataclass(frozen=True)
class YearMonth:
    name: str
    weeks: list[list[YearDay | None]]


def year_view(calendar: ServiceCalendar, asked: Mapping[str, str]) -> dict[str, Any]:
    """Every day of a year with its kind and where that comes from."""
    year = _year(asked.get("year", ""))
    works = work_calendar(calendar)
    notes = dict(calendar.days.filter(day__year=year).values_list("day", "note"))
    days = sum(works.is_working_day(dt.date(year, 1, 1) + dt.timedelta(n)) for n in range(
        366 if months.isleap(year) else 365))  # fmt: skip
    return {
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < LAST_YEAR else None,
        "is_known": works.knows(dt.date(year, 7, 1)),
        "by_hand": year in works.local_years,
        "working_days": days,
        "weekdays": [
            pgettext("weekday", "Mo"),
            pgettext("weekday", "Tu"),
            pgettext("weekday", "We"),
            pgettext("weekday", "Th"),
            pgettext("weekday", "Fr"),
            pgettext("weekday", "Sa"),
            pgettext("weekday", "Su"),
        ],
        "months": [_month(works, notes, year, month) for month in range(1, 13)],
        "legend": [(kind.value, _mark(kind), _said(kind)) for kind in DayKind],
    }


def _year(text: str) -> int:
    """The year asked for; this one for anything that is no year."""
    if text.isascii() and text.isdecimal() and len(text) == 4:
        return min(max(int(text), FIRST_YEAR), LAST_YEAR)
    return timezone.localdate().year


def _month(works: WorkCalendar, notes: Mapping[dt.date, str], year: int, month: int) -> YearMonth:
    weeks = [
        [_day(works, notes, dt.date(year, month, number)) if number else None for number in week]
        for week in months.Calendar().monthdayscalendar(year, month)
    ]
    return YearMonth(date_format(dt.date(year, month, 1), "F"), weeks)


def _day(works: WorkCalendar, notes: Mapping[dt.date, str], day: dt.date) -> YearDay:
    kind = works.kind_of(day)
    said = _said(kind)
    if kind == DayKind.HOLIDAY:
        chinese = (get_language() or "").startswith("zh")
        said = f"{said}: {holiday_name(day, 'zh_CN' if chinese else 'en_US')}"
    elif notes.get(day):
        said = f"{said}: {notes[day]}"
    return YearDay(day.day, kind.value, _mark(kind), said)


def _mark(kind: DayKind) -> str:
    return {
        DayKind.HOLIDAY: pgettext("mark of a day", "H"),
        DayKind.MAKE_UP: pgettext("mark of a day", "M"),
        DayKind.LOCAL_OFF: pgettext("mark of a day", "F"),
        DayKind.LOCAL_WORKING: pgettext("mark of a day", "W"),
    }.get(kind, "")


def _said(kind: DayKind) -> str:
    return {
        DayKind.WORKING: gettext("Working day of the week"),
        DayKind.WEEKEND: gettext("Day off of the week"),
        DayKind.HOLIDAY: gettext("Public holiday"),
        DayKind.MAKE_UP: gettext("Make-up working day"),
        DayKind.LOCAL_OFF: gettext("Day off of this calendar"),
        DayKind.LOCAL_WORKING: gettext("Working day of this calendar"),
    }[kind]


CALENDARS: Section[ServiceCalendar] = Section(
    name="calendars",
    group=SettingsGroup.DESK,
    icon="calendar",
    title=_("Service calendars"),
    lead=_("Working hours, public holidays and the days that differ."),
    new_label=_("Add a calendar"),
    empty=_("No calendar yet."),
    rows=_calendars,
    columns=(
        Column(_("Service calendar"), lambda calendar: calendar.name),
        Column(_("Working hours"), _hours),
        Column(_("Time zone"), lambda calendar: calendar.zone),
        Column(_("Teams"), lambda calendar: getattr(calendar, "team_count", 0)),
    ),
    form=CalendarForm,
    create=_create_calendar,
    edit=_edit_calendar,
    foresee=_foresee_edit,
    more="catalog/calendar_year.html",
    more_of=year_view,
    panels=(
        Panel(
            name="days",
            title=_("Days that differ"),
            empty=_("None: the weekly rule and the public holidays decide."),
            rows=_local_days,
            form=CalendarDayForm,
            add=_add_day,
            add_label=_("Add a day"),
            added=_("The day is set."),
            remove=_remove_day,
            remove_label=_("Remove"),
            removed=_("The rule decides about the day again."),
            foresee=_foresee_day,
            foresee_removal=_foresee_removal,
        ),
    ),
)
