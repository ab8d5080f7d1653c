"""What the composer sends while somebody writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.choices import CommentKind


class _Kind(forms.Form):
    kind = forms.ChoiceField(choices=CommentKind.choices, required=False)

    def clean_kind(self) -> str:
        return str(self.cleaned_data["kind"] or CommentKind.PUBLIC)


class DraftForm(_Kind):
    """What was typed so far, as it was typed; its length is checked by the action."""

    body = forms.CharField(required=False, strip=False)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    discard = forms.BooleanField(required=False)

    def clean_revision(self) -> int:
        return int(self.cleaned_data["revision"] or 0)


class SubmitDraftForm(forms.Form):
    """Which ticket that is being written, and the revision this window last saw."""

    draft = forms.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    field = forms.SlugField(max_length=40, required=False)
    discard = forms.BooleanField(required=False)

    def clean_revision(self) -> int:
        return int(self.cleaned_data["revision"] or 0)


class DraftFileForm(_Kind):
    """One file that waits with the draft."""

    file = forms.FileField(
        max_length=None, allow_empty_file=True,
        error_messages={"required": _("Choose a file.")},
    )  # fmt: skip


class InvitedField(forms.MultipleChoiceField):
    """Ids of people who are named in the text and become watchers with it.

    Sent along by the composer without being shown; `offer` draws them to be ticked.
    """

    def __init__(self) -> None:
        super().__init__(
            label=_("Add as watchers"), required=False, widget=forms.MultipleHiddenInput
        )

    def offer(self, people: Any) -> None:
        self.widget = forms.CheckboxSelectMultiple()
        self.choices = [(str(user.pk), user.name) for user in people]
        self.widget.choices = self.choices

    def to_python(self, value: Any) -> list[str]:
        return [str(one) for one in value or ()]

    def validate(self, value: Any) -> None:
        """Any number is taken: the action adds only people whom the text names."""

    def clean(self, value: Any) -> list[int]:
        return [int(one) for one in self.to_python(value) if one.isdecimal() and len(one) < 19]
