"""Sign-in, password and preferences: shape only; the actions decide and save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Telling, User
from core.channels.chat import provider_named, provider_names
from core.registry import NoticeGroup
from core.telling import Channel, Mode, Quiet, Wish


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ResetForm(forms.Form):
    """Which address the mail with the link goes to."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, twice. Built with its person: Django's `PasswordResetConfirmView` does so."""

    new_password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password2 = forms.CharField(
        label=_("New password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        first, second = found.get("new_password1"), found.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", _("The two passwords differ. Type the same one twice."))
        return found


class OwnPasswordForm(NewPasswordForm):
    """Changing one's own password asks for the present one first."""

    old_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old_password", "new_password1", "new_password2")

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your present password. Type it once more."))
        return password


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"), choices=User.Language.choices, widget=forms.RadioSelect
    )
    theme = forms.ChoiceField(
        label=_("Theme"), choices=User.Theme.choices, required=False, widget=forms.RadioSelect
    )
    after_act = forms.ChoiceField(
        label=_("After you acted on a ticket"),
        choices=User.AfterAct.choices,
        widget=forms.RadioSelect,
    )


class ChatAddressForm(forms.Form):
    """The web address of a chat robot; the provider's own check refuses what cannot work."""

    provider = forms.ChoiceField(label=_("Chat"), widget=forms.RadioSelect)
    url = forms.CharField(
        label=_("Address of the robot"),
        max_length=500,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Copy it from the chat's settings. It is never shown in full again."),
        error_messages={"required": _("Paste the address of the robot.")},
    )
    secret = forms.CharField(
        label=_("Secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Where the robot signs (DingTalk, Feishu), and for a webhook of your own."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider = self.fields["provider"]
        assert isinstance(provider, forms.ChoiceField)  # noqa: S101  (for the type checker)
        provider.choices = [(name, provider_named(name).label) for name in provider_names()]


#: What a message outside may do; the inbox is on or off.
OUTSIDE_MODES = (
    (Mode.NOW, _("At once")),
    (Mode.DIGEST, _("In the digest")),
    (Mode.OFF, _("Off")),
)
_CHANNEL_NAMES = {
    Channel.INBOX: _("In OpsDesk"),
    Channel.MAIL: _("E-mail"),
    Channel.CHAT: _("Chat"),
}


@dataclass(frozen=True)
class GridRow:
    """One group of notices with its three cells."""

    group: NoticeGroup
    must: bool
    inbox: forms.BoundField
    mail: forms.BoundField
    chat: forms.BoundField


class ToldForm(forms.Form):
    """What a person, or everybody in the house, is told by which channel, and when not."""

    quiet = forms.ChoiceField(
        label=_("Mails and chat messages wait"),
        choices=Telling.QuietTime.choices,
        widget=forms.RadioSelect,
        help_text=_("What is urgent comes all the same. What waited comes as one message."),
    )
    quiet_from = forms.TimeField(
        label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    rhythm = forms.ChoiceField(
        label=_("The digest comes"),
        choices=Telling.DigestRhythm.choices,
        widget=forms.RadioSelect,
    )
    digest_at = forms.TimeField(
        label=_("Once a day: at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    zone = forms.CharField(
        label=_("Time zone"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )

    def __init__(
        self,
        groups: Sequence[NoticeGroup],
        wish: Wish,
        must: frozenset[str],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        times = ("quiet", "quiet_from", "quiet_to", "rhythm", "digest_at", "zone")
        super().__init__(data, initial={name: getattr(wish, name) for name in times})
        self.groups = groups
        self.must = must
        for group in groups:
            for channel in Channel:
                self.fields[f"{channel}-{group.name}"] = _cell(group, channel, wish)

    def rows(self) -> list[GridRow]:
        """The grid as the template draws it."""
        return [
            GridRow(
                group, group.name in self.must,
                *(self[f"{channel}-{group.name}"] for channel in Channel),
            )
            for group in self.groups
        ]  # fmt: skip

    def modes(self) -> dict[str, dict[str, str]]:
        """Group → channel → mode, as it was sent."""
        sent = self.cleaned_data
        return {
            group.name: {
                Channel.INBOX: Mode.NOW if sent[f"inbox-{group.name}"] else Mode.OFF,
                Channel.MAIL: sent[f"mail-{group.name}"],
                Channel.CHAT: sent[f"chat-{group.name}"],
            }
            for group in self.groups
        }

    def times(self) -> dict[str, Any]:
        names = ("quiet", "quiet_from", "quiet_to", "rhythm", "digest_at", "zone")
        return {name: self.cleaned_data[name] for name in names}

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        is_empty = found.get("quiet_from") and found.get("quiet_from") == found.get("quiet_to")
        if found.get("quiet") == Quiet.HOURS and is_empty:
            self.add_error(
                "quiet_to", _("The quiet time ends when it begins. Choose two different times.")
            )
        return found


def _cell(group: NoticeGroup, channel: Channel, wish: Wish) -> forms.Field:
    name = f"{group.label}: {_CHANNEL_NAMES[channel]}"
    mode = wish.mode(group, channel)
    if channel == Channel.INBOX:
        return forms.BooleanField(
            label=name, required=False, initial=mode != Mode.OFF,
            widget=forms.CheckboxInput(attrs={"class": "check", "aria-label": name}),
        )  # fmt: skip
    return forms.ChoiceField(
        label=name, choices=OUTSIDE_MODES, initial=mode,
        widget=forms.Select(attrs={"class": "input", "aria-label": name}),
    )  # fmt: skip
