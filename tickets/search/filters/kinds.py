"""Kinds of fields: which operators each has, and the condition of the database each one means.

A kind's `where` gives a condition that is true or false for every row, never unknown: a field
that is empty "is not" any value, so `not` and `none` list it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core.searchkey import terms
from tickets.search.filters.condition import Asking, Condition, bad
from tickets.search.filters.dates import NAMED, days_of, days_said

#: Rows a form offers; more are found by typing.
MOST_CHOICES = 200
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Meant:
    """What a condition means: the rows it keeps, its values in words, and what to know of it."""

    where: Q
    values: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Kind(Protocol):
    """How conditions on a field are read."""

    @property
    def widget(self) -> str:
        """How a form asks for values: choice, person, date, number, text, tag."""

    @property
    def operators(self) -> tuple[str, ...]: ...

    def mean(self, condition: Condition, asking: Asking) -> Meant: ...

    def choices(self, asking: Asking) -> Choices: ...


def one(condition: Condition) -> str:
    """The only value of a condition. Raises BadInput."""
    if len(condition.values) != 1:
        raise bad(
            condition.field, _("This condition takes one value."),
            _("Give one value after the operator."), ", ".join(condition.values),
        )  # fmt: skip
    return condition.values[0]


def some(condition: Condition) -> tuple[str, ...]:
    """One value for `is` and `not`, any number for the others. Raises BadInput."""
    if condition.operator in ("is", "not"):
        return (one(condition),)
    if not condition.values:
        raise bad(condition.field, _("This condition has no value."), _("Give at least one value."))
    return condition.values


def negated(condition: Condition, where: Q) -> Q:
    return ~where if condition.operator in ("not", "none") else where


@dataclass(frozen=True)
class Choice:
    """One of a list of words. `order` makes `atleast` and `atmost`: from least to most."""

    column: str
    of: Callable[[], Iterable[tuple[Any, Any]]]
    order: tuple[Any, ...] = ()
    empty: Q | None = None
    #: What a word stands for where it is not a value of the column.
    stands: Callable[[str], Q] | None = None
    widget: str = "choice"

    @property
    def operators(self) -> tuple[str, ...]:
        ordered = ("atleast", "atmost") if self.order else ()
        return ("is", "not", "any", "none", *ordered, *(("empty", "set") if self.empty else ()))

    def choices(self, asking: Asking) -> Choices:
        return [(str(value), str(label)) for value, label in self.of()]

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        if condition.operator in ("empty", "set"):
            empty = self.empty or Q()
            return Meant(empty if condition.operator == "empty" else ~empty)
        known = {str(value): (value, str(label)) for value, label in self.of()}
        for value in condition.values:
            if value not in known:
                raise bad(
                    condition.field, _("“%(value)s” is not one of the choices.")
                    % {"value": value[:40]},
                    _("Choose from: %(choices)s") % {"choices": ", ".join(known)}, value,
                )  # fmt: skip
        if condition.operator in ("atleast", "atmost"):
            return self._beyond(condition, known)
        wanted = [known[value] for value in some(condition)]
        return Meant(negated(condition, self._where(wanted)), tuple(label for _v, label in wanted))

    def _where(self, wanted: Sequence[tuple[Any, str]]) -> Q:
        if self.stands is None:
            return Q(**{f"{self.column}__in": [value for value, _label in wanted]})
        found = Q(pk__in=[])
        for value, _label in wanted:
            found |= self.stands(str(value))
        return found

    def _beyond(self, condition: Condition, known: dict[str, tuple[Any, str]]) -> Meant:
        value, label = known[one(condition)]
        at = self.order.index(value)
        wanted = self.order[at:] if condition.operator == "atleast" else self.order[: at + 1]
        return Meant(Q(**{f"{self.column}__in": list(wanted)}), (label,))


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    where: Q
    widget: str = "choice"
    operators: tuple[str, ...] = ("is",)

    def choices(self, asking: Asking) -> Choices:
        return [("yes", _("yes")), ("no", _("no"))]

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        said = dict(self.choices(asking))
        value = one(condition)
        if value not in said:
            raise bad(
                condition.field, _("“%(value)s” is neither yes nor no.") % {"value": value[:40]},
                "yes, no", value,
            )  # fmt: skip
        return Meant(self.where if value == "yes" else ~self.where, (said[value],))


@dataclass(frozen=True)
class Rows:
    """Rows of another table by a word of theirs; `below` follows a tree downwards."""

    column: str
    rows: Callable[[], QuerySet[Any]]
    key: str = "pk"
    name: Callable[[Any], str] = str
    optional: bool = True
    below: Callable[[Sequence[Any]], Q] | None = None
    #: Conditions that reach the rows another way than by a column of the ticket.
    reach: Callable[[Sequence[int]], Q] | None = None
    gone: Callable[[Any], bool] = lambda row: not getattr(row, "is_active", True)
    widget: str = "choice"

    @property
    def operators(self) -> tuple[str, ...]:
        empty = ("empty", "set") if self.optional else ()
        return ("is", "not", "any", "none", *(("below",) if self.below else ()), *empty)

    def choices(self, asking: Asking) -> Choices:
        rows = [row for row in self.rows()[:MOST_CHOICES] if not self.gone(row)]
        return [(self._word(row), self.name(row)) for row in rows]

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        if condition.operator in ("empty", "set"):
            empty = Q(**{f"{self.column}__isnull": True})
            return Meant(empty if condition.operator == "empty" else ~empty)
        found = self._found(condition.field, some(condition), asking)
        said = tuple(self.name(row) for row in found)
        notes = tuple(
            _("“%(name)s” is no longer in use.") % {"name": self.name(row)}
            for row in found
            if self.gone(row)
        )
        if condition.operator == "below" and self.below is not None:
            return Meant(self.below(found), said, notes)
        keys = [row.pk for row in found]
        where = Q(**{f"{self.column}__in": keys}) if self.reach is None else self.reach(keys)
        return Meant(negated(condition, where), said, notes)

    def _word(self, row: Model) -> str:
        return str(getattr(row, self.key))

    def _found(self, field: str, words: Sequence[str], asking: Asking) -> list[Any]:
        asked = [word for word in words if self.key != "pk" or _is_key(word)]
        rows = {self._word(row): row for row in self.rows().filter(**{f"{self.key}__in": asked})}
        for word in words:
            if word not in rows:
                raise bad(
                    field, _("There is no “%(value)s” (any more).") % {"value": word[:40]},
                    _("Choose another one, or take the condition away."), word,
                )  # fmt: skip
        return [rows[word] for word in dict.fromkeys(words)]


def _is_key(word: str) -> bool:
    return word.isdecimal() and word.isascii() and len(word) < 18


@dataclass(frozen=True)
class People(Rows):
    """People by user name; `me` is whoever asks."""

    key: str = "username"
    gone: Callable[[Any], bool] = lambda row: not row.is_active
    widget: str = "person"

    def choices(self, asking: Asking) -> Choices:
        return [("me", _("me")), (asking.user.username, asking.user.name)]

    def _found(self, field: str, words: Sequence[str], asking: Asking) -> list[Any]:
        others = [word for word in words if word != "me"]
        found = super()._found(field, others, asking) if others else []
        return [asking.user, *found] if "me" in words else found


@dataclass(frozen=True)
class Number:
    """A number; `where` overrides how it is compared."""

    column: str = ""
    compare: Callable[[str, Decimal, Asking], Q] | None = None
    widget: str = "number"

    @property
    def operators(self) -> tuple[str, ...]:
        exact = () if self.compare is not None else ("is", "not")
        return (*exact, "atleast", "atmost")

    def choices(self, asking: Asking) -> Choices:
        return ()

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        text = one(condition)
        number = decimal_of(condition.field, text)
        said = (text,)
        if self.compare is not None:
            return Meant(self.compare(condition.operator, number, asking), said)
        lookup = {"atleast": "gte", "atmost": "lte"}.get(condition.operator, "exact")
        return Meant(negated(condition, Q(**{f"{self.column}__{lookup}": number})), said)


def decimal_of(field: str, text: str) -> Decimal:
    """Raises BadInput for what is no number of a sensible size."""
    try:
        number = Decimal(text)
        if number.is_finite() and abs(number) < Decimal(10) ** 12:
            return number
    except InvalidOperation:
        pass
    raise bad(
        field, _("“%(value)s” is no number.") % {"value": text[:40]},
        _("Write digits, for example 1280.5."), text,
    )  # fmt: skip


@dataclass(frozen=True)
class Date:
    """A day or a moment; `only` narrows what is looked at."""

    column: str
    is_day: bool = False
    optional: bool = True
    only: Q | None = None
    widget: str = "date"

    @property
    def operators(self) -> tuple[str, ...]:
        return ("within", "before", "after", *(("empty", "set") if self.optional else ()))

    def choices(self, asking: Asking) -> Choices:
        return [(key, str(label)) for key, label in NAMED.items()]

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        where = self.only or Q()
        if condition.operator in ("empty", "set"):
            is_empty = condition.operator == "empty"
            return Meant(where & Q(**{f"{self.column}__isnull": is_empty}))
        text = one(condition)
        days = days_of(condition.field, text, asking.today)
        start, end = (days.first, days.end) if self.is_day else days.moments()
        if condition.operator == "before":
            where &= Q(**{f"{self.column}__lt": start})
        elif condition.operator == "after":
            where &= Q(**{f"{self.column}__gte": end})
        else:
            where &= Q(**{f"{self.column}__gte": start, f"{self.column}__lt": end})
        return Meant(where, (days_said(text),))


@dataclass(frozen=True)
class Words:
    """Words in title, description or reference, found as the search finds them."""

    widget: str = "text"
    operators: tuple[str, ...] = ("contains", "lacks")

    def choices(self, asking: Asking) -> Choices:
        return ()

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        text = ", ".join(some(condition))
        where = Q()
        for term in terms(text):
            where &= Q(search_key__contains=term.needle)
        return Meant(~where if condition.operator == "lacks" else where, (text,))


@dataclass(frozen=True)
class Tags:
    """Tags on the ticket."""

    widget: str = "tag"
    operators: tuple[str, ...] = ("any", "all", "none", "empty", "set")

    def choices(self, asking: Asking) -> Choices:
        return ()

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        if condition.operator in ("empty", "set"):
            empty = Q(tags=[])
            return Meant(empty if condition.operator == "empty" else ~empty)
        wanted = list(some(condition))
        if condition.operator == "all":
            return Meant(~Q(tags=[]) & Q(tags__contains=wanted), tuple(wanted))
        # Said beside the overlap, so that the index of tags (which leaves out the many tickets
        # without one) serves.
        where = ~Q(tags=[]) & Q(tags__overlap=wanted)
        return Meant(negated(condition, where), tuple(wanted))


def person_named(user: User) -> str:
    return user.name
