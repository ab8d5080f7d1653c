"""Which sums of live rows are kept, and by what a figure may be narrowed or split."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from typing import Any

#: Dimension → column of a live row. "" is all of a product. Reasons and steps are a figure's own.
DIMENSIONS: dict[str, str] = {
    "module": "module_id",
    "type": "type",
    "level": "level",
    "department": "department_id",
    "team": "team_id",
    "person": "person_id",
    "channel": "channel",
    "reason": "reason",
    "step": "step",
    "cause": "cause_id",
}
#: Dimensions of two others; their value is like "team:level".
COMPOSED: dict[str, tuple[str, str]] = {
    "team_level": ("team", "level"),
    "person_level": ("person", "level"),
    "module_type": ("module", "type"),
}
_TICKET = ("", "module", "type", "department", "team", "person", "channel")
_LEVELLED = (*_TICKET, "level")

#: Figure → dimensions it is summed by. Others are counted from their rows.
SUMMED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "reopened", "cancelled", "restored", "closed", "cancelled_unresolved",
            "restored_unresolved", "moved_in", "moved_out",
        ),
        _TICKET,
    ),
    **dict.fromkeys(
        (
            "relay_only", "non_technical_relay", "solved_first_time",
            "response_on_time", "resolution_on_time",
        ),
        _LEVELLED,
    ),
    "created": (*_TICKET, "module_type"),
    "resolved": (*_LEVELLED, *COMPOSED),
    "routed_first_time": (*_LEVELLED, "step"),
    "declined": (*_TICKET, "reason"),
    "told_rate": ("", "module", "department"),
    "confirmed_rate": ("", "module", "department", "step"),
    **dict.fromkeys(
        ("demands_new", "demands_accepted", "demands_declined", "demands_released"), ("", "module")
    ),
    "owner_on_time": ("", "module"),
    "recurrence": ("", "module"),
    "first_response": _TICKET,
    "resolution": _LEVELLED,
    "loop_time": ("", "module", "department"),
    "waited": ("step",),
    "cause": ("cause",),
}  # fmt: skip
#: Figures whose percentiles are shown: their cells hold histograms too.
BANDED = frozenset({"first_response", "resolution", "loop_time", "waited"})


def columns_of(dimension: str) -> tuple[str, ...]:
    """The columns of a live row that make the dimension's value; none for all of a product."""
    parts = COMPOSED.get(dimension) or ((dimension,) if dimension else ())
    return tuple(DIMENSIONS[part] for part in parts)


def value_in(row: Any, dimension: str) -> str:
    """The dimension's value of a live row, as cells and addresses have it."""
    parts = [getattr(row, column) for column in columns_of(dimension)]
    return ":".join("" if part is None else str(part) for part in parts)


class Grain(enum.StrEnum):
    """How long one point of a trend is. Quarters are the sum of their months; lists are cut by
    days."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def first_of_month(day: dt.date) -> dt.date:
    return day.replace(day=1)


def first_of_quarter(day: dt.date) -> dt.date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


#: The first day of the point a day lies in.
FIRST_OF: dict[Grain, Callable[[dt.date], dt.date]] = {
    Grain.WEEK: monday_of,
    Grain.MONTH: first_of_month,
    Grain.QUARTER: first_of_quarter,
}
#: The grains cells are kept in.
KEPT = (Grain.WEEK, Grain.MONTH)


def next_after(start: dt.date, grain: Grain) -> dt.date:
    """The first day of the next point."""
    if grain == Grain.WEEK:
        return start + dt.timedelta(days=7)
    months = 1 if grain == Grain.MONTH else 3
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)
