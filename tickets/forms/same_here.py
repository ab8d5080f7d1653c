"""What a person says of a known issue, and of its fix."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from tickets.forms.fields import PersonField


class SameHereForm(forms.Form):
    """One's own words; staff speak for a colleague who told them."""

    words = forms.CharField(
        label=_("How does it show with you?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence how it shows with you.")},
    )
    person = PersonField(
        label=_("For a colleague"),
        required=False,
        help_text=_("A colleague's name or user name; left empty, it is you."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not rights_of(user).is_agent:
            del self.fields["person"]


class BecauseForm(forms.Form):
    """Why the fix does not work for this person."""

    because = forms.CharField(
        label=_("What happens now, and what did you expect?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
        error_messages={"required": _("Say what happens; one sentence is enough.")},
    )
