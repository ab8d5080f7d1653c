"""A token for a program."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms.organisation import DayInput
from catalog.forms.settings import PersonField


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("The program that will hold it.")
    )
    person = PersonField(
        label=_("Acts as"),
        help_text=_("It may do what this person may, and what it does is recorded as theirs."),
    )
    may_write = forms.BooleanField(
        label=_("May also write"), required=False, help_text=_("Otherwise it may only read.")
    )
    expires_on = forms.DateField(label=_("Valid until"), widget=DayInput(), required=False)
