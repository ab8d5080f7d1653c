"""The submit form: two required fields, the rest optional."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import fields_for, people_of_fields, rights_of
from catalog.choices import FieldTarget
from catalog.models import Module, Product
from core.customfields import clean_values, form_fields, values_in
from core.errors import BadInput
from core.forms import add_refusal
from tickets.actions import TicketDraft
from tickets.choices import Impact, Urgency
from tickets.forms.fields import NOT_SURE, FilesField, PersonField, module_choices


class SubmitForm(forms.Form):
    """What is the trouble, and where."""

    product = forms.ModelChoiceField(
        label=_("Product"),
        queryset=Product.objects.filter(is_active=True),
        empty_label=_("Choose a product …"),
        error_messages={
            "required": _("Choose the product; “Other / not sure” will do."),
            "invalid_choice": _("This product does not exist; choose one of the list."),
        },
    )
    description = forms.CharField(
        label=_("What's the trouble?"),
        widget=forms.Textarea,
        strip=False,
        error_messages={"required": _("Say what happened. One sentence is enough.")},
    )
    module = forms.ChoiceField(label=_("Module"), required=False)
    impact = forms.TypedChoiceField(
        label=_("Who is affected?"),
        choices=Impact.choices,
        coerce=int,
        empty_value=str(Impact.ONLY_ME.value),
        required=False,
        widget=forms.RadioSelect,
    )
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_("Left empty, the first sentence of the description is used."),
    )
    requester = PersonField(
        label=_("On behalf of"),
        required=False,
        help_text=_("A colleague's name or user name; left empty, the ticket is yours."),
    )
    files = FilesField(label=_("Screenshots and files"))  # type: ignore[assignment]

    def __init__(
        self, *args: Any, user: User, product: Product | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"impact": Impact.ONLY_ME, "product": product, **kwargs["initial"]}
        super().__init__(*args, **kwargs)
        if not rights_of(user).is_agent:
            del self.fields["requester"]
        self.chosen_product = self._read_product(product)
        # Scripts draw modules and suggestions while one writes; the form works without them.
        self.fields["product"].widget.attrs |= {
            "hx-get": reverse("submit"), "hx-target": "#depends", "hx-select": "#depends",
            "hx-swap": "outerHTML",
        }  # fmt: skip
        self.fields["description"].widget.attrs |= {
            "hx-get": reverse("submit_suggestions"), "hx-target": "#found",
            "hx-sync": "this:replace", "hx-trigger": "load, input changed delay:500ms",
        }  # fmt: skip
        module = self.fields["module"]
        assert isinstance(module, forms.ChoiceField)  # noqa: S101  (for the type checker)
        module.choices = module_choices(self.chosen_product)
        module.widget.attrs |= {
            "hx-get": reverse("submit"), "hx-target": "#depends", "hx-select": "#depends",
            "hx-swap": "outerHTML", "hx-include": "#id_product, #depends [name]",
        }  # fmt: skip
        self.definitions = fields_for(
            FieldTarget.TICKET, self.chosen_product, self._chosen_module()
        )
        self.custom = form_fields(self.definitions)
        self.fields.update(self.custom)

    def _read_product(self, preset: Product | None) -> Product | None:
        raw = str(self.data.get("product", "")) if self.is_bound else ""
        if raw.isdecimal() and len(raw) < 19:
            return Product.objects.filter(pk=int(raw), is_active=True).first()
        return None if self.is_bound else preset

    def _chosen_module(self) -> Module | None:
        raw = str((self.data if self.is_bound else self.initial).get("module", ""))
        if not raw.isdecimal() or len(raw) > 18 or self.chosen_product is None:
            return None
        return Module.objects.filter(pk=int(raw), product=self.chosen_product).first()

    def custom_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.custom]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            self.custom_values = clean_values(
                self.definitions, values_in(data), people=people_of_fields()
            )
        except BadInput as refusal:
            add_refusal(self, refusal)
        return data

    def draft(self) -> TicketDraft:
        """What the action takes; only after `is_valid()`."""
        data = self.cleaned_data
        files: list[UploadedFile] = data["files"]
        module: str = data["module"]
        return TicketDraft(
            product=data["product"],
            description=data["description"],
            requester=data.get("requester"),
            title=data["title"],
            module=Module.objects.get(pk=module) if module.isdecimal() else None,
            module_not_sure=module == NOT_SURE,
            impact=int(data["impact"]),
            urgency=Urgency.NORMAL,
            files=files,
            custom=self.custom_values,
        )
