"""What one log adds to the counts that add up over days, and its visits of each step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from reports.choices import STEP_PREFIX, Figure
from reports.events.reading import Moment, State, TicketLog
from tickets.choices import UNFINISHED, UNRESOLVED, Level, Status

_UNRESOLVED = frozenset(str(status) for status in UNRESOLVED)
_UNFINISHED = frozenset(str(status) for status in UNFINISHED)
_PLACE = ("product_id", "module_id", "department_id", "type")


class Counted(NamedTuple):
    """One event that counts, with the state its dimensions are taken from."""

    figure: Figure
    moment: Moment
    state: State


def is_unresolved(state: State | None) -> bool:
    return state is not None and state["status"] in _UNRESOLVED


def is_unfinished(state: State | None) -> bool:
    return state is not None and state["status"] in _UNFINISHED


def counted(log: TicketLog) -> Iterator[Counted]:
    """Every countable event of a ticket, in order; invariant 11 holds over them by construction.

    A ticket reclassified while unresolved leaves one place and enters another, so the identity
    holds in each breakdown too.
    """
    before: State | None = None
    for moment in log.moments:
        after = moment.state
        if after is before:
            continue
        if before is None:
            yield Counted(Figure.CREATED, moment, after)
            before = {**after, "status": Status.NEW}
        elif is_unresolved(before) and any(before[name] != after[name] for name in _PLACE):
            yield Counted(Figure.MOVED_OUT, moment, before)
            yield Counted(Figure.MOVED_IN, moment, after)
        if before["status"] != after["status"]:
            for figure in _crossings(before["status"], after["status"]):
                yield Counted(figure, moment, after)
        before = after


def _crossings(was: str, now: str) -> Iterator[Figure]:
    """What a change of status counts as. Straight from work to closed is resolved and closed."""
    if was == Status.CANCELLED:
        yield Figure.RESTORED
        if now in _UNRESOLVED:
            yield Figure.RESTORED_UNRESOLVED
    elif now == Status.CANCELLED:
        yield Figure.CANCELLED
        if was in _UNRESOLVED:
            yield Figure.CANCELLED_UNRESOLVED
    elif was in _UNRESOLVED and now not in _UNRESOLVED:
        yield Figure.RESOLVED
    elif was not in _UNRESOLVED and now in _UNRESOLVED:
        yield Figure.REOPENED
    if now == Status.CLOSED:
        yield Figure.CLOSED


def open_spans(log: TicketLog) -> Iterator[tuple[dt.datetime, dt.datetime | None]]:
    """The times in which the ticket was neither closed nor cancelled."""
    since: dt.datetime | None = None
    for moment in log.moments:
        if is_unfinished(moment.state):
            since = since or moment.at
        elif since is not None:
            yield since, moment.at
            since = None
        elif moment is log.moments[0]:
            # Submitted and over in one event: it was there for a moment.
            yield moment.at, moment.at
    if since is not None:
        yield since, None


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a step: status, level and holder alike. `end` None goes on."""

    step: str
    start: dt.datetime
    end: dt.datetime | None
    state: State
    team_id: int | None


def visits(log: TicketLog) -> Iterator[Visit]:
    """The steps the ticket went through, without the time after its end."""
    key, since, state = "", log.moments[0].at, log.moments[0].state
    for moment in log.moments:
        if moment.state is state and key:
            continue
        step = step_of(moment.state)
        if step == key:
            state = moment.state
            continue
        if key:
            yield Visit(key, since, moment.at, state, holder_of(state)[1])
        key, since, state = step, moment.at, moment.state
    if key:
        yield Visit(key, since, None, state, holder_of(state)[1])


def step_of(state: State) -> str:
    """The key of the step: `step_<status>_<level>_<holder>_<team>`; "" when the ticket is over."""
    if not is_unfinished(state):
        return ""
    holder, team_id = holder_of(state)
    named = team_id if holder == "team" else 0
    return f"{STEP_PREFIX}{state['status']}_{state['level'] or 0}_{holder}_{named or 0}"


def holder_of(state: State) -> tuple[str, int | None]:
    """Who has the ticket in hand, and the team whose calendar measures the wait."""
    status, level, team_id = state["status"], state["level"], state["team_id"]
    if status in (Status.PENDING, Status.RESOLVED):
        return "requester", team_id
    if status == Status.ON_HOLD:
        if level == Level.PUSH:
            return "owner", team_id
        if level == Level.PRODUCT_DRIVE:
            return "demand", team_id
        if state["relayed_to_id"]:
            return "team", state["relayed_to_id"]
        return "others", team_id
    return "team", team_id
