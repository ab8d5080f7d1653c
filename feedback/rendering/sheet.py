"""The demand table as a sheet somebody takes away: the same rows and columns, real values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import sheets
from core.errors import Problem
from feedback.choices import DemandStatus
from feedback.search.columns import Column
from feedback.search.listing import ReadDemands
from feedback.search.pages import DemandPage, Row, demand_page

#: Rows of one file; more than a team tracks, and still a file that opens.
ROWS_MAX = 20_000
_FORMATS = {"day": sheets.DAY, "moment": sheets.MOMENT, "number": "#,##0.0"}
_WIDTHS = {"text": 40, "long": 60, "ref": 10, "number": 10, "departments": 24}


def sheet_of(read: ReadDemands) -> sheets.Table:
    """Every row of the list in its order. Raises sheets.TooManyRows beyond ROWS_MAX."""
    page = demand_page(read, size=ROWS_MAX)
    if page.older:
        raise sheets.TooManyRows(
            Problem(
                "q", _("This list holds more than %(most)d demands.") % {"most": ROWS_MAX},
                _("Narrow it, for example to a product or a status."),
            )
        )  # fmt: skip
    columns = [
        sheets.Column(
            str(column.label), _FORMATS.get(column.kind, ""), _WIDTHS.get(column.kind, 16)
        )
        for column in read.columns
    ]
    return sheets.Table(_("Demands"), columns, _rows(page, read.columns))


def _rows(page: DemandPage, columns: Sequence[Column]) -> Iterator[list[Any]]:
    said = [column.said() for column in columns]
    comma = pgettext("between items of a list", ", ")
    for row in page.rows:
        yield [
            _value(page, row, column, value, words, comma)
            for column, value, words in zip(columns, row.values, said, strict=True)
        ]


def _value(
    page: DemandPage, row: Row, column: Column, value: Any, words: dict[str, str], comma: str
) -> Any:
    if column.kind == "ref":
        return f"D-{row.pk}"
    if column.kind == "told":
        told = page.told[row.pk]
        return f"{told.delivered} / {told.read} / {told.confirmed}"
    if column.kind == "departments":
        return comma.join(page.departments.get(pk, "") for pk in value or ())
    if value is None:
        return None
    if column.kind == "number" and column.definition is None:
        return float(value) if isinstance(value, Decimal) else value
    if isinstance(value, dt.datetime):
        return localtime(value)
    if column.kind == "status":
        return str(DemandStatus(value).label)
    return words.get(str(value), value) if words else value
