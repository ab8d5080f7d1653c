"""All rows of one ticket together, however large the file is."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from core.tables.problems import FileProblem
from core.tables.reader import Row, text_of

Case = tuple[str, list[Row]]


def grouped(rows: Iterable[tuple[str, Row]]) -> Iterator[Case]:
    """Cases of a file in which the rows of a case stand together; refuses one that comes back."""
    over: set[str] = set()
    name, found = "", list[Row]()
    for case, row in rows:
        if case != name:
            if found:
                yield name, found
                over.add(name)
            if case in over:
                raise FileProblem(
                    _("The rows of this case do not stand together; line %(line)s has it again.")
                    % {"line": row.line},
                    _("Sort the file by case, or say grouped = false in the mapping."),
                    value=case,
                )
            name, found = case, []
        found.append(row)
    if found:
        yield name, found


def spooled(rows: Iterable[tuple[str, Row]]) -> Iterator[Case]:
    """Cases of a file in any order, by way of a scratch file; first seen, first given."""
    with tempfile.TemporaryDirectory(prefix="opsdesk-import-") as folder:
        store = sqlite3.connect(Path(folder) / "rows.sqlite3", isolation_level=None)
        try:
            store.execute("PRAGMA journal_mode = off")
            store.execute("PRAGMA synchronous = off")
            store.execute(
                "CREATE TABLE rows"
                " (number INTEGER PRIMARY KEY, name TEXT, line INTEGER, cells TEXT)"
            )
            store.execute("BEGIN")
            store.executemany(
                "INSERT INTO rows (name, line, cells) VALUES (?, ?, ?)",
                ((name, row.line, _packed(row)) for name, row in rows),
            )
            store.execute("CREATE INDEX by_name ON rows (name, number)")
            store.execute("COMMIT")
            names = store.execute("SELECT name FROM rows GROUP BY name ORDER BY min(number)")
            for (name,) in names:
                found = store.execute(
                    "SELECT line, cells FROM rows WHERE name = ? ORDER BY number", (name,)
                )
                yield name, [Row(line, _unpacked(cells)) for line, cells in found]
        finally:
            store.close()


def _packed(row: Row) -> str:
    return json.dumps(
        [[text_of(cell)] if isinstance(cell, datetime) else cell for cell in row.cells],
        ensure_ascii=False,
    )


def _unpacked(cells: str) -> list[str | datetime]:
    return [
        datetime.fromisoformat(cell[0]) if isinstance(cell, list) else cell
        for cell in json.loads(cells)
    ]
