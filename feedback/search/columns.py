"""The columns of the demand table: one entry each, read with the row itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.access import all_fields
from catalog.choices import FieldTarget
from core.customfields import PREFIX, Definition
from core.errors import Problem
from feedback.choices import DemandKind, FeedbackSource, Initiator
from feedback.search.measures import MEASURES
from tickets.choices import Priority

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: More than these no screen shows.
MOST_COLUMNS = 40
Choices = Callable[[], Sequence[tuple[Any, Any]]]


@dataclass(frozen=True)
class Column:
    """A column: its word, its name, how its cells are (`kind`), the paths they are read from.

    `kind`: ref, text, long, choice, status, product, module, person, departments, number, day,
    moment, release, told. `attr` is the attribute of the demand that an edit sets; without one the
    column is only read. `total` says that groups sum it up.
    """

    key: str
    label: str | StrPromise
    kind: str
    paths: tuple[str, ...]
    attr: str = ""
    choices: Choices | None = None
    is_total: bool = False
    sort: str = ""
    definition: Definition | None = None

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    def said(self) -> dict[str, str]:
        """The words of a choice by its value, in the language of now."""
        return {str(value): str(label) for value, label in (self.choices() if self.choices else ())}


def _columns() -> tuple[Column, ...]:
    return (
        Column("ref", gettext_lazy("No."), "ref", ("pk",), sort="newest"),
        Column("title", gettext_lazy("Demand"), "text", ("title",), "title", sort="title"),
        Column("status", gettext_lazy("Status"), "status", ("status",), "status", sort="status"),
        Column("product", gettext_lazy("Product"), "product", ("product__name",), "product_id",
               sort="product"),
        Column("module", gettext_lazy("Module"), "module", ("module__name",), "module_id",
               sort="module"),
        Column("kind", gettext_lazy("Kind"), "choice", ("kind",), "kind",
               lambda: DemandKind.choices, sort="kind"),
        Column("priority", gettext_lazy("Priority"), "choice", ("priority",), "priority",
               lambda: Priority.choices, sort="priority"),
        Column("score", gettext_lazy("Score"), "number", ("score",), is_total=True, sort="score"),
        Column("effort", gettext_lazy("Effort, person-days"), "number", ("effort",), "effort",
               is_total=True, sort="effort"),
        Column("people", gettext_lazy("Owed word"), "number", ("people",), is_total=True,
               sort="people"),
        Column("waiting", gettext_lazy("People waiting"), "number", ("waiting",), is_total=True,
               sort="waiting"),
        Column("told", gettext_lazy("Delivered / read / confirmed"), "told", ("pk",)),
        Column("owner", gettext_lazy("Product owner"), "person", ("product_owner__name",),
               "product_owner_id", sort="owner"),
        Column("release", gettext_lazy("Release"), "release", ("release__name",), "release_id",
               sort="release"),
        Column("wanted", gettext_lazy("Wanted by"), "day", ("wanted_on",), "wanted_on",
               sort="wanted"),
        Column("planned", gettext_lazy("Planned"), "day", ("planned_on",), "planned_on",
               sort="planned"),
        Column("released", pgettext_lazy("date", "Actual"), "moment", ("released_at",),
               sort="released"),
        Column("source", gettext_lazy("Source"), "choice", ("source",), "source",
               lambda: FeedbackSource.choices, sort="source"),
        Column("initiated_by", gettext_lazy("Initiated by"), "choice", ("initiated_by",),
               "initiated_by", lambda: Initiator.choices),
        Column("proposer", gettext_lazy("Proposer"), "person", ("proposer__name",), "proposer_id",
               sort="proposer"),
        Column("departments", gettext_lazy("Departments"), "departments", ("department_ids",),
               "department_ids"),
        Column("problem", gettext_lazy("Problem"), "long", ("problem",), "problem"),
        Column("proposal", gettext_lazy("Proposal"), "long", ("proposal",), "proposal"),
        Column("reason", gettext_lazy("Reason given"), "long", ("decision_reason",)),
        Column("deferred", gettext_lazy("Looked at again on"), "day", ("deferred_until",),
               sort="deferred"),
        Column("review", gettext_lazy("Result after release"), "long", ("review",), "review"),
        Column("reopened", gettext_lazy("Times not solved"), "number", ("reopened_times",),
               sort="reopened"),
        Column("created", gettext_lazy("Collected on"), "moment", ("created_at",), sort="newest"),
        Column("creator", gettext_lazy("Opened by"), "person", ("created_by__name",)),
    )  # fmt: skip


COLUMNS: dict[str, Column] = {column.key: column for column in _columns()}
#: What the table shows when nobody chose.
DEFAULT_COLUMNS = (
    "ref", "title", "status", "product", "module", "priority", "score", "effort", "people",
    "told", "owner", "planned", "release", "departments",
)  # fmt: skip
DEFAULT_FROZEN = 2
#: How the cells of a company's own field are.
_OWN_KINDS = {"text": "text", "number": "number", "choice": "choice", "date": "day"}


def every_column() -> dict[str, Column]:
    """The columns of the table and those of the company's own fields (one query)."""
    return {**COLUMNS, **own_columns()}


def own_columns() -> dict[str, Column]:
    """A column for each custom field of demands, whatever its product, as `custom.<key>`."""
    return {
        PREFIX + definition.key: _own(definition) for definition in all_fields(FieldTarget.DEMAND)
    }


def _own(definition: Definition) -> Column:
    kind = _OWN_KINDS.get(definition.kind, "own")
    labels = definition.choice_labels or definition.choices
    choices = list(zip(definition.choices, labels, strict=False))
    return Column(
        PREFIX + definition.key, definition.label, kind, (annotation(definition.key),),
        PREFIX + definition.key if kind != "own" else "", (lambda: choices) if choices else None,
        definition=definition,
    )  # fmt: skip


def annotation(key: str) -> str:
    """The name of a custom field's value in the query."""
    return "own_" + key.replace("-", "_")


def read_columns(keys: Sequence[str]) -> tuple[list[Column], list[Problem]]:
    """The columns by their words, in their order; what is none of them is named."""
    keys = list(dict.fromkeys(keys))[:MOST_COLUMNS]
    known: Mapping[str, Column] = COLUMNS
    if any(key not in COLUMNS for key in keys):
        known = every_column()
    problems = [
        Problem(
            "columns", _("There is no column “%(value)s”.") % {"value": key[:40]},
            _("Use one of: %(words)s") % {"words": ", ".join(known)}, key[:200],
        )
        for key in keys
        if key not in known
    ]  # fmt: skip
    return [known[key] for key in keys if key in known], problems


def made_up(columns: Sequence[Column]) -> dict[str, Any]:
    """What must be added to a query that reads these columns."""
    found: dict[str, Any] = {}
    for column in columns:
        if column.key in MEASURES:
            found[column.key] = MEASURES[column.key]()
        elif column.definition is not None:
            found[annotation(column.definition.key)] = KeyTextTransform(
                column.definition.key, "custom"
            )
    return found
