"""Membership rows: what each figure of a week counts, one row per counted thing."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from reports.events.reading import State


class Row(NamedTuple):
    """A `SnapshotRow` before it is stored; see there for the meaning of each field."""

    figure: str
    subject: str
    subject_id: int
    at: dt.datetime
    amount: int = 1
    product_id: int | None = None
    module_id: int | None = None
    department_id: int | None = None
    type: str = ""
    level: int | None = None
    cause_id: int | None = None
    reason: str = ""
    confidential: bool = False
    seconds: int | None = None
    length: int | None = None


def ticket_row(
    figure: str,
    pk: int,
    at: dt.datetime,
    state: State,
    *,
    amount: int = 1,
    level: int | None = None,
    reason: str = "",
    seconds: int | None = None,
    length: int | None = None,
) -> Row:
    """A row about a ticket with the dimensions of `state`; `level` where it is not the state's."""
    return Row(
        figure, "ticket", pk, at, amount, state["product_id"], state["module_id"],
        state["department_id"], state["type"], state["level"] if level is None else level,
        state["cause_id"], reason, state["confidential"], seconds, length,
    )  # fmt: skip


#: Order of a row's values, as they are copied into the table after the snapshot's key.
ROW_COLUMNS: tuple[str, ...] = Row._fields
