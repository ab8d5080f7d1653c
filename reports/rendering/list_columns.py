"""Which columns a list of rows has: those that say something of its figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from reports.choices import AGES, DEBT_PREFIX, FIGURES, STEP_PREFIX, Kind


class _Line(Protocol):
    """A row of either list."""

    @property
    def row(self) -> Any: ...
    @property
    def module(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True)
class ListColumns:
    """Beside reference, title, product and time. `measured` heads what the figure measures; ""
    where it only counts."""

    module: bool
    type: bool
    level: bool
    department: bool
    measured: str


def columns_of(figure: str, lines: Sequence[_Line]) -> ListColumns:
    """A column without a single entry is left out: a demand has no level, a count no result."""
    return ListColumns(
        module=any(line.module for line in lines),
        type=any(line.type for line in lines),
        level=any(line.row.level for line in lines),
        department=any(line.department for line in lines),
        measured=_measured(figure) if any(line.note for line in lines) else "",
    )


def _measured(figure: str) -> str:
    if figure.startswith(DEBT_PREFIX):
        return _("What speaks for it")
    if figure in ("waited", "waiting") or figure.startswith(STEP_PREFIX):
        return _("Waited")
    if figure in ("confirmed_rate", "awaited", "told", "round_confirmed", "round_not_solved"):
        return _("Answer")
    if figure == "unresolved":
        return _("Status")
    if figure in AGES:
        return _("How long")
    kind = FIGURES[figure].kind if figure in FIGURES else None
    if figure == "recurrence" or kind == Kind.SHARE:
        return part_labels(figure)[1]
    if kind == Kind.TIME or figure in ("cause", "loop_time"):
        return _("Time")
    return _("Reason") if figure in ("declined", "bounces") else _("Measured")


def part_labels(figure: str) -> tuple[str, str, str]:
    """All rows of a share, those it counts, and the others: what is bad is not "met"."""
    if figure in FIGURES and FIGURES[figure].good == "up":
        return _("All counted"), _("Met"), _("Not met")
    return _("All counted"), _("Counted in"), _("Not counted in")
