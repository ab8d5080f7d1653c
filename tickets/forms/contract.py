"""One row of the contract, filled in place: the fields of that row and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from catalog.models import Module, Product
from docs_portal.models import Page
from tickets.choices import CauseCategory, Impact, Type, Urgency
from tickets.forms.fields import NO_PAGE, NOT_SURE, PageField, module_choices
from tickets.models import Ticket
from tickets.rendering.words import FIELD_LABELS

#: The fields that each row of the contract (or of the facts) is filled by.
FIELDS_OF_ROW: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "type": ("type",),
    "product": ("product",),
    "module": ("module",),
    "impact": ("impact", "urgency"),
    "answer_page": ("answer_page",),
    "suspected_module": ("suspected_module",),
    "suspected_cause": ("suspected_category", "suspected_cause"),
    "evidence": ("evidence",),
    "quote": ("quote",),
    "scenario": ("scenario",),
    "frequency": ("frequency",),
    "confidential": ("confidential",),
}


def _text(rows: int, maximum: int = 20_000) -> Callable[[Ticket], forms.Field]:
    return lambda ticket: forms.CharField(
        required=False, max_length=maximum, widget=forms.Textarea(attrs={"rows": rows})
    )


def _line(maximum: int) -> Callable[[Ticket], forms.Field]:
    return lambda ticket: forms.CharField(required=False, max_length=maximum)


def _choice(choices: list[tuple[Any, Any]], *, blank: bool) -> Callable[[Ticket], forms.Field]:
    all_choices = [("", "—"), *choices] if blank else choices
    return lambda ticket: forms.ChoiceField(required=not blank, choices=all_choices)


def _number(choices: list[tuple[int, Any]]) -> Callable[[Ticket], forms.Field]:
    return lambda ticket: forms.TypedChoiceField(choices=choices, coerce=int)


_BUILD: dict[str, Callable[[Ticket], forms.Field]] = {
    "title": _line(200),
    "type": _choice(list(Type.choices), blank=True),
    "product": lambda ticket: forms.ModelChoiceField(
        queryset=Product.objects.filter(is_active=True), empty_label=None
    ),
    "module": lambda ticket: forms.ChoiceField(
        required=False, choices=module_choices(ticket.product)
    ),
    "impact": _number(list(Impact.choices)),
    "urgency": _number(list(Urgency.choices)),
    "answer_page": lambda ticket: PageField(ticket.product, held=ticket.answer_page_id),
    "suspected_module": lambda ticket: forms.ChoiceField(
        required=False, choices=module_choices(ticket.product, not_sure=False)
    ),
    "suspected_category": _choice(list(CauseCategory.choices), blank=True),
    "suspected_cause": _text(2),
    "evidence": _text(3),
    "quote": _text(2),
    "scenario": _text(2),
    "frequency": _line(80),
    "confidential": lambda ticket: forms.BooleanField(required=False),
}


def value_in_form(ticket: Ticket, field: str) -> Any:
    """What the control of `field` shows for this ticket."""
    if field == "module":
        return NOT_SURE if ticket.module_not_sure else ticket.module_id
    if field == "answer_page":
        return NO_PAGE if ticket.answer_gap else ticket.answer_page_id
    if field in ("product", "suspected_module"):
        return getattr(ticket, f"{field}_id")
    return getattr(ticket, field)


class RowForm(forms.Form):
    """The form of one row; `row` names it, `version` is the ticket's version that was shown."""

    row = forms.ChoiceField(choices=[(row, row) for row in FIELDS_OF_ROW], widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, ticket: Ticket, row: str, **kwargs: Any) -> None:
        self.ticket = ticket
        self.names = FIELDS_OF_ROW.get(row, ())
        initial = {name: value_in_form(ticket, name) for name in self.names}
        kwargs["initial"] = {"row": row, "version": ticket.version, **initial}
        kwargs["auto_id"] = f"row_{row}_%s"
        super().__init__(*args, **kwargs)
        for name in self.names:
            self.fields[name] = _BUILD[name](ticket)
            self.fields[name].label = FIELD_LABELS[name]
            self.fields[name].widget.attrs["class"] = "input"

    @property
    def leaves_out(self) -> bool:
        """Whether a control lists less than may be chosen, so that one has to search."""
        return any(getattr(field, "leaves_out", False) for field in self.fields.values())

    def changes(self) -> dict[str, Any]:
        """What `edit_ticket` takes; only after `is_valid()`."""
        found: dict[str, Any] = {}
        for name in self.names:
            value = self.cleaned_data[name]
            if name == "module":
                found |= _module(value)
            elif name == "answer_page":
                found |= _page(value)
            elif name == "suspected_module":
                found[name] = Module.objects.get(pk=value) if value else None
            else:
                found[name] = value
        return found


def _module(value: str) -> dict[str, Any]:
    if value == NOT_SURE:
        return {"module_not_sure": True}
    if value:
        return {"module": Module.objects.get(pk=value)}
    return {"module": None, "module_not_sure": False}


def _page(value: str) -> dict[str, Any]:
    if value == NO_PAGE:
        return {"answer_gap": True}
    if value:
        return {"answer_page": Page.objects.get(pk=value)}
    return {"answer_page": None, "answer_gap": False}
