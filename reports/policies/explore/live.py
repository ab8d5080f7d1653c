"""The live rows of one ticket and of one cause, from their logs (domain.md, *Formulas*)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from operator import add, sub
from types import EllipsisType
from typing import Any, NamedTuple

from django.conf import settings

from core.events import fold
from core.models import Event
from core.worktime import day_start
from reports.choices import Figure
from reports.events.counting import Counted, is_unresolved, visits
from reports.events.reading import State, TicketLog
from reports.policies.clocks import Clocks
from reports.policies.explore.bands import band_of, histogram_of
from reports.policies.explore.cells import BANDED, FIRST_OF, KEPT, SUMMED, value_in
from reports.policies.ticket_rows import (
    INSTANT,
    PROOF,
    due_times,
    is_move,
    level_of,
    reason_of,
)
from reports.policies.weeks import company_day
from tickets.choices import FAMILY_OF, CauseState, Channel, Family, Resolution, ReturnReason, Status
from tickets.models import Cause, Ticket

#: Where the clocks of `waiting` rows begin to count; before the first ticket of any import.
CLOCK_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
#: How long a fix has to prove itself.
RECURRENCE = dt.timedelta(days=90)
_OVER = (Status.RESOLVED, Status.CLOSED)


class Live(NamedTuple):
    """A `LiveRow` before it is stored; see there for the meaning of each field."""

    subject: str
    subject_id: int
    figure: str
    at: dt.datetime
    amount: int
    product_id: int
    module_id: int | None
    department_id: int | None
    type: str
    level: int | None
    channel: str
    team_id: int | None
    person_id: int | None
    step: str
    reason: str
    cause_id: int | None
    confidential: bool
    seconds: int | None
    band: int | None = None


class Sum(NamedTuple):
    """What rows add to a cell: how many, of those the met ones, their seconds and histogram."""

    rows: int = 0
    met: int = 0
    seconds: int = 0
    bands: int = 0

    def __add__(self, other: Sum) -> Sum:  # type: ignore[override]
        return Sum(*map(add, self, other))

    def __sub__(self, other: Sum) -> Sum:
        return Sum(*map(sub, self, other))


LIVE_COLUMNS: tuple[str, ...] = Live._fields
CellKey = tuple[str, str, str, dt.date, int, bool, str]


def ticket_rows_live(log: TicketLog, found: Sequence[Counted], clocks: Clocks) -> list[Live]:
    """Every row of a ticket, up to the end of its log. `found`: what is counted of it."""
    return [
        *_flow(log, found),
        *_proven(log, found),
        *_times(log, found, clocks),
        *_targets(log, clocks),
        *_stays(log, clocks),
    ]


def _row(
    figure: str, log: TicketLog, at: dt.datetime, state: State, *, amount: int = 1,
    level: int | None = None, team_id: int | EllipsisType | None = ..., step: str = "",
    reason: str = "", seconds: int | None = None,
) -> Live:  # fmt: skip
    """Dimensions as of `state`, the team's too unless another is given; what is confidential
    today was so always."""
    # In the order of the fields: most of a rebuild's rows are made here.
    return Live(
        Ticket.SUBJECT, log.pk, figure, at, amount, state["product_id"], state["module_id"],
        state["department_id"], state["type"], level, state["channel"],
        state["team_id"] if team_id is ... else team_id, state["assignee_id"], step, reason,
        state["cause_id"], log.moments[-1].state["confidential"], seconds,
        band_in(figure, seconds),
    )  # fmt: skip


def _flow(log: TicketLog, found: Sequence[Counted]) -> Iterator[Live]:
    """What came in, went out and came back; the level of a resolution as of now."""
    for figure, moment, state in found:
        if figure != Figure.RESOLVED:
            yield _row(figure, log, moment.at, state)
            continue
        level = level_of(log, moment)
        yield _row(figure, log, moment.at, state, level=level)
        if level is None:
            continue
        outside = state["relayed_to_id"] is not None
        only = outside and state["resolution"] == Resolution.OUTSIDE
        yield _row("relay_only", log, moment.at, state, level=level, amount=int(only))
        if FAMILY_OF.get(state["type"]) == Family.USAGE:
            yield _row(
                "non_technical_relay", log, moment.at, state, level=level, amount=int(outside)
            )
    if is_unresolved(log.state):
        state = log.state
        yield _row(
            "unresolved", log, state["submitted_at"], state, level=state["level"],
            step=state["status"],
        )  # fmt: skip


def _proven(log: TicketLog, found: Sequence[Counted]) -> Iterator[Live]:
    """Resolutions that held, moves nobody sent back, and returns with their reasons.

    Slips that were undone are judged by nobody. The fourteen days of a resolution may not be over:
    who reads leaves those out.
    """
    undone = log.undone
    reopened = [moment.at for figure, moment, _state in found if figure == Figure.REOPENED]
    for figure, moment, state in found:
        if figure == Figure.RESOLVED and moment.version not in undone:
            kept = not any(moment.at <= again <= moment.at + PROOF for again in reopened)
            level = level_of(log, moment)
            yield _row("solved_first_time", log, moment.at, state, level=level, amount=int(kept))
    standing = [moment for moment in log.moments if moment.version not in undone]
    moves = [moment for moment in standing if is_move(moment)]
    returns = [moment.version for moment in standing if reason_of(moment)]
    for number, move in enumerate(moves):
        until = moves[number + 1].version if number + 1 < len(moves) else 1 << 40
        kept = not any(move.version < version < until for version in returns)
        was, now = move.changes.get("level") or (move.state["level"],) * 2
        if move.changes.get("relayed_to_id", (None, None))[1]:
            now = 0
        yield _row(
            "routed_first_time", log, move.at, move.state, amount=int(kept), level=was,
            step=f"{was or 0}>{now or 0}",
        )  # fmt: skip
    for moment in standing:
        # What became of its cause is counted once, at the cause.
        if (reason := reason_of(moment)) and "cause_id" not in moment.data:
            yield _row("declined", log, moment.at, moment.state, reason=reason)


def _times(log: TicketLog, found: Sequence[Counted], clocks: Clocks) -> Iterator[Live]:
    """First response and last resolution, in working time; when the ticket joined its cause."""
    state, team = log.state, log.state["team_id"]
    submitted, responded = state["submitted_at"], state["first_response_at"]
    typed = state["channel"] == Channel.CHAT and state["submitted_by_id"] != state["requester_id"]
    if responded is not None and state["channel"] != Channel.ON_BEHALF and not typed:
        seconds = clocks.working(team, submitted, responded)
        yield _row("first_response", log, responded, state, seconds=seconds)
    resolutions = [moment for figure, moment, _state in found if figure == Figure.RESOLVED]
    if resolutions:
        last = resolutions[-1]
        seconds = clocks.working(last.state["team_id"], submitted, last.at)
        level = level_of(log, last)
        yield _row("resolution", log, last.at, last.state, seconds=seconds, level=level)


def _targets(log: TicketLog, clocks: Clocks) -> Iterator[Live]:
    """When response and resolution fall due, and whether they were there by then.

    A target still to come counts as missed until the answer touches the ticket; who reads leaves
    out what is not due yet.
    """
    due = due_times(log, clocks)
    if due is None:
        return
    for figure, at in zip(("response_on_time", "resolution_on_time"), due, strict=True):
        then = log.at(at + INSTANT)
        if then is None or then["status"] == Status.CANCELLED:
            continue
        if figure == "response_on_time":
            met = then["first_response_at"] is not None
        elif then["status"] == Status.PENDING:
            continue
        else:
            met = then["status"] in _OVER
        yield _row(figure, log, at, then, amount=int(met), level=then["level"])


def _stays(log: TicketLog, clocks: Clocks) -> Iterator[Live]:
    """Visits of steps: `waited` when over, `waiting` while they go on; and the ticket's cause.

    The hours of a cause are what its tickets waited for staff and owners.
    """
    spent = 0
    for stay in visits(log):
        by_requester = stay.state["status"] in (Status.PENDING, Status.RESOLVED)
        if stay.end is None:
            seconds = clocks.working(stay.team_id, CLOCK_EPOCH, stay.start)
            figure, at = "waiting", stay.start
        else:
            seconds = clocks.working(stay.team_id, stay.start, stay.end)
            figure, at = "waited", stay.end
            spent += 0 if by_requester else seconds
        yield _row(
            figure, log, at, stay.state, step=stay.step, seconds=seconds, team_id=stay.team_id,
            level=stay.state["level"],
        )  # fmt: skip
    state = log.state
    joined = [moment.at for moment in log.moments if "cause_id" in moment.changes]
    if state["cause_id"] is not None and state["status"] != Status.CANCELLED and joined:
        yield _row("cause", log, joined[-1], state, seconds=spent)


def cause_rows_live(pk: int, history: Sequence[Event]) -> list[Live]:
    """Declines, the first agreed date, and each fix with whether it came back."""
    rows: list[Live] = []
    fixes: list[tuple[dt.datetime, dict[str, Any]]] = []
    again: list[dt.datetime] = []
    state: dict[str, Any] = {}
    for number, event in enumerate(history, start=1):
        state = fold(Cause, history[:number])
        code = event.data.get("code")
        if code in ReturnReason.values:
            rows.append(_cause_row("declined", pk, event.occurred_at, state, reason=code))
        _was, now = event.changes.get("state") or ("", "")
        if now == CauseState.DELIVERED:
            fixes.append((event.occurred_at, state))
        before, after = event.changes.get("reopened_times") or (0, 0)
        if after > before:
            again.append(event.occurred_at)
    for at, then in fixes:
        came_back = any(at < moment <= at + RECURRENCE for moment in again)
        rows.append(_cause_row("recurrence", pk, at, then, amount=int(came_back)))
    return rows + _agreed_date(pk, state)


def _agreed_date(pk: int, state: dict[str, Any]) -> list[Live]:
    if not state or not state["first_promised_on"]:
        return []
    if state["state"] not in (CauseState.ACCEPTED, CauseState.DELIVERED):
        return []
    day = dt.date.fromisoformat(state["first_promised_on"])
    delivered = state["delivered_at"]
    met = bool(delivered) and company_day(dt.datetime.fromisoformat(delivered)) <= day
    return [_cause_row("owner_on_time", pk, end_of(day), state, amount=int(met))]


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of a company day."""
    return day_start(day + dt.timedelta(days=1), settings.TIME_ZONE) - INSTANT


def _cause_row(
    figure: str, pk: int, at: dt.datetime, state: dict[str, Any], *, amount: int = 1,
    reason: str = "",
) -> Live:  # fmt: skip
    return Live(
        subject="cause", subject_id=pk, figure=figure, at=at, amount=amount,
        product_id=state["product_id"], module_id=state["module_id"], department_id=None, type="",
        level=None, channel="", team_id=None, person_id=None, step="", reason=reason,
        cause_id=pk, confidential=False, seconds=None,
    )  # fmt: skip


def band_in(figure: str, seconds: int | None) -> int | None:
    """The band of a row's seconds; None for figures without percentiles."""
    return band_of(seconds) if seconds is not None and figure in BANDED else None


def cells_of(rows: Iterable[Live]) -> dict[CellKey, Sum]:
    """What rows add to the cells."""
    sums: dict[CellKey, Sum] = {}
    for row in rows:
        dimensions = SUMMED.get(row.figure)
        if dimensions is None:
            continue
        day = company_day(row.at)
        one = _sum_of(row)
        values = [(dimension, value_in(row, dimension)) for dimension in dimensions]
        for grain in KEPT:
            at = (row.figure, FIRST_OF[grain](day), row.product_id, row.confidential)
            for dimension, value in values:
                key = (str(grain), dimension, *at, value)
                was = sums.get(key)
                sums[key] = one if was is None else was + one
    return sums


def _sum_of(row: Live) -> Sum:
    bands = 0 if row.band is None else histogram_of(row.band)
    return Sum(1, row.amount, row.seconds or 0, bands)
