"""What each figure is to reach, as the settings list it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from reports.choices import FIGURES, FIRST_TARGETS
from reports.models import FigureTarget
from reports.policies.targets import TARGETED
from reports.policies.weeks import Week
from reports.rendering.periods import week_in_words
from reports.rendering.words import target_text


@dataclass(frozen=True)
class TargetLine:
    """One figure: what holds, since when and by whom, and what is to come.

    `version` None is the start of the house; `coming` are texts like "≥ 97%, week 50".
    """

    figure: str
    label: str
    wants_more: bool
    text: str
    version: FigureTarget | None
    since: str
    coming: list[tuple[str, str]]


def target_lines(day: dt.date) -> list[TargetLine]:
    """Every figure that can have a target, in the order of the report; two queries."""
    versions = FigureTarget.objects.in_force(day).select_related("made_by")
    in_force = {row.figure: row for row in versions}
    coming: dict[str, list[tuple[str, str]]] = {}
    for row in FigureTarget.objects.to_come(day):
        coming.setdefault(row.figure, []).append(
            (value_text(row.figure, row.value), week_of_version(row))
        )
    return [_line(name, in_force.get(name), coming.get(name, [])) for name in TARGETED]


def _line(name: str, row: FigureTarget | None, coming: list[tuple[str, str]]) -> TargetLine:
    return TargetLine(
        figure=name,
        label=str(FIGURES[name].label),
        wants_more=FIGURES[name].good == "up",
        text=value_text(name, row.value if row is not None else FIRST_TARGETS.get(name)),
        version=row,
        since=week_of_version(row) if row is not None else "",
        coming=coming,
    )


def value_text(name: str, value: float | None) -> str:
    """A target in words; "" for none."""
    return "" if value is None else target_text(name, value)


def week_of_version(row: FigureTarget) -> str:
    return week_in_words(Week.of_day(row.from_day))
