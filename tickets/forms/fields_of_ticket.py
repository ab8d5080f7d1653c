"""The custom fields of a ticket, filled in or corrected on the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from catalog.access import fields_for, people_of_fields
from catalog.choices import FieldTarget
from core.customfields import PREFIX, clean_values, form_fields, values_in
from core.errors import BadInput
from core.forms import add_refusal
from tickets.forms.fields import FilesField, shown_person
from tickets.models import Ticket
from tickets.rendering.fields import FieldGroup, grouped


class FieldsForm(forms.Form):
    """Every custom field that is asked of the ticket as it is now: product, module and type."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        self.ticket = ticket
        self.definitions = fields_for(
            FieldTarget.TICKET, ticket.product, ticket.module, ticket.type
        )
        initial = {PREFIX + key: value for key, value in ticket.custom.items()}
        people = [d.key for d in self.definitions if d.kind == "person"]
        ids = [ticket.custom[key] for key in people if isinstance(ticket.custom.get(key), int)]
        named = User.objects.in_bulk(ids) if ids else {}
        for key in people:
            if ticket.custom.get(key) in named:
                initial[PREFIX + key] = shown_person(named[ticket.custom[key]])
        kwargs["initial"] = {"version": ticket.version, **initial}
        super().__init__(*args, **kwargs)
        self.fields.update(form_fields(self.definitions, file_field=FilesField))

    @property
    def groups(self) -> list[FieldGroup]:
        """The fields as they stand on the page."""
        return grouped(self.definitions, lambda name: self[name], {})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        held = {
            d.key: self.ticket.custom[d.key]
            for d in self.definitions
            if d.kind == "file" and d.key in self.ticket.custom
        }
        sent = {key: value for key, value in values_in(data).items() if value or key not in held}
        try:
            clean_values(self.definitions, {**held, **sent}, people=people_of_fields())
        except BadInput as refusal:
            add_refusal(self, refusal)
        return data

    def changes(self) -> dict[str, Any]:
        """The values that were changed, as the action takes them; only after `is_valid()`."""
        changed = set(self.changed_data)
        return {
            key: value
            for key, value in values_in(self.cleaned_data).items()
            if PREFIX + key in changed and not isinstance(value, list)
        }

    def added_files(self) -> dict[str, Sequence[UploadedFile]]:
        """Files that join those a field holds."""
        return {
            d.key: self.cleaned_data[PREFIX + d.key] for d in self.definitions if d.kind == "file"
        }
