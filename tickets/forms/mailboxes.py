"""Forms of mailboxes, and of messages that wait for somebody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms import PersonField, SettingsForm
from catalog.models import Product
from tickets.choices import MailSecurity, Strangers


class MailboxForm(SettingsForm):
    columns: tuple[str, ...] = (
        "name", "address", "host", "port", "security", "username", "secret", "folder", "product",
        "strangers", "stand_in", "confirmed_by", "tags_replies", "from_start", "is_active",
    )  # fmt: skip

    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.EmailField(
        label=_("Address"), help_text=_("What people write to. Answers to our mails go there too."),
    )  # fmt: skip
    host = forms.CharField(label=_("IMAP server"), max_length=200)
    security = forms.ChoiceField(label=_("Encryption"), choices=MailSecurity.choices)
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, initial=993,
        help_text=_("993 with TLS from the start, 143 with STARTTLS."),
    )  # fmt: skip
    username = forms.CharField(
        label=_("User name"), max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Password"), max_length=500, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Many mail services want an app password or authorisation code."),
    )  # fmt: skip
    folder = forms.CharField(label=_("Folder"), max_length=200, initial="INBOX")
    from_start = forms.BooleanField(
        label=_("Read what is there already"), required=False,
        help_text=_("Otherwise only mails that come from now on."),
    )  # fmt: skip
    product = forms.ModelChoiceField(
        label=_("Product of the tickets"), queryset=Product.objects.filter(is_active=True)
    )
    strangers = forms.ChoiceField(
        label=_("Mails of people nobody knows"), choices=Strangers.choices, initial=Strangers.HOLD
    )
    stand_in = PersonField(
        label=_("Stand-in"), required=False,
        help_text=_("Whose tickets the mails of unknown people become."),
    )  # fmt: skip
    confirmed_by = forms.CharField(
        label=_("Server that confirms senders"), max_length=200, required=False,
        help_text=_(
            "Its name in the header Authentication-Results, like mx.example.com. Mails it does not "
            "vouch for are held. Empty: senders are believed."
        ),
    )  # fmt: skip
    tags_replies = forms.BooleanField(
        label=_("Answers carry their reference in the address (name+reference@…)"), required=False,
        help_text=_("Only where your mail server delivers such addresses."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row is not None:
            self.fields["secret"].help_text = _("Empty: the password there is stays.")

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        return {**super().initial_of(row), "secret": ""}


class TryAgainForm(forms.Form):
    """Whose words a held message is, if somebody knows."""

    person = PersonField(
        label=_("Written by"), required=False,
        help_text=_("Empty: as the message itself says."),
    )  # fmt: skip


class DiscardForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
