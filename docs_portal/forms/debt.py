"""Forms of readers' words and of the debt queue: shape only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from docs_portal.choices import DebtOutcome, VoiceReason


class VoiceForm(forms.Form):
    """Whether a page helped, why not, and in the reader's words."""

    is_helpful = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda value: value == "yes",
        widget=forms.HiddenInput,
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("What was it?"), choices=VoiceReason.choices, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    comment = forms.CharField(
        label=_("In your words"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The writer of the page reads it, with your name."),
    )  # fmt: skip


class SettleForm(forms.Form):
    """Why nothing is to be written."""

    outcome = forms.ChoiceField(
        label=_("Why not"), choices=DebtOutcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)


class ProductForm(forms.Form):
    """Whose manual an item without product belongs to."""

    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none())

    def __init__(self, *args: Any, products: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = products
