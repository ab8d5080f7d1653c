"""The level clocks of one ticket as a waterfall: each stay at a level, in a status, with a holder.

The stays follow one another from the submission to the end (or now), so their wall-clock times
add up to the whole way. Working time is that of the calendar of whoever's wait it is: the outside
team a ticket was relayed to, else the handling team (domain.md, *Formulas*).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from accounts.models import User
from catalog.models import Team
from core.models import Event
from core.worktime import working_time
from reports.events.counting import holder_of, is_unfinished
from reports.events.reading import Moment, State, TicketLog, read_logs
from reports.policies.clocks import Clocks
from reports.policies.ticket_rows import reason_of
from tickets.choices import BOUNCES_TO_MANAGER, Status
from tickets.models import Cause, Ticket

#: Statuses in which the wait is the requester's.
_THEIRS = frozenset({Status.PENDING.value, Status.RESOLVED.value})


@dataclass(frozen=True)
class Stay:
    """One stay. `holder`: a person's or team's name, "" where nobody took it yet."""

    level: int
    status: str
    holder_kind: str
    holder: str
    start: dt.datetime
    end: dt.datetime
    working: dt.timedelta
    goes_on: bool
    #: Why it came back when the stay ended (`ReturnReason`), "" when it did not.
    reason: str = ""
    #: A hand-over up, or to somebody else at the same level, ended it.
    handed_over: bool = False

    @property
    def wall(self) -> dt.timedelta:
        return self.end - self.start

    @property
    def waits_for_requester(self) -> bool:
        return self.status in _THEIRS


@dataclass(frozen=True)
class Waterfall:
    stays: tuple[Stay, ...]
    bounces: int

    @property
    def is_flagged(self) -> bool:
        """From the third bounce the manager names the owner (定责)."""
        return self.bounces >= BOUNCES_TO_MANAGER

    @property
    def working(self) -> dt.timedelta:
        return sum((stay.working for stay in self.stays), dt.timedelta())

    @property
    def wall(self) -> dt.timedelta:
        return sum((stay.wall for stay in self.stays), dt.timedelta())

    def by_level(self) -> dict[int, dt.timedelta]:
        """Working time by level, without the waits that are the requester's."""
        found: dict[int, dt.timedelta] = {}
        for stay in self.stays:
            if not stay.waits_for_requester:
                found[stay.level] = found.get(stay.level, dt.timedelta()) + stay.working
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class _Piece:
    """A stretch in which nothing about level, status and holder changed."""

    key: tuple[int, str, str, int]
    state: State
    start: dt.datetime
    last: Moment | None = None


@dataclass
class _Names:
    people: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)


def waterfall(ticket: Ticket, now: dt.datetime) -> Waterfall:
    """Six queries, whatever the length of the history."""
    log = next(read_logs([ticket.pk]), None)
    if log is None:
        return Waterfall((), 0)
    owners = _owners(log)
    pieces = list(_pieces(log, owners))
    names = _read_names(pieces)
    clocks = Clocks()
    bounces = max(ticket.bounces, ticket.cause.bounces if ticket.cause is not None else 0)
    return Waterfall(tuple(_stays(pieces, names, clocks, now)), bounces)


def _owners(log: TicketLog) -> dict[int, list[tuple[dt.datetime, int]]]:
    """Who owned each of the ticket's causes from when on."""
    causes = {m.state["cause_id"] for m in log.moments if m.state["cause_id"]}
    found: dict[int, list[tuple[dt.datetime, int]]] = {pk: [] for pk in causes}
    if causes:
        changes = Event.objects.filter(
            subject=Cause.SUBJECT, subject_id__in=causes, changes__has_key="owner_id"
        ).order_by("subject_id", "version")
        for pk, at, changed in changes.values_list("subject_id", "occurred_at", "changes"):
            found[pk].append((at, changed["owner_id"][1] or 0))
    return found


def _pieces(
    log: TicketLog, owners: Mapping[int, Sequence[tuple[dt.datetime, int]]]
) -> Iterator[_Piece]:
    """Where level, status or holder changed, the owner of the cause included; None at the end."""
    for number, moment in enumerate(log.moments):
        following = log.moments[number + 1].at if number + 1 < len(log.moments) else None
        yield _Piece(_key(moment.state, owners, moment.at), moment.state, moment.at, moment)
        for at, _owner in owners.get(moment.state["cause_id"] or 0, ()):
            if moment.at < at and (following is None or at < following):
                yield _Piece(_key(moment.state, owners, at), moment.state, at)


def _key(
    state: State, owners: Mapping[int, Sequence[tuple[dt.datetime, int]]], at: dt.datetime
) -> tuple[int, str, str, int]:
    kind, team_id = holder_of(state)
    holder = {
        "requester": state["requester_id"], "owner": _owner(state, owners, at),
        "demand": 0, "others": team_id,
    }.get(kind)  # fmt: skip
    if kind == "team":
        relayed = state["status"] == Status.ON_HOLD
        kind = "team" if relayed or not state["assignee_id"] else "person"
        holder = state["assignee_id"] if kind == "person" else team_id
    return (state["level"] or 0, state["status"], kind, holder or 0)


def _owner(
    state: State, owners: Mapping[int, Sequence[tuple[dt.datetime, int]]], at: dt.datetime
) -> int:
    known = owners.get(state["cause_id"] or 0, ())
    place = bisect_right([since for since, _pk in known], at)
    return known[place - 1][1] if place else 0


def _read_names(pieces: Sequence[_Piece]) -> _Names:
    people = {p.key[3] for p in pieces if p.key[2] in ("person", "owner", "requester")}
    teams = {p.key[3] for p in pieces if p.key[2] in ("team", "others")}
    return _Names(
        dict(User.objects.filter(pk__in=people).values_list("pk", "name")),
        dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")) if teams else {},
    )


def _stays(
    pieces: Sequence[_Piece], names: _Names, clocks: Clocks, now: dt.datetime
) -> Iterator[Stay]:
    """Pieces of one key as one stay; nothing while the ticket is over."""
    first = 0
    while first < len(pieces):
        key, begun = pieces[first].key, pieces[first]
        after = first + 1
        while after < len(pieces) and pieces[after].key == key:
            after += 1
        ender = pieces[after] if after < len(pieces) else None
        first = after
        if not is_unfinished(begun.state):
            continue
        end = ender.start if ender is not None else max(now, begun.start)
        stay = _stay(begun, ender, end, names, clocks)
        # What was passed through in one act is no stay, unless it came back there.
        if stay.goes_on or stay.reason or stay.start < stay.end:
            yield stay


def _stay(
    piece: _Piece, ender: _Piece | None, end: dt.datetime, names: _Names, clocks: Clocks
) -> Stay:
    level, status, kind, holder = piece.key
    _kind, team_id = holder_of(piece.state)
    moment = ender.last if ender is not None else None
    return Stay(
        level=level, status=status, holder_kind=kind,
        holder=piece.state["driver"] if kind == "demand" else _name(kind, holder, names),
        start=piece.start, end=end,
        working=working_time(clocks.of(team_id), piece.start, end),
        goes_on=ender is None,
        reason=reason_of(moment) if moment is not None else "",
        handed_over=ender is not None and _is_hand_over(piece, ender),
    )  # fmt: skip


def _name(kind: str, holder: int, names: _Names) -> str:
    known = names.people if kind in ("person", "owner", "requester") else names.teams
    return known.get(holder, "")


def _is_hand_over(piece: _Piece, ender: _Piece) -> bool:
    """Up a level, or to another holder; not what the requester answered or closed."""
    if not is_unfinished(ender.state) or ender.key[2] == "requester":
        return False
    if piece.key[2] in ("team", "requester") and ender.key[0] == piece.key[0]:
        # Taken out of the queue, or answered by the requester.
        return ender.key[1] == Status.ON_HOLD
    return ender.key[0] > piece.key[0] or ender.key[2:] != piece.key[2:]
