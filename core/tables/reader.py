"""Rows of CSV, gzip CSV and XLSX files, with their line and with columns told apart by name."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import json
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from core.tables import workbook
from core.tables.problems import FileProblem

Cell = str | dt.datetime
_CHUNK = 1024 * 1024
_CELL_LIMIT = 10 * 1024 * 1024
#: Bytes a gzip file may unpack to, and of one line of text: honest logs stay far below.
_UNPACKED_LIMIT = 2 * 1024**3
_LINE_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One row of the file. `line` is where it begins, 1 being the header."""

    line: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """A file made ready: its columns, how many lines (about), and its rows once.

    `cleaned` fills with the lines that held U+0000, which is left out.
    """

    columns: list[str]
    lines: int
    rows: Iterator[Row]
    cleaned: list[int]


def text_of(cell: Cell) -> str:
    return cell.isoformat(sep=" ") if isinstance(cell, dt.datetime) else cell


def read_table(
    path: Path, *, encodings: Sequence[str] = ("utf-8-sig",), delimiter: str = ",", sheet: str = ""
) -> Table:
    """Open a file; raises FileProblem before the first row when it cannot be read to its end."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise FileProblem(
            _("The file cannot be read."), _("Check the path and its permissions."),
            where=str(path), value=error.strerror or "",
        ) from error  # fmt: skip
    if not start:
        raise FileProblem(
            _("The file is empty (0 bytes)."), _("Export the log again."), where=str(path)
        )
    if start[:4] == b"PK\x03\x04":
        return _read_xlsx(path, sheet)
    encoding, lines = _whole(path, encodings)
    return _read_csv(path, encoding, delimiter, lines)


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _whole(path: Path, encodings: Sequence[str]) -> tuple[str, int]:
    """Read to the end once, so that a broken file is known before anything is written."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in encodings}
    failed: dict[str, int] = {}
    lines = done = began = 0
    most = max(_UNPACKED_LIMIT, path.stat().st_size)
    try:
        with _open(path) as stream:
            while chunk := stream.read(_CHUNK):
                lines += chunk.count(b"\n")
                _decode(decoders, failed, chunk, done, final=False)
                if (last := chunk.rfind(b"\n")) >= 0:
                    began = done + last
                done += len(chunk)
                if done > most or done - began > _LINE_LIMIT:
                    raise FileProblem(
                        _("The file is too large to be read; line %(line)s.") % {"line": lines + 1},
                        _("Split it into several files."), where=str(path),
                    )  # fmt: skip
            _decode(decoders, failed, b"", done, final=True)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileProblem(
            _("The gzip file is broken after line %(line)s.") % {"line": lines},
            _("Copy or export it again; nothing was imported."), where=str(path),
            value=str(error),
        ) from error  # fmt: skip
    for name in encodings:
        if name not in failed:
            return name, lines
    raise FileProblem(
        _("The text is in none of the encodings the mapping names (%(names)s); byte %(byte)s.")
        % {"names": ", ".join(encodings), "byte": max(failed.values())},
        _('Name the file\'s encoding in the mapping, for example encodings = ["gb18030"].'),
        where=str(path),
    )


def _decode(
    decoders: dict[str, codecs.IncrementalDecoder],
    failed: dict[str, int],
    chunk: bytes,
    done: int,
    *,
    final: bool,
) -> None:
    for name, decoder in decoders.items():
        if name in failed:
            continue
        try:
            decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            failed[name] = done + error.start


def named(header: Sequence[Cell]) -> list[str]:
    """Column names; the second `Variant` is `Variant#2`, a nameless third column `column 3`."""
    seen: dict[str, int] = {}
    names = []
    for number, cell in enumerate(header, start=1):
        name = text_of(cell).strip() or f"column {number}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _read_csv(path: Path, encoding: str, delimiter: str, lines: int) -> Table:
    csv.field_size_limit(_CELL_LIMIT)
    cleaned: list[int] = []
    rows = _csv_rows(path, encoding, delimiter, cleaned)
    header = next(rows, None)
    if header is None:
        raise FileProblem(
            _("The file has no header line."), _("The first line must name the columns."),
            where=str(path),
        )  # fmt: skip
    return Table(named(header.cells), max(lines - 1, 0), rows, cleaned)


def _csv_rows(path: Path, encoding: str, delimiter: str, cleaned: list[int]) -> Iterator[Row]:
    with io.TextIOWrapper(_open(path), encoding=encoding, newline="") as text:
        reader = csv.reader(_storable(text, cleaned), delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if any(cells):
                    yield Row(line, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            raise FileProblem(
                _("Line %(line)s is not valid CSV.") % {"line": line},
                _("Look for a quotation mark that is not closed, or name the delimiter in the "
                  "mapping."),
                where=str(path), value=str(error),
            ) from error  # fmt: skip


def _storable(lines: Iterable[str], cleaned: list[int]) -> Iterator[str]:
    """Lines without U+0000, which no database text can hold; `cleaned` tells where it stood."""
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            cleaned.append(number)
            line = line.replace("\0", "")
        yield line


def _read_xlsx(path: Path, sheet: str) -> Table:
    rows = _xlsx_rows(path, sheet)
    header = next(rows)
    return Table(named(header.cells), header.line, rows, [])


def _xlsx_rows(path: Path, sheet: str) -> Iterator[Row]:
    """What core.tables.workbook says, a process of its own: headings, then rows."""
    with TemporaryFile("w+", encoding="utf-8") as out:
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "core.tables.workbook", str(path), sheet],
                cwd=settings.BASE_DIR, stdout=out, stderr=subprocess.DEVNULL,
                timeout=2 * workbook.PATIENCE, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            ended = workbook.Trouble.TOO_LARGE
        out.seek(0)
        if ended:
            raise _xlsx_problem(ended, out.read(), path, sheet)
        for text in out:
            yield Row(*json.loads(text, object_hook=workbook.moment_of))


def _xlsx_problem(ended: int, value: str, path: Path, sheet: str) -> FileProblem:
    trouble = workbook.Trouble
    if ended == trouble.NO_SUCH_SHEET:
        return FileProblem(_("There is no such sheet."), value, where=str(path), value=sheet)
    if ended == trouble.NO_HEADINGS:
        return FileProblem(
            _("The sheet has no header line."), _("The first line must name the columns."),
            where=str(path),
        )  # fmt: skip
    if ended == trouble.FORMULA_WITHOUT_VALUE:
        return FileProblem(
            _("Cell %(cell)s holds a formula without a saved value.") % {"cell": value},
            _("Open the file in a spreadsheet program and save it, or paste values."),
            where=str(path),
        )  # fmt: skip
    if ended == trouble.UNREADABLE:
        return FileProblem(
            _("The XLSX file cannot be read."), _("Save it again as .xlsx, or export CSV."),
            where=str(path), value=value,
        )  # fmt: skip
    return FileProblem(
        _("The sheet is too large to be read."),
        _("Delete the empty rows and columns behind the table, or export CSV."), where=str(path),
    )  # fmt: skip
