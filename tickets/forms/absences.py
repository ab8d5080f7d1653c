"""Absences, and handing over what an absent person holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.forms import PersonField
from catalog.forms.organisation import DayInput


class AbsenceForm(forms.Form):
    """Days somebody is away; only administrators name another person."""

    user = PersonField(label=_("Person"))
    first_day = forms.DateField(label=_("From"), widget=DayInput())
    last_day = forms.DateField(label=_("Until"), widget=DayInput())
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not for_others:
            del self.fields["user"]


class HandOverForm(forms.Form):
    """To whom the open tickets of a person go."""

    TEAM, QUEUE, PERSON = "team", "queue", "person"

    how = forms.ChoiceField(
        label=_("To whom"),
        choices=(
            (TEAM, _("Each to whoever in its team holds the fewest")),
            (QUEUE, _("Back to the queue")),
            (PERSON, _("To one person")),
        ),
        widget=forms.RadioSelect,
        initial=TEAM,
    )
    person = PersonField(label=_("Person"), required=False)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        person: User | None = found.get("person")
        if found.get("how") == self.PERSON and person is None and "person" not in self.errors:
            self.add_error("person", _("Name the person who takes them."))
        return found
