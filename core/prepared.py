"""Queries that are put together once a process and asked with other values from then on.

Putting a query together – the joins, the columns, the conditions – takes Django longer than
PostgreSQL needs to answer it: 4.8 of the 5.1 ms that reading one ticket took. What is kept is only
the text of the query and how its rows become objects; every use reads the database anew.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

_R = TypeVar("_R")
#: What a slot may hold: a number, a text, a moment, a day, or several numbers.
Value = int | str | dt.datetime | dt.date | tuple[int, ...]
#: Stand-ins for numbers: they fit into every integer column but the small ones.
_FIRST_NUMBER = 2_139_062_143
#: The largest number PostgreSQL compares with a column.
_LARGEST = 2**63 - 1
#: Texts of one query that are kept: one for each list of constants and each length of a tuple.
_KEPT = 256


class Prepared(Generic[_R]):
    """A queryset as a function of its values.

        _of_ticket = Prepared(lambda ticket: Comment.objects.filter(ticket=ticket).order_by("pk"))
        comments = _of_ticket(ticket=ticket.pk)

    `build` makes the queryset. It sees stand-ins of the same kind instead of the values, so what
    it makes may depend on which values there are, and of how many numbers a tuple consists, but
    never on what they say: it is asked twice, with other stand-ins, and must make the same query
    (ValueError). Whatever else decides what is asked (rights, a queue, an order) is given as
    `constants`: equal ones share a text. None is no value: it asks another question.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, _R]]) -> None:
        self.build = build
        self._text = lru_cache(maxsize=_KEPT)(self._put_together)

    def __call__(self, *constants: Hashable, **values: Value) -> list[_R]:
        """The rows, read now."""
        kinds = tuple((name, _kind(value)) for name, value in values.items())
        if any(_is_odd(value) for value in values.values()):
            return list(self.build(*constants, **values))
        text = self._text(constants, kinds)
        return text.rows(values) if text else list(self.build(*constants, **values))

    def _put_together(
        self, constants: tuple[Hashable, ...], kinds: tuple[tuple[str, _Kind], ...]
    ) -> _Text[_R] | None:
        """The text; None where Django knows without asking that nothing is found."""
        numbers = itertools.count(_FIRST_NUMBER)
        made = []
        for _again in range(2):
            given = {name: _stand_in(kind, numbers) for name, kind in kinds}
            try:
                made.append(_Text.of(self.build(*constants, **given), given))
            except EmptyResultSet:
                return None
        one, other = made
        if (one.sql, one.params) != (other.sql, other.params):
            raise ValueError("a prepared query must not follow from what its values say")
        return one


#: The type of a value, and of a tuple its length.
_Kind = tuple[type, int]


def _kind(value: Value) -> _Kind:
    if isinstance(value, tuple):
        return tuple, len(value)
    if isinstance(value, bool) or not isinstance(value, (int, str, dt.date)):
        raise TypeError(f"{value!r} cannot be a value of a prepared query")
    return type(value), 0


def _is_odd(value: Value) -> bool:
    """Django answers for no number at all, and for one that is too large, without asking."""
    return not value if isinstance(value, tuple) else isinstance(value, int) and value > _LARGEST


def _stand_in(kind: _Kind, numbers: Iterator[int]) -> Any:
    """A value of this kind that stands nowhere else in the query."""
    made, length = kind
    number = next(numbers)
    if made is tuple:
        return tuple(next(numbers) for _place in range(length))
    if issubclass(made, int):
        return number
    if issubclass(made, str):
        return f"\ue000{number}\ue001"
    day = dt.datetime(9000, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number - _FIRST_NUMBER)
    return day if issubclass(made, dt.datetime) else day.date()


@dataclass(frozen=True)
class _Slot:
    """Where a value goes: its name, and its place in a tuple."""

    name: str
    place: int | None

    def of(self, values: dict[str, Any]) -> Any:
        return values[self.name] if self.place is None else values[self.name][self.place]


@dataclass(frozen=True)
class _Text(Generic[_R]):
    """The text of a query with its slots, and what makes rows of its answer."""

    queryset: QuerySet[Any, _R]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    locks: bool

    @classmethod
    def of(cls, queryset: QuerySet[Any, _R], given: dict[str, Any]) -> _Text[_R]:
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise ValueError("a prepared query reads no further ones")
        compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        slots = tuple(_slot_of(param, given) for param in params)
        return cls(queryset, compiler, sql, slots, bool(queryset.query.select_for_update))

    def rows(self, values: dict[str, Any]) -> list[_R]:
        compiler = _Asked.like(self.compiler)
        if self.locks and not compiler.connection.in_atomic_block:
            raise TransactionManagementError("rows are locked within a transaction only")
        compiler.kept = (
            self.sql,
            tuple(param.of(values) if isinstance(param, _Slot) else param for param in self.params),
        )
        stand_in: Any = _Rows(self.queryset, _Query(self.queryset.query, compiler))
        rows: Any = self.queryset._iterable_class(stand_in)
        return list(rows)


def _slot_of(param: Any, given: dict[str, Any]) -> Any:
    """The slot a parameter of the stand-ins marks; the parameter itself when it marks none."""
    for name, value in given.items():
        if isinstance(value, tuple):
            if type(param) is int and param in value:
                return _Slot(name, value.index(param))
        elif type(param) is type(value) and param == value:
            return _Slot(name, None)
    return param


# What Django's own makers of rows (ModelIterable, ValuesListIterable) ask of a queryset.


class _Asked(SQLCompiler):
    """A compiler that is done: it says the kept text with the values of one use."""

    kept: tuple[str, tuple[Any, ...]]

    @classmethod
    def like(cls, compiler: SQLCompiler) -> _Asked:
        made = copy.copy(compiler)
        made.__class__ = cls
        # Connections belong to a thread.
        made.connection = connections[DEFAULT_DB_ALIAS]
        assert isinstance(made, cls)  # noqa: S101  (for the type checker)
        return made

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...]]:
        return self.kept


class _Query:
    """The query of a kept text; its compiler is at hand."""

    def __init__(self, query: Any, compiler: _Asked) -> None:
        self._query, self._compiler = query, compiler

    def get_compiler(self, *args: Any, **kwargs: Any) -> _Asked:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


class _Rows:
    """The queryset of a kept text, asked once more."""

    def __init__(self, queryset: Any, query: _Query) -> None:
        self._queryset, self.query = queryset, query
        self.db = DEFAULT_DB_ALIAS

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queryset, name)
