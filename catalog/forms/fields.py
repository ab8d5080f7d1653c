"""Definitions of custom fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.choices import FieldKind, FieldTarget
from catalog.forms.settings import SettingsForm, lines
from catalog.models import FieldDefinition, FieldSection, Module, Product
from core.registry import row_types


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


def _other_fields() -> list[tuple[str, str]]:
    rows = FieldDefinition.objects.filter(is_active=True).order_by("target", "position", "pk")
    return [
        ("", str(_("Always asked"))),
        *((row.key, f"{row.label} ({row.key})") for row in rows),
    ]  # fmt: skip


class _Conditional(SettingsForm):
    """What a field and a section share: where they are asked, their words, their condition."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when = self.fields["when_field"]
        assert isinstance(when, forms.ChoiceField)  # noqa: S101  (for the type checker)
        own = getattr(self.row, "key", None)
        when.choices = [choice for choice in _other_fields() if not own or choice[0] != own]


class FieldSectionForm(_Conditional):
    columns = (
        "target", "label", "label_en", "help_text", "help_text_en", "when_field", "when_values",
        "position", "is_active",
    )  # fmt: skip

    target = forms.ChoiceField(label=_("Asked on a"), choices=FieldTarget.choices)
    label = forms.CharField(label=_("Heading"), max_length=80)
    label_en = forms.CharField(label=_("Heading in English"), max_length=80, required=False)
    help_text = forms.CharField(label=_("Help"), max_length=200, required=False)
    help_text_en = forms.CharField(label=_("Help in English"), max_length=200, required=False)
    when_field = forms.ChoiceField(label=_("Only when the field"), required=False)
    when_values = LinesField(
        label=_("Holds one of"),
        required=False,
        help_text=_("One a line; left empty, anything will do."),
    )
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=9999, initial=0
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row is not None:
            self.fields["target"].disabled = True


class FieldForm(_Conditional):
    columns = (
        "target", "key", "label", "label_en", "help_text", "help_text_en", "kind", "choices",
        "choices_en", "is_required", "section", "product", "module", "types", "when_field",
        "when_values", "position", "is_active",
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
    help_text_en = forms.CharField(label=_("Help in English"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Accepts"), choices=FieldKind.choices)
    choices = LinesField(
        label=_("Choices"), required=False, help_text=_("One a line, for the kind “choice”.")
    )
    choices_en = LinesField(
        label=_("Choices in English"),
        required=False,
        help_text=_("One a line, in the same order; what is stored are the choices above."),
    )
    is_required = forms.BooleanField(label=_("Must be filled"), required=False)
    section = forms.ModelChoiceField(
        FieldSection.objects.all(), label=_("Section"), required=False, empty_label=_("No section")
    )
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
    types = forms.MultipleChoiceField(
        label=_("Only for the types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: of any type. Staff say the type, so the submit form asks later."),
    )
    when_field = forms.ChoiceField(label=_("Only when the field"), required=False)
    when_values = LinesField(
        label=_("Holds one of"),
        required=False,
        help_text=_("One a line; left empty, anything will do."),
    )
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=9999, initial=0
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = self.fields["types"]
        assert isinstance(types, forms.MultipleChoiceField)  # noqa: S101  (for the type checker)
        targets = FieldTarget.values if self.row is None else [self.row.target]  # type: ignore[attr-defined]
        types.choices = list(
            {value: (value, label) for one in targets for value, label in row_types(one)}.values()
        )
        if self.row is not None:
            # Stored values were accepted under these.
            for name in ("target", "key", "kind"):
                self.fields[name].disabled = True
