"""Service calendars."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.forms.organisation import DayInput
from catalog.forms.settings import SettingsForm

_SPAN = re.compile(r"^(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})$")
WEEKDAYS = (
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
)


class HoursField(forms.CharField):
    """Spans of a day as text: `09:00-12:00, 13:00-18:00`."""

    def clean(self, value: Any) -> list[list[str]]:
        text = super().clean(value)
        return [self._span(part.strip()) for part in re.split(r"[,，;；\n]", text) if part.strip()]

    @staticmethod
    def _span(part: str) -> list[str]:
        if match := _SPAN.match(part):
            try:
                opens, closes = match.groups()
                # 24:00 is midnight at the end of the day.
                closes = "0:00" if closes == "24:00" else closes
                return [f"{_time(moment):%H:%M}" for moment in (opens, closes)]
            except ValueError:
                pass
        raise ValidationError(
            _("“%(value)s” is no span of time. Write it like 09:00-12:00."),
            params={"value": part},
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return ", ".join(f"{opens}-{_said(closes)}" for opens, closes in value)
        return value


def _said(closes: str) -> str:
    return "24:00" if closes == "00:00" else closes


class YearsField(forms.CharField):
    """Years as text: `2027, 2028`."""

    def clean(self, value: Any) -> list[int]:
        parts = [part for part in re.split(r"[,，;；、\s]+", super().clean(value)) if part]
        for part in parts:
            if not (part.isascii() and part.isdecimal() and len(part) == 4):
                raise ValidationError(
                    _("“%(value)s” is no year. Write it like 2027."), params={"value": part}
                )
        return sorted({int(part) for part in parts})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value


def _time(text: str) -> dt.time:
    hour, minute = text.split(":")
    return dt.time(int(hour), int(minute))


class CalendarForm(SettingsForm):
    columns = ("name", "zone", "hours", "weekdays", "public_holidays", "local_years")

    name = forms.CharField(label=_("Name"), max_length=80)
    zone = forms.CharField(label=_("Time zone"), max_length=40, initial="Asia/Shanghai")
    hours = HoursField(
        label=_("Working hours"),
        max_length=200,
        initial="09:00-12:00, 13:00-18:00",
        help_text=_("Spans of one day, for example 09:00-12:00, 13:00-18:00."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        choices=WEEKDAYS,
        coerce=int,
        initial=[1, 2, 3, 4, 5],
        widget=forms.CheckboxSelectMultiple,
    )
    public_holidays = forms.BooleanField(
        label=_("Follow the Chinese public holidays and make-up working days"),
        required=False,
        initial=True,
    )
    local_years = YearsField(
        label=_("Years entered by hand"),
        required=False,
        max_length=60,
        help_text=_(
            "Years that are not published yet and whose holidays all stand among the days that "
            "differ: due times in them are no longer provisional."
        ),
    )


class CalendarDayForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=DayInput())
    is_working = forms.TypedChoiceField(
        label=_("On this day"),
        choices=(("no", _("Nobody works")), ("yes", _("People work"))),
        coerce=lambda value: value == "yes",
    )
    note = forms.CharField(label=_("Note"), max_length=80, required=False)
