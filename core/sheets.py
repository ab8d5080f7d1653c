"""Tables people take away: XLSX with real numbers and dates, CSV that opens anywhere.

What people typed is never a formula, in headings neither: a text that begins like one stays a text
in XLSX, and gets an apostrophe in CSV, whose cells know no kinds.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from core.errors import Refused

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COUNT, SHARE, HOURS, DAY, MOMENT = "#,##0", "0.0%", "#,##0.0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
#: Excel's limits: 31 characters of a sheet's name without these, 32,767 of a cell.
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_CELL_MAX = 32_767
#: What XML cannot hold at all.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: East Asian versions of spreadsheet programs read the full-width signs as well.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM = "\ufeff"


class TooManyRows(Refused):
    """A list holds more rows than one file takes; none is left out silently."""

    code = "too_many_rows"


@dataclass(frozen=True)
class Column:
    """A column: its heading, its number format ("" is text), its width in characters."""

    label: str
    format: str = ""
    width: int = 14


@dataclass(frozen=True)
class Cell:
    """A value with a number format of its own, where a column mixes kinds."""

    value: Any
    format: str


@dataclass(frozen=True)
class Table:
    """One sheet: name, columns, and rows of plain values as long as the columns."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def xlsx_bytes(tables: Sequence[Table]) -> bytes:
    """A workbook with one sheet per table; the heading stays in sight and can be filtered."""
    from openpyxl import Workbook  # noqa: PLC0415  (30 MB, for downloads only)

    book = Workbook(write_only=True)
    for table in tables:
        _write(book, table)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(book: Any, table: Table) -> None:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet = book.create_sheet(_NOT_IN_TITLE.sub(" ", table.title)[:31])
    sheet.freeze_panes = "A2"
    for number, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width

    def cell(value: Any, column: Column) -> Any:
        wanted = value if isinstance(value, Cell) else Cell(value, column.format)
        made = WriteOnlyCell(sheet, value=_plain(wanted.value))
        if isinstance(made.value, str):
            made.data_type = "s"  # never a formula
        elif made.value is not None and wanted.format:
            made.number_format = wanted.format
        return made

    heading = [cell(column.label, Column(column.label)) for column in table.columns]
    for made in heading:
        made.font = Font(bold=True)
    sheet.append(heading)
    count = 1
    for row in table.rows:
        sheet.append(
            [cell(value, column) for value, column in zip(row, table.columns, strict=True)]
        )
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{count}"


def _plain(value: Any) -> Any:
    """What a cell can hold: numbers, days, moments in the company's zone, text without controls."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return value
    return _NOT_IN_XML.sub("", str(value))[:_CELL_MAX]


def harmless(text: str) -> str:
    """A cell of a CSV file that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_lines(*tables: Table) -> Iterator[str]:
    """The lines of a CSV file in UTF-8 with the mark by which Excel knows it.

    Several tables stand below one another, each under its title.
    """
    yield _BOM
    for number, table in enumerate(tables):
        if number:
            yield "\r\n"
        if len(tables) > 1:
            yield _csv_line([table.title])
        yield _csv_line([column.label for column in table.columns])
        yield from map(_csv_line, table.rows)


def _csv_line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_csv_cell(value) for value in values])
    return line.getvalue()


def _csv_cell(value: Any) -> Any:
    plain = _plain(value.value if isinstance(value, Cell) else value)
    if isinstance(plain, dt.datetime):
        return plain.isoformat(" ", "minutes")
    return harmless(plain) if isinstance(plain, str) else plain


def download(content: bytes | Iterable[str], name: str, content_type: str) -> HttpResponse:
    """The answer that saves `content` as a file called `name`."""
    body = content if isinstance(content, bytes) else "".join(content).encode()
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
