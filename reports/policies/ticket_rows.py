"""The rows one ticket adds to the figures of one period (domain.md, *Formulas*)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.choices import CAUSE_PREFIX, PROOF_DAYS, SYMPTOM_DAYS, TEAM_PREFIX, Figure
from reports.events.counting import (
    Counted,
    Visit,
    counted,
    is_unfinished,
    is_unresolved,
    visits,
)
from reports.events.reading import Moment, State, TicketLog
from reports.policies.cause_lives import CauseLife
from reports.policies.clocks import Clocks
from reports.policies.rows import Row, ticket_row
from reports.policies.weeks import Span
from tickets.choices import (
    FAMILY_OF,
    Channel,
    Family,
    Level,
    Resolution,
    ReturnReason,
    Status,
)
from tickets.sla import Facts
from tickets.sla.stops import StatusChange, stops

OLD = dt.timedelta(days=7)
#: How long a resolution or a move has to prove itself.
PROOF = dt.timedelta(days=PROOF_DAYS)
SYMPTOM = dt.timedelta(days=SYMPTOM_DAYS)
#: Met at the very moment is met.
INSTANT = dt.timedelta(microseconds=1)
_OVER = (Status.RESOLVED, Status.CLOSED)
_REASONS = frozenset(ReturnReason.values)


@dataclass(frozen=True)
class Context:
    """What the rows of every ticket of one period need besides its log."""

    period: Span
    clocks: Clocks
    #: Tickets cited by an insight published before the period's end.
    cited: Collection[int]
    #: Every cause by id, as it was known.
    causes: Mapping[int, CauseLife]


def rows_of_ticket(log: TicketLog, context: Context) -> Iterator[Row]:
    """All rows of one ticket; `log` must end with the period."""
    found = list(counted(log))
    stays = list(visits(log))
    yield from _flow(log, found, context)
    yield from _stock(log, context)
    yield from _times(log, found, context)
    yield from _on_time(log, context)
    yield from _cohort(log, found, context)
    yield from _returns(log, context)
    yield from _causes(log, context)
    yield from _judged(log, context)
    yield from _symptoms(log, found, context)
    yield from _steps(log, stays, context)


def _flow(log: TicketLog, found: Sequence[Counted], context: Context) -> Iterator[Row]:
    start = context.period.starts_at
    for figure, moment, state in found:
        if moment.at < start:
            continue
        if figure == Figure.RESOLVED:
            yield from _resolved(log, moment, context)
            continue
        yield ticket_row(figure, log.pk, moment.at, state)
        if figure == Figure.CREATED:
            yield ticket_row("volume", log.pk, moment.at, state)
        elif figure == Figure.CLOSED and not log.imported:
            name = "auto_confirmed" if state["auto_confirmed"] else "confirmed"
            yield ticket_row(name, log.pk, moment.at, state)


def _resolved(log: TicketLog, moment: Moment, context: Context) -> Iterator[Row]:
    """One resolution: its level as of the cut-off, relay, research."""
    state, pk, at = moment.state, log.pk, moment.at
    level = level_of(log, moment)
    yield ticket_row("resolved", pk, at, state, level=level)
    if pk in context.cited:
        yield ticket_row("research", pk, at, state, level=level)
    if level is None:
        yield ticket_row("unlevelled", pk, at, state)
        return
    yield ticket_row(f"level_{level}", pk, at, state, level=level)
    yield ticket_row(f"{TEAM_PREFIX}{state['team_id'] or 0}", pk, at, state, level=level)
    outside = state["relayed_to_id"] is not None
    only = outside and state["resolution"] == Resolution.OUTSIDE
    yield ticket_row("relay_only", pk, at, state, level=level, amount=int(only))
    if FAMILY_OF.get(state["type"]) == Family.USAGE:
        yield ticket_row("non_technical_relay", pk, at, state, level=level, amount=int(outside))


def level_of(log: TicketLog, resolution: Moment) -> int | None:
    """The level the resolution has by the end of the log; a demand verified later raises it."""
    level: int | None = None
    for moment in log.moments[bisect_left(log.moments, resolution.version, key=_version) :]:
        if moment.state["status"] not in _OVER:
            break
        level = moment.state["resolved_level"]
    return level


def _version(moment: Moment) -> int:
    return moment.version


def _stock(log: TicketLog, context: Context) -> Iterator[Row]:
    start, end = context.period.starts_at, context.period.ends_at
    before, after = log.at(start), log.state
    if before is not None and is_unresolved(before):
        yield ticket_row("unresolved_at_start", log.pk, start, before)
    if is_unfinished(after):
        yield ticket_row("open_at_end", log.pk, end, after)
    if not is_unresolved(after):
        return
    age = end - after["submitted_at"]
    seconds = int(age.total_seconds())
    yield ticket_row("unresolved_at_end", log.pk, end, after, seconds=seconds)
    if age > OLD:
        yield ticket_row("over_7_days", log.pk, end, after, seconds=seconds)
    if after["status"] == Status.ON_HOLD and after["level"] == Level.PRODUCT_DRIVE:
        yield ticket_row("waiting_for_demand", log.pk, end, after, seconds=seconds)


def _times(log: TicketLog, found: Sequence[Counted], context: Context) -> Iterator[Row]:
    """First response and resolution of tickets that had theirs in the period."""
    state = log.state
    submitted, responded = state["submitted_at"], state["first_response_at"]
    # What an agent typed for somebody was answered before it was a ticket.
    typed = state["channel"] == Channel.CHAT and state["submitted_by_id"] != state["requester_id"]
    spoken = state["channel"] != Channel.ON_BEHALF and not typed
    if spoken and responded is not None and context.period.holds(responded):
        yield from _duration("first_response", log, submitted, responded, state, context)
    resolutions = [moment for figure, moment, _state in found if figure == Figure.RESOLVED]
    if resolutions and context.period.holds(resolutions[-1].at):
        last = resolutions[-1]
        yield from _duration("resolution", log, submitted, last.at, last.state, context)


def _duration(
    name: str,
    log: TicketLog,
    start: dt.datetime,
    end: dt.datetime,
    state: State,
    context: Context,
) -> Iterator[Row]:
    working = context.clocks.working(state["team_id"], start, end)
    wall = int((end - start).total_seconds())
    yield ticket_row(name, log.pk, end, state, seconds=working)
    yield ticket_row(f"{name}_wall", log.pk, end, state, seconds=wall)


def _on_time(log: TicketLog, context: Context) -> Iterator[Row]:
    """Targets that fell due in the period, as the desk reckons them; a paused clock is not due.

    Imported tickets have none.
    """
    due = due_times(log, context.clocks)
    if due is None:
        return
    response, resolution = due
    if context.period.holds(response) and (row := _met_response(log, response)) is not None:
        yield row
    if context.period.holds(resolution):
        then = log.at(resolution + INSTANT)
        if then is not None and then["status"] not in (Status.CANCELLED, Status.PENDING):
            met = then["status"] in _OVER
            yield ticket_row("resolution_on_time", log.pk, resolution, then, amount=int(met))


def due_times(log: TicketLog, clocks: Clocks) -> tuple[dt.datetime, dt.datetime] | None:
    """When response and resolution fall due, with the state and the stops known by the end."""
    state = log.state
    if log.imported or state["team_id"] is None:
        return None
    facts = Facts(
        submitted_at=state["submitted_at"], status=state["status"], level=state["level"],
        priority=state["priority"], product_id=state["product_id"],
        department_id=state["department_id"], team_id=state["team_id"],
        first_response_at=state["first_response_at"],
        promised_on=dt.date.fromisoformat(state["promised_on"]) if state["promised_on"] else None,
        stops=stops(
            StatusChange(moment.at, moment.changes["status"][1])
            for moment in log.moments
            if "status" in moment.changes
        ),
    )  # fmt: skip
    service = clocks.service
    due = service.reckon(facts, service.choice(facts))
    if due.response_due_at is None or due.resolution_due_at is None:
        return None
    return due.response_due_at, due.resolution_due_at


def _met_response(log: TicketLog, due: dt.datetime) -> Row | None:
    then = log.at(due + INSTANT)
    if then is None or then["status"] == Status.CANCELLED:
        return None
    met = then["first_response_at"] is not None
    return ticket_row("response_on_time", log.pk, due, then, amount=int(met))


def _cohort(log: TicketLog, found: Sequence[Counted], context: Context) -> Iterator[Row]:
    """Resolutions and moves of the cohort, which had their fourteen days."""
    cohort = context.period.cohort
    if log.moments[-1].at < cohort.starts_at:
        return
    undone = log.undone
    standing = [moment for moment in log.moments if moment.version not in undone]
    reopened = [moment.at for figure, moment, _state in found if figure == Figure.REOPENED]
    for figure, moment, state in found:
        if moment.version in undone:
            continue
        if figure == Figure.RESOLVED and cohort.holds(moment.at):
            kept = not any(moment.at <= again <= moment.at + PROOF for again in reopened)
            yield ticket_row("solved_first_time", log.pk, moment.at, state, amount=int(kept))
    moves = [moment for moment in standing if is_move(moment)]
    returns = [moment.version for moment in standing if reason_of(moment)]
    for number, move in enumerate(moves):
        if cohort.holds(move.at):
            until = moves[number + 1].version if number + 1 < len(moves) else 1 << 40
            kept = not any(move.version < version < until for version in returns)
            yield ticket_row("routed_first_time", log.pk, move.at, move.state, amount=int(kept))


def is_move(moment: Moment) -> bool:
    """A hand-over: relayed outside, or up a level (not the level a resolution reached)."""
    if moment.verb == "relay" or (moment.changes.get("relayed_to_id") or (None, None))[1]:
        return True
    was, now = moment.changes.get("level") or (None, None)
    climbed = was is not None and now is not None and now > was
    return climbed and moment.state["status"] not in _OVER


def reason_of(moment: Moment) -> str:
    """Why the ticket came back with this event; "" when it did not."""
    code = moment.data.get("code")
    return code if code in _REASONS else ""


def _returns(log: TicketLog, context: Context) -> Iterator[Row]:
    """Returns of the ticket itself; what became of its cause is counted once, at the cause."""
    undone = log.undone
    for moment in log.moments:
        if moment.at < context.period.starts_at or moment.version in undone:
            continue
        before, after = moment.changes.get("bounces") or (0, 0)
        reason = reason_of(moment)
        if after > before:
            yield ticket_row("bounces", log.pk, moment.at, moment.state, reason=reason)
        if reason and "cause_id" not in moment.data:
            yield ticket_row("declined", log.pk, moment.at, moment.state, reason=reason)


def _causes(log: TicketLog, context: Context) -> Iterator[Row]:
    """The ticket joined its cause in the period."""
    cause_id = log.state["cause_id"]
    if cause_id is None or log.state["status"] == Status.CANCELLED:
        return
    joined = [m.at for m in log.moments if "cause_id" in m.changes]
    if joined and joined[-1] >= context.period.starts_at:
        yield ticket_row(f"{CAUSE_PREFIX}{cause_id}", log.pk, joined[-1], log.state)


def _judged(log: TicketLog, context: Context) -> Iterator[Row]:
    """First judgement: what was suspected against what it turned out to be, once decided.

    Sent back as misjudged or of another module is decided too: it was wrong.
    """
    state = log.state
    life = context.causes.get(state["cause_id"] or 0)
    suspected = (state["suspected_module_id"], state["suspected_category"])
    if life is None or not all(suspected):
        return
    decided = [(at, wrong) for at, wrong in life.decisions if context.period.holds(at)]
    if decided:
        at, wrong = decided[-1]
        right = not wrong and suspected == (life.final["module_id"], life.final["category"])
        yield ticket_row("first_judgement", log.pk, at, state, amount=int(right))


def _symptoms(log: TicketLog, found: Sequence[Counted], context: Context) -> Iterator[Row]:
    """Workarounds given so long ago that their cause had its thirty days to be fixed."""
    cohort = context.period.back(SYMPTOM_DAYS)
    for figure, moment, state in found:
        if figure != Figure.RESOLVED or not cohort.holds(moment.at):
            continue
        if state["resolution"] == Resolution.WORKAROUND and state["cause_id"] is not None:
            life = context.causes.get(state["cause_id"])
            fixed = life is not None and life.is_fixed(moment.at + SYMPTOM)
            yield ticket_row("symptom_only", log.pk, moment.at, state, amount=int(not fixed))


def _steps(log: TicketLog, stays: Sequence[Visit], context: Context) -> Iterator[Row]:
    """Visits of the period: working time within it, and the whole length of those that ended."""
    start, end = context.period.starts_at, context.period.ends_at
    for stay in stays:
        if stay.end is not None and stay.end < start:
            continue
        clocks, team = context.clocks, stay.team_id
        seconds = clocks.working(team, max(stay.start, start), min(stay.end or end, end))
        ended = stay.end is not None
        length = clocks.working(team, stay.start, stay.end) if stay.end is not None else None
        yield ticket_row(
            stay.step, log.pk, stay.start, stay.state, amount=int(ended), seconds=seconds,
            length=length,
        )  # fmt: skip
