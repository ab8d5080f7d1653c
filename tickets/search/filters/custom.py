"""Custom fields as fields of the filter: each kind compares what the JSON column holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, DecimalField, Q, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThanOrEqual,
    IContains,
    In,
    LessThan,
    LessThanOrEqual,
    Regex,
)
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import all_fields
from catalog.choices import FieldTarget
from core.customfields import PREFIX, Definition
from core.customfields import Kind as FieldKind
from tickets.search.filters.condition import Asking, Condition, bad
from tickets.search.filters.dates import NAMED, days_of, days_said
from tickets.search.filters.kinds import Choices, Meant, decimal_of, negated, one, some

_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_WIDGETS: dict[FieldKind, str] = {
    "text": "text", "number": "number", "choice": "choice", "date": "date", "person": "person",
    "file": "text",
}  # fmt: skip
_OPERATORS: dict[FieldKind, tuple[str, ...]] = {
    "text": ("contains", "lacks", "is", "not"),
    "number": ("is", "not", "atleast", "atmost"),
    "choice": ("is", "not", "any", "none"),
    "date": ("within", "before", "after"),
    "person": ("is", "not", "any", "none"),
    "file": (),
}


@dataclass(frozen=True)
class CustomField:
    """A kind of field for one definition."""

    definition: Definition

    @property
    def widget(self) -> str:
        return _WIDGETS[self.definition.kind]

    @property
    def operators(self) -> tuple[str, ...]:
        return (*_OPERATORS[self.definition.kind], "empty", "set")

    def choices(self, asking: Asking) -> Choices:
        if self.definition.kind == "choice":
            shown = self.definition.shown_choice
            return [(value, shown(value)) for value in self.definition.choices]
        if self.definition.kind == "date":
            return [(key, str(label)) for key, label in NAMED.items()]
        if self.definition.kind == "person":
            return [("me", _("me"))]
        return ()

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        held = _held(self.definition.key)
        if condition.operator in ("empty", "set"):
            is_empty = Q(Exact(held, Value("")))
            return Meant(is_empty if condition.operator == "empty" else ~is_empty)
        reader = {
            "text": self._text, "number": self._number, "choice": self._choice,
            "date": self._date, "person": self._person,
        }[self.definition.kind]  # fmt: skip
        return reader(condition, asking, held)

    def _text(self, condition: Condition, asking: Asking, held: Combinable) -> Meant:
        text = ", ".join(some(condition))
        if condition.operator in ("contains", "lacks"):
            where = Q(IContains(held, text))
            return Meant(where if condition.operator == "contains" else ~where, (text,))
        return Meant(negated(condition, Q(Exact(held, Value(text)))), (text,))

    def _number(self, condition: Condition, asking: Asking, held: Combinable) -> Meant:
        text = one(condition)
        wanted = decimal_of(condition.field, text)
        column: DecimalField[Any, Any] = DecimalField(max_digits=60, decimal_places=20)
        # A field that was of another kind before may hold what is no number.
        number = Case(
            When(Q(Regex(held, Value(_NUMBER))), then=Cast(held, column)),
            default=None, output_field=column,
        )  # fmt: skip
        lookup: Any = {"atleast": GreaterThanOrEqual, "atmost": LessThanOrEqual}.get(
            condition.operator, Exact
        )
        # Unknown becomes false, so that "is not" lists those without a number.
        is_so = Coalesce(lookup(number, Value(wanted, column)), Value(False))
        return Meant(negated(condition, Q(Exact(is_so, Value(True)))), (text,))

    def _choice(self, condition: Condition, asking: Asking, held: Combinable) -> Meant:
        wanted = some(condition)
        notes = tuple(
            _("“%(name)s” is no longer in use.") % {"name": value}
            for value in wanted
            if value not in self.definition.choices
        )
        where = negated(condition, Q(In(held, list(wanted))))
        return Meant(where, wanted, notes)

    def _date(self, condition: Condition, asking: Asking, held: Combinable) -> Meant:
        text = one(condition)
        days = days_of(condition.field, text, asking.today)
        # Days stand as ISO text, which sorts as the days do.
        filled = ~Q(Exact(held, Value("")))
        start, end = Value(days.first.isoformat()), Value(days.end.isoformat())
        if condition.operator == "before":
            where = Q(LessThan(held, start))
        elif condition.operator == "after":
            where = Q(GreaterThanOrEqual(held, end))
        else:
            where = Q(GreaterThanOrEqual(held, start)) & Q(LessThan(held, end))
        return Meant(filled & where, (days_said(text),))

    def _person(self, condition: Condition, asking: Asking, held: Combinable) -> Meant:
        people = [self._somebody(condition.field, word, asking) for word in some(condition)]
        where = Q(In(held, [str(person.pk) for person in people]))
        return Meant(negated(condition, where), tuple(person.name for person in people))

    def _somebody(self, field: str, word: str, asking: Asking) -> User:
        if word == "me":
            return asking.user
        found = User.objects.filter(username__iexact=word).first()
        if found is None:
            raise bad(
                field, _("There is no “%(value)s” (any more).") % {"value": word[:40]},
                _("Choose another one, or take the condition away."), word,
            )  # fmt: skip
        return found


def _held(key: str) -> Combinable:
    """The value as text; empty where the ticket has none."""
    return Coalesce(KeyTextTransform(key, "custom"), Value(""), output_field=TextField())


def custom_fields(target: FieldTarget = FieldTarget.TICKET) -> dict[str, CustomField]:
    """Every custom field a ticket (or demand) may have, of any product, as `custom.<key>`."""
    return {PREFIX + definition.key: CustomField(definition) for definition in all_fields(target)}
