"""Forms of a cause: what staff declare, and what its owner answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module
from tickets.choices import CauseCategory, ReturnReason
from tickets.forms.fields import module_choices, owners_of
from tickets.models import Cause


class CauseVerbForm(forms.Form):
    """What every verb of a cause carries: the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, cause: Cause, **kwargs: Any) -> None:
        self.cause = cause
        kwargs["initial"] = {"version": cause.version, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class DateForm(CauseVerbForm):
    """The owner's date (承诺完成日)."""

    promised_on = forms.DateField(
        label=_("Promised date"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Give the day on which it will be done."),
            "invalid": _("Write the date as year-month-day, for example 2026-11-25."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.cause.promised_on is not None:
            self.initial.setdefault("promised_on", self.cause.promised_on)


class DeclineForm(CauseVerbForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=ReturnReason.choices)
    note = forms.CharField(
        label=_("What is missing or wrong?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": _("Write a few words; the reader sees them.")},
    )


class DeliverForm(CauseVerbForm):
    text = forms.CharField(
        label=_("What was the root cause?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        error_messages={"required": _("Say what the root cause was, in a sentence or two.")},
    )
    category = forms.ChoiceField(label=_("Category"), choices=CauseCategory.choices)
    module = forms.ChoiceField(label=_("Module"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        module = self.fields["module"]
        assert isinstance(module, forms.ChoiceField)  # noqa: S101  (for the type checker)
        module.choices = module_choices(self.cause.product, not_sure=False)
        self.initial.setdefault("category", self.cause.category or CauseCategory.CODE)
        self.initial.setdefault("module", self.cause.module_id)
        self.initial.setdefault("text", self.cause.text)

    def clean_module(self) -> Module | None:
        return Module.objects.filter(pk=self.cleaned_data["module"] or 0).first()


class CausePushForm(CauseVerbForm):
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        owner.queryset = owners_of(self.cause.product)
        module = self.cause.module
        usual = (module.owner_id if module is not None else None) or self.cause.product.owner_id
        self.initial.setdefault("owner", self.cause.owner_id or usual)


class DescribeForm(CauseVerbForm):
    """What fills the rows of level 2 of the cause's tickets."""

    title = forms.CharField(label=_("Title"), max_length=160)
    module = forms.ChoiceField(label=_("Module"), required=False)
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", "—"), *CauseCategory.choices]
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        help_text=_("How it was seen: steps, time, account, log. The owner reads it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        module = self.fields["module"]
        assert isinstance(module, forms.ChoiceField)  # noqa: S101  (for the type checker)
        module.choices = module_choices(self.cause.product, not_sure=False)
        for name in ("title", "category", "evidence"):
            self.initial.setdefault(name, getattr(self.cause, name))
        self.initial.setdefault("module", self.cause.module_id)

    def clean_module(self) -> Module | None:
        return Module.objects.filter(pk=self.cleaned_data["module"] or 0).first()


class KnownIssueForm(CauseVerbForm):
    is_known_issue = forms.BooleanField(
        label=_("Show it to everybody as a known issue"), required=False
    )
    workaround = forms.CharField(
        label=_("Workaround"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=_("What people can do until it is fixed; requesters read it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault(
            "is_known_issue", self.cause.is_known_issue or not self.cause.workaround
        )
        self.initial.setdefault("workaround", self.cause.workaround)
