"""The form by which a demand comes to drive a ticket (转 L4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.text import excerpt
from feedback.choices import DemandKind
from feedback.forms.demands import demand_named
from feedback.forms.fields import IMPORTANCE, words_field
from feedback.models import Demand
from feedback.suggest import nearest
from tickets.choices import Family
from tickets.models import Ticket

OPEN_NEW = "new"
OTHER = "other"
OFFERED = 5


def near_ticket(ticket: Ticket, user: User, limit: int = OFFERED) -> list[Demand]:
    """Unfinished demands of the ticket's product that are nearest to its words."""
    demands = Demand.objects.visible_to(user).filter(product=ticket.product_id)
    return nearest(demands, f"{ticket.title} {ticket.description}"[:500], limit)


class DriveForm(forms.Form):
    """Choose a demand that is near, name another, or open a new one; and the person's words."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    demand = forms.ChoiceField(label=_("Demand"), widget=forms.RadioSelect)
    ref = forms.CharField(
        label=_("Which other demand?"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"placeholder": "D-12"}),
    )  # fmt: skip
    title = forms.CharField(
        label=_("Title of the new demand"), required=False, max_length=160,
        help_text=_("Only for a new demand."),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("Kind of the new demand"), required=False, choices=DemandKind.choices
    )
    words = words_field(
        _("Their words"), help_text=_("Verbatim; credited to the requester, who is owed word.")
    )
    scenario = words_field(_("Scenario"), required=False, rows=2)
    frequency = forms.CharField(label=_("Frequency"), required=False, max_length=80)
    importance = forms.TypedChoiceField(
        label=_("How much does it matter to them?"), coerce=int, choices=IMPORTANCE, initial=1
    )

    def __init__(self, *args: Any, ticket: Ticket, user: User, **kwargs: Any) -> None:
        self.ticket, self.user = ticket, user
        near = near_ticket(ticket, user)
        technical = ticket.family == Family.TECHNICAL
        kwargs["initial"] = {
            "version": ticket.version,
            "demand": near[0].ref if near else OPEN_NEW,
            "title": ticket.title[:160],
            "kind": DemandKind.DEFECT if technical else DemandKind.IMPROVEMENT,
            "words": ticket.quote or ticket.description,
            "scenario": ticket.scenario,
            "frequency": ticket.frequency,
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        field = self.fields["demand"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        field.choices = [
            *((d.ref, f"{d.ref} {excerpt(d.title, 60)} · {d.get_status_display()}") for d in near),
            (OTHER, _now("Another one …")),
            (OPEN_NEW, _now("Open a new demand")),
        ]
        if ticket.family != Family.REQUEST:
            del self.fields["scenario"], self.fields["frequency"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("demand")
        if chosen == OPEN_NEW and not (data.get("title") or "").strip():
            self.add_error("title", _now("Say in a few words what is to change."))
        if chosen == OTHER:
            try:
                data["chosen"] = demand_named(
                    data.get("ref") or "", self.ticket.product_id, self.user
                )
            except forms.ValidationError as error:
                self.add_error("ref", error)
        elif chosen and chosen != OPEN_NEW:
            data["chosen"] = demand_named(chosen, self.ticket.product_id, self.user)
        return data

    def contract_fields(self) -> dict[str, str]:
        """Rows of the ticket's contract that were filled in here and differ from the record."""
        return {
            name: self.cleaned_data[name]
            for name in ("scenario", "frequency")
            if self.cleaned_data.get(name) and self.cleaned_data[name] != getattr(self.ticket, name)
        }
