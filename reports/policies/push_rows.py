"""What was pushed to owners: causes past their agreed date, and one line per module."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from accounts.models import User
from reports.policies.cause_lives import CauseLife
from reports.policies.rows import Row
from reports.policies.weeks import Span
from tickets.choices import CauseState

#: Owners hold these, and owe a delivery by the date they agreed on.
_OWED = (CauseState.PUSHED, CauseState.ACCEPTED)
#: Figures of the lines per module, and those of which only the met rows count there.
PUSH_FIGURES = ("pushed", "push_overdue", "decline_rate", "owner_on_time")
#: The longest overdue that the page names.
LONGEST = 5


def overdue_rows(lives: Mapping[int, CauseLife], period: Span) -> Iterator[Row]:
    """Causes that were due by the last day and are not delivered; `seconds` since that day."""
    for pk, life in sorted(lives.items()):
        state = life.final
        due = _due(state)
        if due is None or due > period.last or state["state"] not in _OWED:
            continue
        late = (period.last - due).days * 86_400
        yield Row(
            "push_overdue", "cause", pk, period.ends_at, 1, state["product_id"],
            state["module_id"], cause_id=pk, seconds=late,
        )  # fmt: skip


def _due(state: Mapping[str, Any]) -> dt.date | None:
    return dt.date.fromisoformat(state["promised_on"]) if state["promised_on"] else None


def longest_overdue(
    rows: Iterable[Row], lives: Mapping[int, CauseLife], most: int
) -> list[dict[str, Any]]:
    """The overdue causes in words, the longest first, at most so many of each product: who reads
    one product gets theirs."""
    overdue = sorted(
        (row for row in rows if row.figure == "push_overdue"),
        key=lambda row: (-(row.seconds or 0), row.subject_id),
    )
    taken: dict[int | None, int] = defaultdict(int)
    chosen = []
    for row in overdue:
        taken[row.product_id] += 1
        if taken[row.product_id] <= most:
            chosen.append(row)
    states = {row.subject_id: lives[row.subject_id].final for row in chosen}
    owners = User.objects.in_bulk({state["owner_id"] for state in states.values()} - {None})
    return [_line(row, states[row.subject_id], owners) for row in chosen]


def _line(row: Row, state: Mapping[str, Any], owners: Mapping[int, User]) -> dict[str, Any]:
    owner = owners.get(state["owner_id"] or 0)
    return {
        "cause_id": row.subject_id,
        "title": state["title"],
        "product_id": row.product_id,
        "module_id": row.module_id,
        "owner": owner.name if owner else "",
        "promised_on": state["promised_on"],
        "days": (row.seconds or 0) // 86_400,
        "slips": state["slips"],
    }


def push_lines(
    counts: Iterable[tuple[str, int | None, int | None, int, int]],
) -> list[dict[str, Any]]:
    """One line per module from `(figure, product, module, rows, met)`, most overdue first."""
    lines: dict[tuple[int | None, int | None], dict[str, Any]] = {}
    for figure, product_id, module_id, rows, met in counts:
        line = lines.setdefault(
            (product_id, module_id),
            {"product_id": product_id, "module_id": module_id, "pushed": 0, "overdue": 0,
             "declined": 0, "due": 0, "met": 0},
        )  # fmt: skip
        if figure == "owner_on_time":
            line["due"] += rows
            line["met"] += met
        elif figure == "decline_rate":
            line["declined"] += met
        else:
            line["pushed" if figure == "pushed" else "overdue"] += rows
    return sorted(
        (line for line in lines.values() if line["pushed"] or line["overdue"] or line["declined"]
         or line["due"]),
        key=lambda line: (
            -line["overdue"], -line["pushed"], line["product_id"] or 0, line["module_id"] or 0
        ),
    )  # fmt: skip


def push_counts(rows: Iterable[Row]) -> Iterator[tuple[str, int | None, int | None, int, int]]:
    """What `push_lines` takes, from rows in memory."""
    for row in rows:
        if row.figure in PUSH_FIGURES:
            yield row.figure, row.product_id, row.module_id, 1, row.amount
