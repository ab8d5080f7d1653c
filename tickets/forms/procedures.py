"""A procedure and its steps as forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.forms import SettingsForm
from catalog.models import Module, Product
from docs_portal.models import Page
from tickets.actions.procedures import STEP_MAX, STEPS_MAX, StepDraft
from tickets.choices import Type

#: Empty rows below the steps; saved, there are as many again.
SPARE = 3


def _with_product(obj: Any) -> str:
    return f"{obj.product} · {obj.name}"


class ProcedureForm(SettingsForm):
    columns = ("name", "type", "product", "module")

    name = forms.CharField(label=_("Name"), max_length=120)
    type = forms.ChoiceField(label=_("Type"), choices=Type.choices)
    product = forms.ModelChoiceField(
        label=_("Product"),
        required=False,
        empty_label=_("every product"),
        queryset=Product.objects.filter(is_active=True),
    )
    module = forms.ModelChoiceField(
        label=_("Module"),
        required=False,
        empty_label=_("every module"),
        queryset=Module.objects.filter(is_active=True).select_related("product"),
        help_text=_("The closest one counts: of the module, of the product, then of all."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["module"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.label_from_instance = _with_product  # type: ignore[method-assign]


class StepForm(forms.Form):
    place = forms.IntegerField(label=_("Step number"), required=False, min_value=0, max_value=999)
    text = forms.CharField(label=_("Step"), required=False, max_length=STEP_MAX)
    page = forms.ChoiceField(label=_("Manual page"), required=False)
    is_required = forms.BooleanField(label=_("must be ticked before resolving"), required=False)

    def __init__(self, *args: Any, pages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["page"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        field.choices = pages


def page_choices() -> list[tuple[str, Any]]:
    """Every published page, by product: one query for all rows."""
    pages = Page.objects.published().order_by("manual__product__name", "title")
    rows = pages.values_list("pk", "manual__product__name", "title")
    return [("", "—"), *((str(pk), f"{product} · {title}") for pk, product, title in rows)]


def steps_formset(data: Any, initial: list[StepDraft]) -> BaseFormSet[StepForm]:
    """The rows of the steps, with a few empty ones."""
    most = STEPS_MAX + SPARE
    made = formset_factory(StepForm, extra=SPARE, max_num=most, absolute_max=most)
    rows = [
        {"place": 10 * at, "text": step.text, "page": step.page.pk if step.page else "",
         "is_required": step.is_required}
        for at, step in enumerate(initial, start=1)
    ]  # fmt: skip
    said = {"missing_management_form": _now("The steps did not arrive whole. Load the page again.")}
    return made(
        data, initial=rows, prefix="steps", form_kwargs={"pages": page_choices()},
        error_messages=said,
    )  # fmt: skip


def drafts_of(formset: BaseFormSet[StepForm]) -> list[StepDraft]:
    """The steps that were written, in the order of their places; after `is_valid()`."""
    rows = [
        (data["place"] if data.get("place") is not None else 10_000, at, data)
        for at, data in enumerate(form.cleaned_data for form in formset)
        if data.get("text", "").strip()
    ]
    pages = Page.objects.in_bulk([int(data["page"]) for _p, _a, data in rows if data["page"]])
    return [
        StepDraft(data["text"].strip(), pages.get(int(data["page"] or 0)), data["is_required"])
        for _place, _at, data in sorted(rows, key=lambda row: row[:2])
    ]
