"""What the audit log is asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from catalog.forms.organisation import DayInput
from catalog.forms.settings import PersonField
from core.registry import audited_nouns


class AnyPersonField(PersonField):
    """Who acted may have left since."""

    def among(self) -> Any:
        return User.objects.all()


class AuditForm(forms.Form):
    person = AnyPersonField(label=pgettext_lazy("audit", "Who"), required=False)
    noun = forms.ChoiceField(label=_("What"), required=False)
    first_day = forms.DateField(label=_("From"), widget=DayInput(), required=False)
    last_day = forms.DateField(label=_("Until"), widget=DayInput(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nouns = [(subject, noun.label) for subject, noun in audited_nouns().items()]
        field: Any = self.fields["noun"]
        field.choices = [("", _("Everything")), *sorted(nouns, key=lambda pair: str(pair[1]))]

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        first, last = found.get("first_day"), found.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("This is before the first day. Choose it or a later one."))
        return found
