"""What is wrong in a file, by line and column, and how it is told."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from core.sheets import harmless


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong in one cell. `refuses`: its ticket is left out; else it is a note."""

    line: int
    column: str
    value: str
    message: str
    remedy: str
    refuses: bool = True


@dataclass
class Kind:
    """Problems that read the same: how many, and where the first one stands."""

    first: RowProblem
    count: int = 1


@dataclass
class Problems:
    """Counts problems by kind and writes each into the errors file, if one is wanted."""

    kinds: dict[tuple[str, str, str, bool], Kind] = field(default_factory=dict)
    writer: Any = None

    def add(self, problem: RowProblem) -> None:
        key = (problem.column, problem.value, problem.message, problem.refuses)
        if key in self.kinds:
            self.kinds[key].count += 1
        else:
            self.kinds[key] = Kind(problem)
        if self.writer is not None:
            self.writer.writerow(
                [
                    problem.line,
                    *map(
                        harmless, (problem.column, problem.value, problem.message, problem.remedy)
                    ),
                    _("left out") if problem.refuses else _("note"),
                ]
            )

    @property
    def refusals(self) -> int:
        return sum(kind.count for kind in self.kinds.values() if kind.first.refuses)


@contextmanager
def kept_in(file: Path | None) -> Iterator[Problems]:
    """Problems, each also written to `file` (CSV that spreadsheet programs open) when given."""
    if file is None:
        yield Problems()
        return
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        yield Problems(writer=_started(stream))


def _started(stream: TextIO) -> Any:
    writer = csv.writer(stream)
    writer.writerow(
        [_("line"), _("column"), _("value"), _("problem"), _("remedy"), _("consequence")]
    )
    return writer
