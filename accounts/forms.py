"""Sign-in, password and preferences: shape only; the actions decide and save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.channels.chat import provider_named, provider_names


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
