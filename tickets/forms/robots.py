"""The form of a chat robot: common fields, and the credentials as its chat calls them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms import PersonField, SettingsForm
from catalog.models import Product
from tickets.choices import Strangers


class RobotForm(SettingsForm):
    """`credentials` are what `tickets.incoming.providers` says this chat needs."""

    columns: tuple[str, ...] = (
        "name", "called", "product", "strangers", "stand_in", "user_ids_are_names", "account",
        "agent", "token", "aes_key", "secret", "is_active",
    )  # fmt: skip

    name = forms.CharField(label=_("Name"), max_length=80)
    called = forms.CharField(
        label=_("Its name in the chat"), max_length=60,
        help_text=_("As people mention it, without the @."),
    )  # fmt: skip
    product = forms.ModelChoiceField(
        label=_("Product of the tickets"), queryset=Product.objects.filter(is_active=True),
        help_text=_("Where the words name another product, that one is taken."),
    )  # fmt: skip
    strangers = forms.ChoiceField(
        label=_("Messages of people nobody knows"), choices=Strangers.choices,
        initial=Strangers.HOLD,
    )  # fmt: skip
    stand_in = PersonField(
        label=_("Stand-in"), required=False,
        help_text=_("Whose tickets the messages of unknown people become."),
    )  # fmt: skip
    user_ids_are_names = forms.BooleanField(
        label=_("The chat's user ids are the user names here"), required=False,
        help_text=_("Only where the same administrators give both. Else people are found by the "
                    "e-mail address the chat knows, or by an agent's choice."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(self, *args: Any, credentials: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.credentials = {one.name: one for one in credentials}
        last = self.fields.pop("is_active")
        for one in credentials:
            is_kept = one.is_hidden and self.row is not None and bool(getattr(self.row, one.name))
            self.fields[one.name] = forms.CharField(
                label=one.label, max_length=80 if one.name == "account" else 120,
                required=one.is_required and not is_kept,
                help_text=_("Empty: the one there is stays.") if is_kept else one.help_text,
                widget=_widget(one.is_hidden),
            )  # fmt: skip
        self.fields["is_active"] = last
        #: The columns this chat has; the others stay empty.
        self.columns = tuple(name for name in type(self).columns if name in self.fields)

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        return {**super().initial_of(row), "token": "", "aes_key": "", "secret": ""}

    def credentials_sent(self) -> dict[str, str]:
        """The credentials as they will be: what was left empty is what there is."""
        return {
            name: self.cleaned_data.get(name) or (getattr(self.row, name) if self.row else "")
            for name in self.credentials
        }


def _widget(is_hidden: bool) -> forms.Widget:
    if is_hidden:
        return forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.TextInput(attrs={"autocomplete": "off"})
