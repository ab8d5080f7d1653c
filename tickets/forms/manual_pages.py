"""The form that flags a manual page wrong from a ticket: shape only."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from docs_portal.choices import VoiceReason


class PageWrongForm(forms.Form):
    """What is wrong with the page, for its writer."""

    reason = forms.ChoiceField(
        label=_("What is wrong with it?"), widget=forms.RadioSelect, initial=VoiceReason.WRONG,
        choices=[
            (reason.value, reason.label)
            for reason in VoiceReason
            if reason is not VoiceReason.OTHER_TOPIC
        ],
    )  # fmt: skip
    comment = forms.CharField(
        label=_("What should it say?"), max_length=2_000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
