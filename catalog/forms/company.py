"""The company's name, and its very first person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.actions.importing import FILE_MAX
from accounts.models import User
from catalog.forms.settings import SettingsForm


class CompanyForm(SettingsForm):
    columns = ("name",)

    name = forms.CharField(
        label=_("Name of the company"),
        max_length=80,
        help_text=_("Stands at the top of every page, on reports and on posters."),
    )


class PeopleImportForm(forms.Form):
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("XLSX or CSV with headings in the first line. At most 5 MB."),
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,.csv,.csv.gz", "data-max-bytes": str(FILE_MAX)}
        ),
    )


class BeginForm(forms.Form):
    """Everything the first page asks: the company, and who administers it."""

    company = forms.CharField(label=_("Name of the company"), max_length=80)
    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        validators=User._meta.get_field("username").validators,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        help_text=_(
            "At least eight characters, not only digits, and nothing that is easily guessed."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        first, second = found.get("password"), found.get("again")
        if first:
            self._judge(first)
        if first and second and first != second:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        return found

    def _judge(self, password: str) -> None:
        found = self.cleaned_data
        person = User(
            username=found.get("username", ""), name=found.get("name", ""),
            email=found.get("email", ""),
        )  # fmt: skip
        try:
            validate_password(password, person)
        except forms.ValidationError as error:
            self.add_error("password", error)
