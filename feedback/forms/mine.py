"""The form by which somebody supports a demand with words of their own."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.forms.fields import IMPORTANCE, words_field


class SupportForm(forms.Form):
    """How much it matters to this person, and a sentence why."""

    importance = forms.TypedChoiceField(
        label=_("How much does it matter to you?"), coerce=int, choices=IMPORTANCE, initial=1,
        widget=forms.RadioSelect,
    )  # fmt: skip
    words = words_field(_("What would it change for you?"), rows=3)
    hours_per_week = forms.DecimalField(
        label=_("Hours it costs you a week"), required=False, min_value=0, max_value=168,
        decimal_places=1,
    )  # fmt: skip
