"""A whole filter: what an address or a saved view says, read condition by condition."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.errors import BadInput, Problem
from tickets.choices import UNRESOLVED
from tickets.querysets import TicketQuerySet
from tickets.search.filters.condition import MOST_CONDITIONS, Asking, Condition, bad
from tickets.search.filters.kinds import Meant
from tickets.search.filters.table import ALONE, FIELDS, GROUPS, OPERATORS, Field, fields

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Chip:
    """One condition as it is shown: its words, what to know of it, or why it could not be read."""

    text: str
    label: str
    operator: str = ""
    values: str = ""
    notes: tuple[str, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True)
class Filter:
    """Conditions, all of which hold. Those that could not be read narrow nothing and are named."""

    chips: tuple[Chip, ...] = ()
    where: Q = dataclasses.field(default_factory=Q)
    #: Lists tickets somebody still has to work on, and no others.
    is_of_open: bool = False

    @property
    def texts(self) -> list[str]:
        return [chip.text for chip in self.chips]

    @property
    def problems(self) -> list[Problem]:
        return [chip.problem for chip in self.chips if chip.problem is not None]

    @property
    def notes(self) -> list[str]:
        return [note for chip in self.chips for note in chip.notes]

    def of(self, tickets: TicketQuerySet) -> TicketQuerySet:
        return tickets.filter(self.where) if self.where else tickets


NO_FILTER = Filter()


def _keeps_open(condition: Condition) -> bool:
    """Whether the condition alone leaves only unresolved tickets."""
    if condition.field == "status" and condition.operator in ("is", "any"):
        return set(condition.values) <= set(UNRESOLVED)
    # A clock runs, or is due, only while the ticket is worked on.
    if condition.field == "sla" and condition.operator in ("is", "any"):
        return "none" not in condition.values
    return condition.field in ("hours_left", "response_due")


@dataclass(frozen=True)
class Book:
    """The fields that lists of one noun are filtered by; `every` has the company's own as well."""

    fields: Mapping[str, Field]
    every: Callable[[], Mapping[str, Field]]
    groups: Mapping[str, StrPromise]
    #: Whether a condition alone leaves only what is still worked on.
    keeps_open: Callable[[Condition], bool]

    def fields_for(self, texts: Iterable[str]) -> Mapping[str, Field]:
        """The table alone unless a condition may name a custom field."""
        known = all(text.split(":", 1)[0] in self.fields for text in texts)
        return self.fields if known else self.every()


TICKETS = Book(FIELDS, fields, GROUPS, _keeps_open)


def read_filter(texts: Sequence[str], asking: Asking, book: Book = TICKETS) -> Filter:
    """Every condition read. Never raises: what is wrong stands in `problems`."""
    if not texts:
        return NO_FILTER
    known = book.fields_for(texts)
    chips: list[Chip] = []
    where, is_of_open = Q(), False
    for text in dict.fromkeys(texts[:MOST_CONDITIONS]):
        try:
            condition = Condition.of(text)
            field = field_of(condition, known)
            meant = meaning_of(condition, asking, field)
        except BadInput as refused:
            chips.append(Chip(text, text[:60], problem=refused.problems[0]))
            continue
        where &= meant.where
        is_of_open |= book.keeps_open(condition)
        chips.append(_chip(str(condition), condition, field, meant))
    if len(texts) > MOST_CONDITIONS:
        chips.append(Chip("", "…", problem=_too_many()))
    return Filter(tuple(chips), where, is_of_open)


def checked_filter(texts: Sequence[str], asking: Asking, book: Book = TICKETS) -> Filter:
    """The filter. Raises BadInput naming each condition that could not be read."""
    found = read_filter(texts, asking, book)
    if found.problems:
        raise BadInput(*found.problems)
    return found


def _too_many() -> Problem:
    return Problem(
        "f", _("A filter has at most %(limit)s conditions.") % {"limit": MOST_CONDITIONS},
        _("Take some away; only the first are used."),
    )  # fmt: skip


def field_of(condition: Condition, known: Mapping[str, Field] | None = None) -> Field:
    """The field a condition names. Raises BadInput when there is none."""
    known = known or TICKETS.fields_for([condition.field])
    field = known.get(condition.field)
    if field is None:
        raise bad(
            condition.field[:60],
            _("There is no field “%(field)s” to filter by.") % {"field": condition.field[:40]},
            _("Use one of: %(fields)s") % {"fields": ", ".join(known)},
            condition.field,
        )
    return field


def meaning_of(condition: Condition, asking: Asking, field: Field | None = None) -> Meant:
    """What one condition means. Raises BadInput naming its field, value and what would do."""
    field = field or field_of(condition)
    if condition.operator not in field.kind.operators:
        raise bad(
            condition.field,
            _("“%(field)s” knows no “%(operator)s”.")
            % {"field": field.label, "operator": condition.operator[:40]},
            _("Use one of: %(operators)s") % {"operators": ", ".join(field.kind.operators)},
            condition.operator,
        )
    return field.kind.mean(condition, asking)


def _chip(text: str, condition: Condition, field: Field, meant: Meant) -> Chip:
    said = pgettext("between items of a list", ", ").join(meant.values)
    operator = str(OPERATORS[condition.operator])
    values = "" if condition.operator in ALONE else said
    return Chip(text, str(field.label), operator, values, meant.notes)
