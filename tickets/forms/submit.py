"""The submit form: two required fields, the rest optional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import fields_for, people_of_fields, rights_of
from catalog.choices import FieldTarget
from catalog.models import Module, Product
from core.customfields import PREFIX, clean_values, form_fields, values_in
from core.errors import BadInput
from core.forms import add_refusal
from tickets.actions import TicketDraft
from tickets.choices import Impact, Urgency
from tickets.forms.fields import (
    NOT_SURE,
    FilesField,
    PeopleField,
    PersonField,
    module_choices,
)
from tickets.models import SubmitDraft, SubmitDraftFile
from tickets.rendering.fields import FieldGroup, grouped

#: Longest address of a page and longest name of a browser that are taken along, in characters.
PAGE_MAX, BROWSER_MAX = 1000, 400
_IS_ADDRESS = URLValidator(schemes=["http", "https"])


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
    watchers = PeopleField(
        label=_("Watchers"),
        required=False,
        help_text=_("Colleagues who see it and are told as well, parted by commas."),
    )
    files = FilesField(label=_("Screenshots and files"))  # type: ignore[assignment]
    opened_from = forms.CharField(required=False, widget=forms.HiddenInput)
    browser = forms.CharField(required=False, widget=forms.HiddenInput)
    leave_out_context = forms.BooleanField(required=False, label=_("Leave these out"))

    def __init__(
        self,
        *args: Any,
        user: User,
        product: Product | None = None,
        begun: SubmitDraft | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"impact": Impact.ONLY_ME, "product": product, **kwargs["initial"]}
        super().__init__(*args, **kwargs)
        self.begun = begun
        self.waiting: list[SubmitDraftFile] = []
        self.read_waiting()
        if not rights_of(user).is_agent:
            del self.fields["requester"]
        self.chosen_product = self._read_product(product)
        # Scripts draw modules and suggestions while one writes; the form works without them.
        self.fields["product"].widget.attrs |= {
            "hx-get": reverse("submit"), "hx-target": "#depends", "hx-select": "#depends",
            "hx-swap": "outerHTML", "hx-include": "#id_product, #id_draft, #depends [name]",
        }  # fmt: skip
        self.fields["description"].widget.attrs |= {
            "hx-get": reverse("submit_suggestions"), "hx-target": "#found",
            "hx-sync": "this:replace", "hx-trigger": "load, input changed delay:500ms",
            "hx-include": "#id_product, #id_requester",
        }  # fmt: skip
        module = self.fields["module"]
        assert isinstance(module, forms.ChoiceField)  # noqa: S101  (for the type checker)
        module.choices = module_choices(self.chosen_product)
        module.widget.attrs |= {
            "hx-get": reverse("submit"), "hx-target": "#depends", "hx-select": "#depends",
            "hx-swap": "outerHTML", "hx-include": "#id_product, #id_draft, #depends [name]",
        }  # fmt: skip
        self.definitions = fields_for(
            FieldTarget.TICKET, self.chosen_product, self._chosen_module()
        )
        self.custom = form_fields(self.definitions, file_field=FilesField)
        self.fields.update(self.custom)

    def read_waiting(self) -> None:
        """Read the files that wait with the draft, after one joined them."""
        if self.begun is not None:
            self.waiting = list(self.begun.files.select_related("file").order_by("pk"))

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

    def custom_fields(self) -> list[FieldGroup]:
        """The custom fields as they stand on the page: those of no section, then each section."""
        waiting = {
            PREFIX + definition.key: self.files_of(definition.key)
            for definition in self.definitions
        }
        return grouped(self.definitions, lambda name: self[name], waiting)

    def files_of(self, key: str = "") -> list[SubmitDraftFile]:
        """The files that wait on the server: of a custom field, or of the ticket itself."""
        return [file for file in self.waiting if file.field_key == key]

    def files_waiting(self) -> list[SubmitDraftFile]:
        """Those of the ticket itself."""
        return self.files_of()

    def context_shown(self) -> dict[str, str]:
        """What comes along from the page of the product, as the person may read and refuse it."""
        given: Mapping[str, Any] = self.data if self.is_bound else self.initial
        shown = {name: str(given.get(name) or "") for name in ("opened_from", "browser")}
        return {name: text for name, text in shown.items() if text}

    def clean_opened_from(self) -> str:
        return page_address(self.cleaned_data["opened_from"])

    def clean_browser(self) -> str:
        return str(self.cleaned_data["browser"])[:BROWSER_MAX]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        sent = values_in(data)
        for file in self.waiting:
            if file.field_key:
                sent.setdefault(file.field_key, [])
                sent[file.field_key] = [file.name, *sent[file.field_key]]
        try:
            self.custom_values = clean_values(self.definitions, sent, people=people_of_fields())
        except BadInput as refusal:
            add_refusal(self, refusal)
        return data

    def draft(self) -> TicketDraft:
        """What the action takes; only after `is_valid()`."""
        data = self.cleaned_data
        files: list[UploadedFile] = data["files"]
        module: str = data["module"]
        leaves_out = data.get("leave_out_context")
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
            field_files=self._field_files(),
            watchers=data.get("watchers") or (),
            opened_from="" if leaves_out else data["opened_from"],
            browser="" if leaves_out else data["browser"],
            begun=self.begun,
        )

    def _field_files(self) -> dict[str, Sequence[UploadedFile]]:
        """Files of the custom fields that are asked."""
        return {
            definition.key: self.cleaned_data[PREFIX + definition.key]
            for definition in self.definitions
            if definition.kind == "file" and definition.key in self.custom_values
        }


def page_address(text: str) -> str:
    """The address of a page as it is kept. Raises ValidationError naming what would do."""
    if not text:
        return ""
    if len(text) > PAGE_MAX:
        raise ValidationError(
            _now("The address of the page has %(n)s characters; at most %(most)s are kept.")
            % {"n": len(text), "most": PAGE_MAX}
        )
    try:
        _IS_ADDRESS(text)
    except ValidationError as error:
        raise ValidationError(
            _now("“%(value)s” is no address of a page; it begins with https:// or http://.")
            % {"value": text[:80]}
        ) from error
    return text
