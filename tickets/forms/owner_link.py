"""What an owner may fill in on the page of their signed link."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.choices import ReturnReason
from tickets.forms.causes import CauseVerbForm, DateForm, DeclineForm, DeliverForm
from tickets.models import Cause


class LinkDateForm(DateForm):
    """The owner's date, proposed so that one press is enough."""

    def __init__(self, *args: Any, proposed: dt.date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if proposed is not None:
            self.initial["promised_on"] = proposed


class LinkDeclineForm(DeclineForm):
    """A decline with its reasons laid open: no list to unfold on a phone."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=ReturnReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with it.")},
    )


FORMS: dict[str, type[CauseVerbForm]] = {
    "accept": LinkDateForm,
    "date": LinkDateForm,
    "decline": LinkDeclineForm,
    "deliver": DeliverForm,
}


def form_for(
    act: str, cause: Cause, data: Any = None, *, proposed: dt.date | None = None
) -> CauseVerbForm:
    """The form of one act; several stand on one page, so each has ids of its own."""
    more: dict[str, Any] = {"proposed": proposed} if act == "accept" else {}
    return FORMS[act](data, cause=cause, auto_id=f"{act}_%s", **more)
