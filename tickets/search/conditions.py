"""The conditions of rules: the filter language of saved views, on tickets as they stand or stood.

There is one meaning of a condition: the condition of the database that `tickets.search.filters`
gives it. For a ticket as it stood at an event, the same query reads the row that the fold of its
events makes (`Stood`), so a dry run and the trace say what the rule itself would see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, Value, When
from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, Problem
from core.events import plain
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.search.filters import FIELDS, Asking, Condition, checked_filter

#: More conditions than this nobody reads.
CONDITIONS_MAX = 12


@dataclass(frozen=True)
class Judged:
    """What became of one condition: whether it held, and on which value where it reads a column."""

    condition: str
    held: bool
    column: str = ""
    value: Any = None

    def as_json(self) -> dict[str, Any]:
        return {
            "condition": self.condition, "held": self.held, "column": self.column,
            "value": self.value,
        }  # fmt: skip


@dataclass(frozen=True)
class Stood:
    """A ticket as it stood at one of its versions: recorded columns out of the fold.

    Personal texts are those of today (the log keeps their hash), and so are due times.
    """

    pk: int
    version: int
    columns: Mapping[str, Any]

    def as_row(self) -> dict[str, Any]:
        texts = Ticket.SEALED_FIELDS
        kept = {name: value for name, value in self.columns.items() if name not in texts}
        return {**kept, "id": self.pk, "version": self.version}


def check_conditions(conditions: Any, asking: Asking) -> list[str]:
    """The conditions as they are kept. Raises BadInput naming each by its place: `if_0`, …"""
    if not isinstance(conditions, list) or len(conditions) > CONDITIONS_MAX:
        raise BadInput(
            Problem(
                "conditions", _("This is no list of at most 12 conditions."),
                _("Give each as field:operator:value."), str(conditions)[:80],
            )
        )  # fmt: skip
    kept, problems = [], []
    for place, text in enumerate(conditions):
        try:
            kept += checked_filter([str(text)], asking).texts
        except BadInput as refusal:
            problems += [
                Problem(f"if_{place}", one.message, one.remedy, one.value)
                for one in refusal.problems
            ]
    if problems:
        raise BadInput(*problems)
    return kept


def judge(conditions: Sequence[str], ticket: Ticket, asking: Asking) -> list[Judged]:
    """Each condition on the ticket as its row stands now; the rule matches when all held."""
    if not conditions:
        return []
    query = _asked(conditions, Ticket.objects.filter(pk=ticket.pk), asking)
    row = query.values_list("pk", "version", *_names(conditions)).get()
    return _judged(conditions, row[2:], lambda column: plain(getattr(ticket, column)))


def judge_stood(
    conditions: Sequence[str], stood: Iterable[Stood], asking: Asking
) -> dict[tuple[int, int], list[Judged]]:
    """The same for tickets as they stood, by (ticket, version): one query, nothing written."""
    rows = {(one.pk, one.version): one for one in stood}
    if not conditions or not rows:
        return {key: [] for key in rows}
    query = _asked(conditions, Ticket.objects.all(), asking)
    sql, params = query.values_list("pk", "version", *_names(conditions)).query.sql_with_params()
    # The name of a WITH query hides the table of that name in all that follows.
    table = connection.ops.quote_name(Ticket._meta.db_table)
    then = (
        f"WITH {table} AS (SELECT (jsonb_populate_record(t, e.state)).* "  # noqa: S608
        f"FROM jsonb_array_elements(%s::jsonb) AS e(state) "
        f"JOIN {table} AS t ON t.id = (e.state->>'id')::bigint) {sql}"
    )
    states = json.dumps([one.as_row() for one in rows.values()])
    with connection.cursor() as cursor:
        cursor.execute(then, [states, *params])
        answered = cursor.fetchall()
    return {
        (pk, version): _judged(conditions, held, rows[pk, version].columns.get)
        for pk, version, *held in answered
    }


def _names(conditions: Sequence[str]) -> list[str]:
    return [f"holds_{place}" for place in range(len(conditions))]


def _asked(conditions: Sequence[str], tickets: TicketQuerySet, asking: Asking) -> TicketQuerySet:
    """Each condition as a column of its own, true or false."""
    held = {
        name: Case(
            When(checked_filter([text], asking).where, then=Value(True)),
            default=Value(False), output_field=BooleanField(),
        )
        for name, text in zip(_names(conditions), conditions, strict=True)
    }  # fmt: skip
    return tickets.annotate(**held).order_by()


def _judged(conditions: Sequence[str], held: Iterable[bool], value_of: Any) -> list[Judged]:
    found = []
    for text, holds in zip(conditions, held, strict=True):
        column = _column(text)
        found.append(Judged(text, bool(holds), column, value_of(column) if column else None))
    return found


def _column(text: str) -> str:
    """The recorded column a condition reads, where it reads one and it is no personal text."""
    field = FIELDS.get(Condition.of(text).field)
    name = getattr(field.kind, "column", "") if field is not None else ""
    for column in (name, f"{name}_id"):
        if column in Ticket.EVENT_FIELDS and column not in Ticket.SEALED_FIELDS:
            return column
    return ""
