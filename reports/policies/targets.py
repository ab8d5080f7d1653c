"""What the company wants its figures to be: printed beside them, frozen with the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from reports.choices import FIGURES, FIRST_TARGETS, STOCKS, Kind, PeriodKind, kind_of
from reports.models import FigureTarget
from reports.policies.periods import Period

#: Figures that can have a target: those of which one way is the better one.
TARGETED = tuple(name for name, meta in FIGURES.items() if meta.good)


def targets_on(day: dt.date) -> dict[str, float]:
    """Figure → what it was to reach on a day, in the figure's own unit."""
    found: dict[str, float | None] = {**FIRST_TARGETS}
    found |= dict(FigureTarget.objects.in_force(day).values_list("figure", "value"))
    return {name: value for name, value in found.items() if value is not None}


def targets_of(period: Period) -> dict[str, float]:
    """What held when the period began: nobody is judged by what was wanted later.

    A count that grows with the days has a target of a week, which says nothing of a month.
    """
    return {
        name: value
        for name, value in targets_on(period.first).items()
        if period.kind == PeriodKind.WEEK or kind_of(name) != Kind.COUNT or name in STOCKS
    }


def is_for_parts(name: str) -> bool:
    """Whether the target holds for who reads a part: the count of a part is no company's."""
    return kind_of(name) != Kind.COUNT


def missed_by(name: str, found: Mapping[str, Any]) -> float:
    """How far a figure lies on the wrong side of its target, as a share of it; 0 where it does not,
    or where there is nothing to compare. A target of none is missed by each one."""
    value: float | None = found.get("value")
    target: float | None = found.get("target")
    if value is None or target is None:
        return 0.0
    gap: float = target - value if FIGURES[name].good == "up" else value - target
    return max(gap / (target or 1), 0.0)
