"""Teams, their members and duty roster."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms.organisation import DayInput
from catalog.forms.settings import PersonField, SettingsForm
from catalog.models import Product, ServiceCalendar


class TeamForm(SettingsForm):
    columns = ("name", "is_product_operations", "calendar", "is_active")

    name = forms.CharField(label=_("Name"), max_length=80)
    is_product_operations = forms.BooleanField(
        label=_("Belongs to product operations"),
        required=False,
        initial=True,
        help_text=_("Its members are agents for its products. Tickets are relayed to other teams."),
    )
    calendar = forms.ModelChoiceField(
        ServiceCalendar.objects.order_by("name"), label=_("Service calendar")
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.all(),
        label=_("Products"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        held = list(row.products.values_list("pk", flat=True))
        return {**super().initial_of(row), "products": held}


class MemberForm(forms.Form):
    member = PersonField(label=_("Person"))


class DutyForm(forms.Form):
    user = PersonField(label=_("On duty"))
    first_day = forms.DateField(label=_("From"), widget=DayInput())
    last_day = forms.DateField(label=_("Until"), widget=DayInput())
