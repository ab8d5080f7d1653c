"""Definitions of custom fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.choices import FieldKind, FieldTarget
from catalog.forms.settings import SettingsForm, lines
from catalog.models import Module, Product


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, **options)

    def clean(self, value: Any) -> list[str]:
        return lines(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class ModuleChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.product} · {obj.name}"


class FieldForm(SettingsForm):
    columns = (
        "target", "key", "label", "label_en", "help_text", "kind", "choices", "is_required",
        "product", "module", "when_field", "when_values", "position", "is_active",
    )  # fmt: skip

    target = forms.ChoiceField(label=_("Asked on a"), choices=FieldTarget.choices)
    key = forms.SlugField(
        label=_("Field key"),
        max_length=40,
        help_text=_("Its name in the API and in imports; it never changes."),
    )
    label = forms.CharField(label=_("Label"), max_length=80)
    label_en = forms.CharField(label=_("Label in English"), max_length=80, required=False)
    help_text = forms.CharField(label=_("Help"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Accepts"), choices=FieldKind.choices)
    choices = LinesField(
        label=_("Choices"), required=False, help_text=_("One a line, for the kind “choice”.")
    )
    is_required = forms.BooleanField(label=_("Must be filled"), required=False)
    product = forms.ModelChoiceField(
        Product.objects.all(),
        label=_("Only for the product"),
        required=False,
        empty_label=_("Every product"),
    )
    module = ModuleChoice(
        Module.objects.select_related("product").order_by("product__position", "name"),
        label=_("Only for the module"),
        required=False,
        empty_label=_("Every module"),
    )
    when_field = forms.SlugField(
        label=_("Only when the field"),
        max_length=40,
        required=False,
        help_text=_("The key of a choice field; leave it empty to ask always."),
    )
    when_values = LinesField(label=_("Holds one of"), required=False, help_text=_("One a line."))
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=9999, initial=0
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row is not None:
            # Stored values were accepted under these.
            for name in ("target", "key", "kind"):
                self.fields[name].disabled = True

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        return super().initial_of(row)
