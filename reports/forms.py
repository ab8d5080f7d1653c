"""The forms of a report's conclusion and of the actions it asks for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.forms.fields import day_field, words_field
from reports.choices import ActionState
from tickets.forms.fields import PersonField


class ConclusionForm(forms.Form):
    """What changed, why, and what is asked of the reader; readers see one of the two languages."""

    text_zh = words_field(_("Conclusion in Chinese"), rows=6)
    text_en = words_field(_("Conclusion in English"), rows=6)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AgreedActionForm(forms.Form):
    """What, who, by when."""

    text = forms.CharField(label=_("What is to be done"), max_length=300)
    owner = PersonField(label=_("Who"))
    due_on = day_field(_("By when"))


class EndActionForm(forms.Form):
    """How an agreed action ended."""

    state = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[(state.value, state.label) for state in (ActionState.DONE, ActionState.DROPPED)],
        widget=forms.RadioSelect,
        initial=ActionState.DONE,
    )
    outcome = words_field(
        _("What came of it"), rows=2, required=False,
        help_text=_("Needed when it is dropped: say why."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
