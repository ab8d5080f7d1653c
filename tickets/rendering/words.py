"""The fields of a ticket in a reader's words: their names, and the values an event holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Feature, Module, Product, Team
from docs_portal.models import Page
from tickets.choices import (
    CauseCategory,
    CauseState,
    DriverState,
    Impact,
    Level,
    Resolution,
    Status,
    Type,
    Urgency,
)
from tickets.models import Ticket

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

FIELD_LABELS: dict[str, str | StrPromise] = {
    "title": _("Title"), "description": _("Description"), "product": _("Product"),
    "module": _("Module"), "module_not_sure": _("Module not sure"), "feature": _("Feature"),
    "type": _("Type"), "impact": _("Impact"), "urgency": _("Urgency"), "status": _("Status"),
    "level": _("Level"), "team": _("Team"), "assignee": _("Holder"),
    "relayed_to": _("Outside team"), "cause": _("Root cause"),
    "suspected_module": _("Suspected module"), "suspected_category": _("Suspected category"),
    "suspected_cause": _("Suspected cause"), "evidence": _("Evidence"),
    "answer_page": _("Page"), "answer_gap": _("No page answers this"), "quote": _("Their words"),
    "scenario": _("Scenario"), "frequency": _("Frequency"), "driver": _("Demand"),
    "driver_state": _("Released and verified"), "promised_on": _("Promised date"),
    "resolution": _("Resolution"), "confidential": _("Confidential"),
    "custom": _("Further fields"), "tags": _("Tags"), "owner": _("Owner"), "state": _("State"),
    "is_known_issue": _("Known issue"), "workaround": _("Workaround"),
    "closes_on": _("Closes after"), "silent_from": _("Silent since"),
    "answer_owed": _("Waits for an answer"), "category": _("Category"),
    "text": _("Root cause text"), "merged_into": _("Merged into"),
}  # fmt: skip
#: Follow from other fields; saying them too would only repeat.
SILENT = frozenset({"priority", "updated_at", "bounces", "chases", "slips"})

_CHOICES: dict[str, Mapping[Any, Any]] = {
    "type": dict(Type.choices), "impact": dict(Impact.choices),
    "urgency": dict(Urgency.choices), "status": dict(Status.choices),
    "suspected_category": dict(CauseCategory.choices), "category": dict(CauseCategory.choices),
    "resolution": dict(Resolution.choices), "driver_state": dict(DriverState.choices),
    "state": dict(CauseState.choices),
}  # fmt: skip
_ROWS: dict[str, Callable[[], Any]] = {
    "product": lambda: Product.objects, "module": lambda: Module.objects,
    "suspected_module": lambda: Module.objects, "feature": lambda: Feature.objects,
    "team": lambda: Team.objects, "relayed_to": lambda: Team.objects,
    "assignee": lambda: User.objects, "owner": lambda: User.objects,
    "answer_page": lambda: Page.objects,
}  # fmt: skip


def field_of(column: str) -> str:
    """`module_id` → `module`."""
    return column.removesuffix("_id")


def label_of(column: str) -> str:
    field = field_of(column)
    return str(FIELD_LABELS.get(field, field))


def labels_of(columns: Iterable[str]) -> str:
    """The names of several fields, as one list."""
    names = [label_of(column) for column in columns if field_of(column) not in SILENT]
    return pgettext("between items of a list", ", ").join(dict.fromkeys(names))


def value_said(column: str, value: Any) -> str:
    """A value as the event log or a form holds it, in words; "" for none."""
    field = field_of(column)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value in (None, ""):
        return ""
    if field in _CHOICES:
        return str(_CHOICES[field].get(value, value))
    if field == "level":
        return f"L{value} {Level(value).label}"
    if field == "cause":
        return f"C-{value}"
    if field in _ROWS:
        return str(_ROWS[field]().filter(pk=value).first() or value)
    if field in ("promised_on", "closes_on"):
        day = value if isinstance(value, dt.date) else parse_date(str(value))
        return date_format(day, "SHORT_DATE_FORMAT") if day else ""
    return str(value)


def present_value(ticket: Ticket, column: str) -> str:
    """What the ticket holds now, in words: events keep only a hash of personal texts."""
    return value_said(column, getattr(ticket, column, ""))
