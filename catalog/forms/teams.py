"""Teams, their members and duty roster."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.choices import CAP_MAX, AssignmentMethod
from catalog.forms.organisation import DayInput
from catalog.forms.settings import PersonField, SettingsForm
from catalog.models import Module, Product, ServiceCalendar


def only_calendar() -> int | None:
    """Where there is one calendar, nobody has to choose it."""
    found = list(ServiceCalendar.objects.values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None


class TeamForm(SettingsForm):
    columns = ("name", "is_product_operations", "calendar", "is_active")
    #: Saved by an action of their own.
    of_assignment = ("assignment", "assignment_cap")

    name = forms.CharField(label=_("Name"), max_length=80)
    is_product_operations = forms.BooleanField(
        label=_("Belongs to product operations"),
        required=False,
        initial=True,
        help_text=_("Its members are agents for its products. Tickets are relayed to other teams."),
    )
    calendar = forms.ModelChoiceField(
        ServiceCalendar.objects.order_by("name"),
        label=_("Service calendar"),
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.all(),
        label=_("Products"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    assignment = forms.ChoiceField(
        label=_("Who gets new tickets"),
        choices=AssignmentMethod.choices,
        initial=AssignmentMethod.NONE,
        required=False,
        help_text=_(
            "Nothing is assigned to who is away or holds as many as their cap, and outside the "
            "working hours only to the person on duty."
        ),
    )
    assignment_cap = forms.IntegerField(
        label=_("Cap: open tickets a member may hold"),
        required=False,
        min_value=1,
        max_value=CAP_MAX,
        help_text=_("Empty: no cap. A member may have a cap of their own."),
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row is None and not self.is_bound:
            self.initial.setdefault("calendar", only_calendar())

    def clean_assignment(self) -> str:
        return self.cleaned_data["assignment"] or AssignmentMethod.NONE

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        held = list(row.products.values_list("pk", flat=True))
        found = {name: getattr(row, name) for name in cls.of_assignment}
        return {**super().initial_of(row), **found, "products": held}


class MemberForm(forms.Form):
    member = PersonField(
        label=_("Person"), help_text=_("Somebody who is in the team already is changed.")
    )
    cap = forms.IntegerField(
        label=_("Own cap"),
        required=False,
        min_value=1,
        max_value=CAP_MAX,
        help_text=_("Empty: that of the team."),
    )
    modules = forms.ModelMultipleChoiceField(
        Module.objects.filter(is_active=True).select_related("product"),
        label=_("Knows these modules"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their tickets come to who knows them while one is free."),
    )


class DutyForm(forms.Form):
    user = PersonField(label=_("On duty"))
    first_day = forms.DateField(label=_("From"), widget=DayInput())
    last_day = forms.DateField(label=_("Until"), widget=DayInput())
