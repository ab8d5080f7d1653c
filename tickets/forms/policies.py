"""The form of a service policy: targets as people write them, "30 min" or "4 h"."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from catalog.forms import SettingsForm
from catalog.models import Product, ServiceCalendar
from tickets.choices import AUTO_CONFIRM_DAYS, AUTO_CONFIRM_DAYS_MAX, Priority
from tickets.models import ServicePolicy

#: A working day in targets, whatever the hours of the calendar that measures it.
DAY_HOURS = 8
_UNITS = {
    "min": 60, "m": 60, "minute": 60, "minutes": 60, "分": 60, "分钟": 60,
    "h": 3600, "hour": 3600, "hours": 3600, "小时": 3600, "时": 3600,
    "d": DAY_HOURS * 3600, "day": DAY_HOURS * 3600, "days": DAY_HOURS * 3600,
    "天": DAY_HOURS * 3600, "个工作日": DAY_HOURS * 3600, "工作日": DAY_HOURS * 3600,
}  # fmt: skip
_PART = re.compile(r"\s*(\d{1,5}(?:\.\d{1,2})?)\s*([a-z]+|[\u4e00-\u9fff]+)", re.IGNORECASE)


def seconds_of(text: str) -> int | None:
    """`1 h 30 min`, `3 d`, `4 小时` as seconds; None for anything else."""
    total, place = 0.0, 0
    while place < len(text):
        match = _PART.match(text, place)
        unit = _UNITS.get(match.group(2).lower()) if match else None
        if match is None or unit is None:
            return None
        total += float(match.group(1)) * unit
        place = match.end()
    return round(total) if text.strip() else None


def duration_said(seconds: int) -> str:
    """Working time as it is written: `1 h 30 min`."""
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    if not minutes:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}


class DurationField(forms.CharField):
    """Working time as text; empty is None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, required=False, **options)

    def clean(self, value: Any) -> int | None:
        text = str(super().clean(value)).strip()
        if not text:
            return None
        seconds = seconds_of(text)
        if seconds is None:
            raise ValidationError(
                _("“%(value)s” is no working time. Write it like 30 min, 4 h or 3 d."),
                params={"value": text},
            )
        return seconds

    def prepare_value(self, value: Any) -> Any:
        return duration_said(value) if isinstance(value, int) else value


class PolicyForm(SettingsForm):
    columns: tuple[str, ...] = (
        "name", "position", "warn_percent", "tells_duty", "escalate_seconds", "first_day",
        "last_day", "is_active", "calendar", "confirm_days",
    )  # fmt: skip

    name = forms.CharField(label=_("Name"), max_length=80)
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=1, max_value=999, initial=1,
        help_text=_("The first policy that fits a ticket holds; the default policy stands last."),
    )  # fmt: skip
    products = forms.ModelMultipleChoiceField(
        label=_("Products"), queryset=Product.objects.all(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: every product."),
    )  # fmt: skip
    departments = forms.ModelMultipleChoiceField(
        label=_("Departments of the requester"),
        queryset=Department.objects.order_by("path"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each with those below it. None chosen: every department."),
    )  # fmt: skip
    calendar = forms.ModelChoiceField(
        label=_("Service calendar"), queryset=ServiceCalendar.objects.order_by("name"),
        required=False, empty_label=_("That of the team that has the ticket"),
    )  # fmt: skip
    warn_percent = forms.IntegerField(
        label=_("Warn at (percent of the target)"), min_value=1, max_value=99, initial=80
    )
    tells_duty = forms.BooleanField(
        label=_("Tell a breach to the person on duty too"), required=False, initial=True
    )
    escalate_seconds = DurationField(
        label=_("Tell the managers after"), initial=7200,
        help_text=_("Working time after a breach, like 2 h. Empty: never."),
    )  # fmt: skip
    confirm_days = forms.IntegerField(
        label=_("Close in silence after (working days)"), min_value=1,
        max_value=AUTO_CONFIRM_DAYS_MAX, initial=AUTO_CONFIRM_DAYS,
        help_text=_(
            "A resolved ticket nobody answers for is closed then, announced beforehand and counted "
            "apart from confirmed ones. Any word of the requester stops it."
        ),
    )  # fmt: skip
    first_day = forms.DateField(
        label=_("Submitted from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=_("Submitted until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets: list[tuple[Priority, str, str]] = []
        for priority in Priority:
            names = (f"response_{int(priority)}", f"resolution_{int(priority)}")
            said = {"priority": priority.label}
            self.fields[names[0]] = DurationField(
                label=gettext("%(priority)s: first response within") % said
            )
            self.fields[names[1]] = DurationField(
                label=gettext("%(priority)s: resolution within") % said
            )
            self.targets.append((priority, *names))
        if isinstance(self.row, ServicePolicy) and self.row.is_default:
            for name in ("position", "products", "departments", "first_day", "last_day",
                         "is_active"):  # fmt: skip
                del self.fields[name]
            self.columns = tuple(name for name in self.columns if name in self.fields)

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        found = super().initial_of(row)
        found["products"] = row.product_ids
        found["departments"] = row.department_ids
        for key, (response, resolution) in row.targets.items():
            found[f"response_{key}"], found[f"resolution_{key}"] = response, resolution
        return found

    def clean(self) -> dict[str, Any]:
        """A priority has both targets or neither."""
        found = super().clean() or self.cleaned_data
        for _priority, response, resolution in self.targets:
            one, other = found.get(response), found.get(resolution)
            missing = resolution if one is not None and other is None else response
            alone = (one is None) != (other is None)
            if alone and response not in self.errors and resolution not in self.errors:
                self.add_error(missing, _("Fill in both targets of a priority, or neither."))
        return found

    def fields_of_row(self) -> dict[str, Any]:
        found = super().fields_of_row()
        if "products" in self.fields:
            found["product_ids"] = sorted(row.pk for row in self.cleaned_data["products"])
            found["department_ids"] = sorted(row.pk for row in self.cleaned_data["departments"])
        found["targets"] = {
            str(int(priority)): [self.cleaned_data[response], self.cleaned_data[resolution]]
            for priority, response, resolution in self.targets
            if self.cleaned_data[response] is not None
        }
        return found
