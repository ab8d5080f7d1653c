"""Where a ticket stands: the requester's path and what comes next, the staff's level rail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import User
from core.markup import relative
from core.models import Event
from tickets.choices import (
    REOPEN_DAYS,
    CauseState,
    DriverState,
    Level,
    Resolution,
    Status,
)
from tickets.models import HandOver, Ticket
from tickets.notifications import visible_name
from tickets.policies import ContractRow, RowState, applies, contract_of

#: A change of one of these gives a ticket to somebody else.
HOLDING_FIELDS = frozenset({"status", "assignee_id", "relayed_to_id", "cause_id"})
#: Statuses in which somebody other than the requester is to do something.
_WORKED_ON = (Status.NEW, Status.OPEN, Status.ON_HOLD)
RESEARCH_LABEL = gettext_lazy("Research")


@dataclass(frozen=True)
class Step:
    """One step of `components/path.html` or `components/rail.html`."""

    label: str
    detail: str = ""
    state: str = ""
    level: int = 0
    url: str = ""


@dataclass(frozen=True)
class Standing:
    """What a requester is told: one heading, what happens next, by when, and who has it."""

    title: str
    text: str
    by: dt.datetime | None = None
    #: The due time leads through a year whose holidays are not published yet.
    is_provisional: bool = False
    #: The due time has passed.
    is_late: bool = False
    #: Somebody works on it and nobody has said until when.
    is_dateless: bool = False
    #: The day it was promised for, or on which silence closes it.
    day: dt.date | None = None
    is_day_late: bool = False
    holder: str = ""
    holder_kind: str = ""
    holder_role: str = ""
    since: dt.datetime | None = None


def _day(day: dt.date) -> str:
    return date_format(day, pgettext("date format", "j F"))


# ---- the requester's path --------------------------------------------------------------------


def path_steps(ticket: Ticket, events: Iterable[Event], now: dt.datetime) -> list[Step]:
    """Submitted, in progress, with another team, (waiting for you | please confirm), done."""
    reached = _first_times(ticket, events)
    ending = ticket.status == Status.CANCELLED
    order: list[str] = [Status.NEW, Status.OPEN]
    if Status.ON_HOLD in reached or ticket.status == Status.ON_HOLD:
        order.append(Status.ON_HOLD)
    if ticket.status == Status.PENDING:
        order.append(Status.PENDING)
    order += [Status.CANCELLED] if ending else [Status.RESOLVED, Status.CLOSED]
    place = order.index(ticket.status)
    steps = []
    for index, status in enumerate(order):
        state = "done" if index < place else ("current" if index == place else "")
        if index == place and status == Status.CLOSED:
            state = "done"
        at = reached.get(status) if index <= place else None
        if ending and status != Status.CANCELLED and status not in reached:
            continue
        label = visible_name(status, ticket.resolution)
        steps.append(Step(label, relative(at, now) if at else "", state))
    return steps


def _first_times(ticket: Ticket, events: Iterable[Event]) -> dict[str, dt.datetime]:
    """When each status was entered last."""
    reached: dict[str, dt.datetime] = {Status.NEW: ticket.submitted_at}
    for event in events:
        if "status" in event.changes and event.version > 1:
            reached[event.changes["status"][1]] = event.occurred_at
    return reached


def standing(
    ticket: Ticket,
    events: Sequence[Event],
    now: dt.datetime,
    *,
    closes_on: dt.date | None = None,
    viewer: User | None = None,
) -> Standing:
    """What happens next, in plain words. `closes_on`: the day silence closes a resolved ticket."""
    today = timezone.localdate(now)
    title, text, by = _STANDINGS[ticket.status](ticket, closes_on, today)
    holder, kind, role = _holder(ticket, viewer)
    late_day = ticket.is_unresolved and ticket.promised_on is not None
    return Standing(
        title, text, by,
        is_provisional=ticket.due_provisional and by is not None,
        is_late=by is not None and by < now,
        is_dateless=by is None and ticket.promised_on is None and ticket.status in _WORKED_ON,
        day=ticket.promised_on if late_day else closes_on,
        is_day_late=late_day and ticket.promised_on is not None and ticket.promised_on < today,
        holder=holder, holder_kind=kind, holder_role=role, since=_since(ticket, events),
    )  # fmt: skip


def _since(ticket: Ticket, events: Sequence[Event]) -> dt.datetime:
    for event in reversed(events):
        if event.changes.keys() & HOLDING_FIELDS:
            return event.occurred_at
    return ticket.submitted_at


def _holder(ticket: Ticket, viewer: User | None) -> tuple[str, str, str]:
    """Who has it now, the kind of their avatar, and what they are."""
    team = ticket.team.name if ticket.team else _("Product operations")
    if ticket.status in (Status.PENDING, Status.RESOLVED):
        mine = viewer is None or ticket.requester_id == viewer.pk
        return ticket.requester.name, "user", _("You") if mine else _("Requester")
    if ticket.status == Status.ON_HOLD:
        if ticket.level == Level.PUSH and ticket.cause and ticket.cause.owner:
            return ticket.cause.owner.name, "team", _("Owner of the cause")
        if ticket.level == Level.RELAY and ticket.relayed_to:
            return ticket.relayed_to.name, "team", _("Outside team")
    if ticket.assignee:
        return ticket.assignee.name, "", team
    return team, "", _("Nobody has taken it yet")


_Told = tuple[str, str, dt.datetime | None]


def _new(ticket: Ticket, closes_on: dt.date | None, today: dt.date) -> _Told:
    return (
        _("We have it"),
        _("A colleague of product operations reads it and answers you here."),
        ticket.response_due_at,
    )


def _late_promise(day: dt.date) -> str:
    return _("It was promised for %(day)s and is late. You are told when there is a new date.") % {
        "day": _day(day)
    }


def _open(ticket: Ticket, closes_on: dt.date | None, today: dt.date) -> _Told:
    day = ticket.promised_on
    if day is not None:
        said = _("Promised for %(day)s.") % {"day": _day(day)}
        return _("It is being worked on"), said if day >= today else _late_promise(day), None
    return (
        _("It is being worked on"), _("You get the answer here and as a notice."),
        ticket.resolution_due_at,
    )  # fmt: skip


def _pending(ticket: Ticket, closes_on: dt.date | None, today: dt.date) -> _Told:
    return (
        _("We need something from you"),
        _("Answer the question below and it goes on. Time spent waiting for you is not counted."),
        None,
    )


def _on_hold(ticket: Ticket, closes_on: dt.date | None, today: dt.date) -> _Told:
    day = ticket.promised_on
    if day is not None:
        said = _("Promised for %(day)s. You are told when that changes.") % {"day": _day(day)}
        return (
            _("Another team is working on it"), said if day >= today else _late_promise(day), None,
        )  # fmt: skip
    if ticket.level == Level.PRODUCT_DRIVE:
        return (
            _("It is part of a demand"),
            _("You are told what is decided, when it is released, and asked whether it works."),
            None,
        )
    return (
        _("Another team is working on it"),
        _("They give a date or an answer; product operations keeps an eye on it."),
        ticket.resolution_due_at,
    )


def _resolved(ticket: Ticket, closes_on: dt.date | None, today: dt.date) -> _Told:
    if ticket.resolution == Resolution.MOVED_TO_DEMAND:
        return (
            _("It goes on as a demand"),
            _("You are told about every decision, and asked when it is released."), None,
        )  # fmt: skip
    if ticket.answer_owed:
        return (
            _("Your word is with us"),
            _("You wrote after it was resolved: product operations answers you here, and it stays "
              "open until you say that it works."), None,
        )  # fmt: skip
    if closes_on is None:
        return _("Does it work now?"), _("Please try once more, then tell us."), None
    return (
        _("Does it work now?"),
        _(
            "Please try once more, then tell us. Without a word from you it closes by itself after "
            "%(day)s, and you may reopen it for %(days)s days."
        )
        % {"day": _day(closes_on), "days": REOPEN_DAYS},
        None,
    )


def _closed(ticket: Ticket, closes_on: dt.date | None, today: dt.date) -> _Told:
    ended = ticket.closed_at or ticket.updated_at
    until = timezone.localtime(ended).date() + dt.timedelta(days=REOPEN_DAYS)
    return (
        _("Closed, because nobody said anything") if ticket.auto_confirmed else _("Done"),
        _("If it comes back, you may reopen it until %(day)s.") % {"day": _day(until)}
        if until >= today
        else _("If it comes back, submit a new ticket."),
        None,
    )


def _cancelled(ticket: Ticket, closes_on: dt.date | None, today: dt.date) -> _Told:
    if ticket.merged_into_id is not None:
        return (
            _("Merged into another ticket of yours"),
            _("It goes on there: OPS-%(ticket)s.") % {"ticket": ticket.merged_into_id}, None,
        )  # fmt: skip
    return _("This ticket has ended"), _("The reason stands in the conversation below."), None


_STANDINGS: dict[str, Any] = {
    Status.NEW: _new,
    Status.OPEN: _open,
    Status.PENDING: _pending,
    Status.ON_HOLD: _on_hold,
    Status.RESOLVED: _resolved,
    Status.CLOSED: _closed,
    Status.CANCELLED: _cancelled,
}


# ---- the level rail --------------------------------------------------------------------------


def rail_steps(ticket: Ticket, hand_overs: Sequence[HandOver], cited: int) -> list[Step]:
    """Four levels and, as the fifth stair, how many published insights cite the ticket.

    A done level names who handed the ticket up from it; the present one its holder.
    """
    senders = {h.from_level: h.sender.name for h in hand_overs if h.returned_at is None}
    present = ticket.level or 0
    ended = ticket.status in (Status.RESOLVED, Status.CLOSED)
    steps = []
    for level in Level:
        if level < present:
            done, detail = _behind(ticket, level, senders)
            steps.append(Step(str(level.label), detail, "done" if done else "", level))
        elif level == present:
            state = "done" if ended else "current"
            steps.append(Step(str(level.label), _present_detail(ticket), state, level))
        else:
            steps.append(Step(str(level.label), _ahead(ticket, level), "", level))
    said = ngettext("cited %(n)s time", "cited %(n)s times", cited) % {"n": cited}
    steps.append(Step(str(RESEARCH_LABEL), said if cited else "", "done" if cited else "", 5))
    return steps


def _behind(ticket: Ticket, level: Level, senders: dict[int, str]) -> tuple[bool, str]:
    """A level below: handed up by somebody, or passed over with its rows on record or without."""
    if level.value in senders:
        return True, senders[level.value]
    due = [r for r in contract_of(ticket, level) if r.state != RowState.NOT_APPLICABLE]
    if not due:
        return False, _("not applicable")
    if all(row.state == RowState.DONE for row in due):
        return True, _("on record")
    return False, _("skipped")


def _present_detail(ticket: Ticket) -> str:
    if ticket.level == Level.PUSH and ticket.cause is not None and ticket.cause.owner is not None:
        return ticket.cause.owner.name
    if ticket.level == Level.PRODUCT_DRIVE and ticket.driver:
        return ticket.driver
    if ticket.status == Status.ON_HOLD and ticket.relayed_to is not None:
        return ticket.relayed_to.name
    return ticket.assignee.name if ticket.assignee else _("unassigned")


def _ahead(ticket: Ticket, level: int) -> str:
    if ticket.family is None or not applies(ticket.family, level):
        return _("not applicable") if ticket.family is not None else ""
    return ""


def contract_summary(rows: Sequence[ContractRow]) -> str:
    """“3 of 5 on record; missing: …”."""
    due = [row for row in rows if row.state != RowState.NOT_APPLICABLE]
    missing = [str(row.label) for row in due if row.state == RowState.OPEN]
    values = {"done": len(due) - len(missing), "all": len(due)}
    if not due:
        return _("Nothing to hand over on this level")
    if not missing:
        return _("complete, %(done)s of %(all)s on record") % values
    listed = pgettext("between items of a list", ", ").join(missing)
    return _("%(done)s of %(all)s on record; missing: %(missing)s") % {**values, "missing": listed}


def contract_shown(ticket: Ticket) -> list[ContractRow]:
    """The rows of the present level; while L1 is not complete, its open rows come first."""
    level = ticket.level or Level.RELAY
    rows = contract_of(ticket, level)
    if level > Level.RELAY:
        owed = [r for r in contract_of(ticket, Level.RELAY) if r.state == RowState.OPEN]
        return owed + rows
    return rows


def waiting_detail(ticket: Ticket) -> str:
    """Why a ticket is on hold, beside its status."""
    if ticket.status != Status.ON_HOLD:
        return ""
    if ticket.level == Level.PRODUCT_DRIVE:
        return str(DriverState(ticket.driver_state).label)
    if ticket.level == Level.PUSH and ticket.cause is not None:
        waits = ticket.cause.state == CauseState.PUSHED
        return _("waits for the owner's answer") if waits else _("with the owner")
    return _("with an outside team") if ticket.relayed_to_id else ""
