"""A list of tickets as a sheet somebody takes away: the same rows and order, real values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from core import sheets
from core.errors import Problem
from tickets.choices import Level, Priority, Status
from tickets.search.columns import COLUMNS, Column, Shown
from tickets.search.limits import WAITED_FOR, at_most
from tickets.search.listing import Read
from tickets.search.pages import Row, page_of

#: Rows of one file: some seconds of writing, and still a file that opens.
ROWS_MAX = 10_000
_NARROW, _WIDE, _TITLE = 10, 18, 48


def sheet_of(read: Read) -> sheets.Table:
    """Every ticket of the list in its order, with the columns chosen for it, else with all.

    Raises sheets.TooManyRows beyond ROWS_MAX, TooLong when the database needs too long.
    """
    shown = read.shown if read.listing.columns else Shown(tuple(COLUMNS.values()))
    wanted = replace(read.wanted(), facts=shown.paths, size=ROWS_MAX)
    with nullcontext() if read.is_narrow else at_most(WAITED_FOR):
        page = page_of(read.rows_of(read.tickets()), wanted)
    if page.older:
        raise sheets.TooManyRows(
            Problem(
                "f", _("This list holds more than %(most)d tickets.") % {"most": ROWS_MAX},
                _("Narrow it, for example to a product or the last 30 days."),
            )
        )  # fmt: skip
    return sheets.Table(_("Tickets"), _headings(shown), _rows(page.rows, shown))


def _headings(shown: Shown) -> list[sheets.Column]:
    return [
        sheets.Column(_("No."), width=_NARROW), sheets.Column(_("Title"), width=_TITLE),
        sheets.Column(_("Status")), sheets.Column(_("Level")),
        sheets.Column(_("Priority"), width=_NARROW),
        *(sheets.Column(str(column.label), width=_WIDE) for column in shown.columns),
    ]  # fmt: skip


def _rows(rows: Sequence[Row], shown: Shown) -> Iterator[list[Any]]:
    statuses = {status.value: str(status.label) for status in Status}
    levels = {level.value: f"L{level.value} {level.label}" for level in Level}
    priorities = {priority.value: str(priority.label) for priority in Priority}
    for row in rows:
        values = [
            f"OPS-{row.pk}", row.title, statuses[row.status],
            levels.get(row.level, "") if row.level else "", priorities[row.priority],
        ]  # fmt: skip
        at = 0
        for column in shown.columns:
            end = at + len(column.paths)
            values.append(_value(column, row.facts[at:end]))
            at = end
        yield values


def _value(column: Column, values: Sequence[Any]) -> Any:
    """A moment, day or number as such, so that a spreadsheet sorts and sums it; else the words."""
    first = values[0]
    if isinstance(first, dt.datetime):
        return sheets.Cell(first, sheets.MOMENT)
    if isinstance(first, dt.date):
        return sheets.Cell(first, sheets.DAY)
    return first if column.is_number else column.said(values)
