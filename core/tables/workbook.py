"""Reads one sheet in a process of its own: `python -m core.tables.workbook FILE [SHEET]`.

A sheet is read into a grid up to its last cell: a file of five kilobytes with one word in its last
corner asks for half a terabyte, and the library that reads it then ends its process. So this
process may take `MEMORY` and no more, and whoever started it goes on.

Standard output is JSON, a line each: [number of rows, headings], then every row as [line, cells].
The exit code says why there is none (`Trouble`), and the output its value; any other code is a
process that was ended.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import zipfile
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

#: Bytes of address space: several times what the largest honest log needs.
MEMORY = 2 * 1024**3
#: Seconds of work.
PATIENCE = 300
_FORMULA_WITHOUT_VALUE = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


class Trouble(IntEnum):
    """Why a workbook was not read."""

    UNREADABLE = 3
    NO_SUCH_SHEET = 4
    NO_HEADINGS = 5
    #: Its value was never saved: it would read as an empty cell.
    FORMULA_WITHOUT_VALUE = 6
    TOO_LARGE = 7


class _Refused(Exception):
    def __init__(self, trouble: Trouble, value: str = "") -> None:
        super().__init__(trouble, value)
        self.trouble, self.value = trouble, value


def moment_of(pairs: dict[str, str]) -> dt.datetime:
    """The object hook that reads the moments of a row."""
    return dt.datetime.fromisoformat(pairs["moment"])


def _confine() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not on Windows)

    for limit, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, PATIENCE), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(limit, (most, most))


def _grid(path: Path, sheet: str) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  (after the limits)

    _look_for_formulas(path)
    book = CalamineWorkbook.from_path(path)
    names = book.sheet_names
    if sheet and sheet not in names:
        raise _Refused(Trouble.NO_SUCH_SHEET, ", ".join(names))
    grid = book.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=False)
    if not grid or not any(_plain(value) for value in grid[0]):
        raise _Refused(Trouble.NO_HEADINGS)
    return grid


def _look_for_formulas(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        if sum(entry.file_size for entry in package.infolist()) > MEMORY:
            raise _Refused(Trouble.TOO_LARGE)
        for entry in package.infolist():
            if not entry.filename.startswith("xl/worksheets/"):
                continue
            if found := _FORMULA_WITHOUT_VALUE.search(package.read(entry)):
                raise _Refused(Trouble.FORMULA_WITHOUT_VALUE, found[1].decode())


def _plain(value: object) -> str | dict[str, str]:
    """A cell as the text a CSV export would hold; times stay times."""
    if isinstance(value, dt.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, dt.date):
        return {"moment": dt.datetime.combine(value, dt.time()).isoformat()}
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _write(grid: Sequence[Sequence[object]]) -> None:
    for line, values in enumerate(grid, start=1):
        cells = [_plain(value) for value in values]
        if any(cells):
            said = [line if line > 1 else len(grid) - 1, cells]
            sys.stdout.write(json.dumps(said) + "\n")


def main(path: Path, sheet: str = "") -> int:
    _confine()
    try:
        _write(_grid(path, sheet))
    except _Refused as refused:
        sys.stdout.write(refused.value)
        return refused.trouble
    except MemoryError:
        return Trouble.TOO_LARGE
    except Exception as error:  # whatever a broken file makes the library say
        sys.stdout.write(str(error)[:200])
        return Trouble.UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
