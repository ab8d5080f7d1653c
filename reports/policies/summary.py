"""Figures from rows. The one place where a value follows from its list (invariant 5).

Twice, because the rows are in memory before they are stored and in the database afterwards;
`manage.py verify` compares the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from core.worktime import percentile
from reports.choices import (
    BACKLOG_SIGN,
    CAUSE_PREFIX,
    FIGURES,
    PREFIXES,
    Kind,
    kind_of,
)
from reports.policies.rows import Row

FigureValue = dict[str, Any]
Figures = dict[str, FigureValue]

#: Figures of every breakdown; by product there are all of them.
FLOW = (
    "created", "resolved", "reopened", "cancelled", "restored", "closed", "unresolved_at_start",
    "unresolved_at_end", "cancelled_unresolved", "restored_unresolved", "moved_in", "moved_out",
)  # fmt: skip
BREAKDOWNS: dict[str, Callable[[Row], Any]] = {
    "product": lambda row: row.product_id,
    "module": lambda row: row.module_id,
    "department": lambda row: row.department_id,
    "type": lambda row: row.type,
}


def summarise(rows: Iterable[Row]) -> Figures:
    """Every figure of these rows, and 0 for those without a row."""
    by_figure: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_figure[row.figure].append(row)
    found = {name: _of_rows(name, by_figure.get(name, [])) for name in FIGURES}
    found |= {name: _of_rows(name, group) for name, group in by_figure.items() if name not in found}
    return found


def _of_rows(figure: str, rows: Sequence[Row]) -> FigureValue:
    kind = kind_of(figure)
    if kind == Kind.SHARE:
        return share_value(sum(row.amount for row in rows), len(rows))
    if kind == Kind.TIME:
        seconds = [row.seconds or 0 for row in rows]
        return time_value(percentile(seconds, 0.5), percentile(seconds, 0.9), len(rows))
    if kind == Kind.STEP:
        lengths = [row.length for row in rows if row.length is not None]
        return step_value(
            sum(row.seconds or 0 for row in rows),
            sum(row.seconds or 0 for row in rows if row.amount),
            len(rows),
            sum(row.amount for row in rows),
            (percentile(lengths, 0.5), percentile(lengths, 0.9)),
        )
    found: FigureValue = {"value": len(rows), "n": len(rows)}
    if figure in ("unresolved_at_end", "over_7_days"):
        ages = [row.seconds or 0 for row in rows]
        found |= {"p50": percentile(ages, 0.5), "longest": max(ages, default=None)}
    if figure == "resolved":
        found["tickets"] = len({row.subject_id for row in rows})
    if figure.startswith(("level_", CAUSE_PREFIX)):
        causes = {row.cause_id or -row.subject_id for row in rows}
        found["causes"] = len(causes)
    return found


def share_value(met: int, rows: int) -> FigureValue:
    """None where there is nothing to be a share of."""
    return {"value": met / rows if rows else None, "n": rows, "met": met}


def time_value(median: float | None, ninth: float | None, rows: int) -> FigureValue:
    return {"value": median, "p90": ninth, "n": rows}


def step_value(
    total: int, ended_total: int, rows: int, ended: int, lengths: tuple[float | None, float | None]
) -> FigureValue:
    """`value`: seconds waited in the week; `n`: visits that ended; `queue`: those that go on."""
    return {
        "value": total, "ended": ended_total, "n": ended, "queue": rows - ended,
        "p50": lengths[0], "p90": lengths[1],
    }  # fmt: skip


def from_sums(figure: str, sums: Mapping[str, Any]) -> FigureValue:
    """The same from one line of `SnapshotRow.objects.sums()`."""
    kind, rows, met = kind_of(figure), sums["rows"], sums["met"] or 0
    if kind == Kind.SHARE:
        return share_value(met, rows)
    if kind == Kind.TIME:
        return time_value(sums["median"], sums["ninth"], rows)
    if kind == Kind.STEP:
        lengths = (sums["step_median"], sums["step_ninth"])
        return step_value(sums["total"] or 0, sums["ended"] or 0, rows, met, lengths)
    found: FigureValue = {"value": rows, "n": rows}
    if figure in ("unresolved_at_end", "over_7_days"):
        found |= {"p50": sums["median"], "longest": sums["longest"]}
    if figure == "resolved":
        found["tickets"] = sums["subjects"]
    if figure.startswith(("level_", CAUSE_PREFIX)):
        found["causes"] = sums["causes"] + sums["single"]
    return found


def empty_figures() -> Figures:
    return {name: _of_rows(name, []) for name in FIGURES}


def breakdowns(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, Any]]]:
    """Dimension → key → figure → value. By product every figure, else those of the backlog."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, key_of in BREAKDOWNS.items():
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row.subject == "ticket" and (name == "product" or row.figure in FLOW):
                groups[dimension_key(key_of(row))].append(row)
        found[name] = {key: _group(name, group) for key, group in sorted(groups.items())}
    return found


def dimension_key(value: Any) -> str:
    """The key of a dimension's value; "" is none."""
    return "" if value is None else str(value)


def _group(dimension: str, rows: Sequence[Row]) -> dict[str, Any]:
    figures = summarise(rows)
    names = [name for name in figures if not name.startswith(PREFIXES)]
    if dimension != "product":
        return {name: figures[name]["value"] for name in FLOW}
    return {name: figures[name] for name in names if figures[name]["n"]}


def identity_gap(count_of: Callable[[str], int]) -> int:
    """What the backlog's identity is off by (invariant 11); 0 when it holds."""
    moved = sum(sign * count_of(str(figure)) for figure, sign in BACKLOG_SIGN.items())
    return count_of("unresolved_at_start") + moved - count_of("unresolved_at_end")


def compare(figures: Figures, before: Sequence[Figures | None]) -> Figures:
    """Add last week and the mean of the four before; `before` is newest first, None without data.

    A mean needs all four weeks.
    """
    for name, figure in figures.items():
        values = [week[name]["value"] if week and name in week else None for week in before[:4]]
        figure["previous"] = values[0] if values else None
        known = [value for value in values if value is not None]
        figure["mean"] = sum(known) / 4 if len(known) == 4 else None
    return figures
