"""Products, modules, features and product roles."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.choices import ProductKind
from catalog.forms.settings import PersonField, SettingsForm

CODE_HELP = _("Short, for addresses and imports: letters, digits, - and _.")


class ProductForm(SettingsForm):
    columns = ("name", "code", "kind", "owner", "is_active")

    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=CODE_HELP)
    kind = forms.ChoiceField(label=_("Kind"), choices=ProductKind.choices)
    owner = PersonField(label=_("Owner"), required=False)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)


class ModuleForm(SettingsForm):
    columns = ("name", "owner", "is_active")

    name = forms.CharField(label=_("Name"), max_length=80)
    owner = PersonField(
        label=_("Owner"), required=False, help_text=_("Answers what is pushed to this module.")
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)


class FeatureForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)


class RoleForm(SettingsForm):
    columns = ("name", "code")

    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=CODE_HELP)
