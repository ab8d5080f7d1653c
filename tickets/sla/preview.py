"""What a change of policies or calendars would do to open tickets, before it is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from accounts.models import User
from core.worktime import WorkCalendar
from tickets.models import ServicePolicy, Ticket
from tickets.sla.many import Reckoner, open_tickets
from tickets.sla.reckoning import DueTimes, Facts
from tickets.sla.stops import stops_of_many

#: The newest open tickets looked at; a desk with more is told so.
LOOKED_AT = 20_000
SAMPLE = 20
_STEP = 1000
_COLUMNS = (
    "id", "version", "title", "status", "level", "priority", "product", "department", "team",
    "submitted_at", "first_response_at", "promised_on", "response_due_at", "resolution_due_at",
    "due_at",
)  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """One open ticket whose due times would move."""

    pk: int
    title: str
    before: tuple[dt.datetime | None, dt.datetime | None]
    after: tuple[dt.datetime | None, dt.datetime | None]
    was_over: bool
    is_over: bool

    @property
    def becomes_over(self) -> bool:
        return self.is_over and not self.was_over

    @property
    def shift(self) -> dt.timedelta:
        """How far the due time of the resolution moves; later is positive."""
        before, after = self.before[1], self.after[1]
        return after - before if before and after else dt.timedelta()


@dataclass(frozen=True)
class Consequences:
    """Counts over the tickets looked at, and a sample of those the reader may see."""

    looked_at: int
    is_all: bool
    changed: int
    later: int
    earlier: int
    become_over: int
    no_longer_over: int
    sample: Sequence[Moved]

    @property
    def unlisted(self) -> int:
        return self.changed - len(self.sample)


def foresee_policies(
    policies: Sequence[ServicePolicy], *, user: User, now: dt.datetime
) -> Consequences:
    """What open tickets' due times would be under `policies` (in their order)."""
    return _compare(Reckoner(policies), user=user, now=now)


def foresee_calendar(
    calendar_id: int, calendar: WorkCalendar, *, user: User, now: dt.datetime
) -> Consequences:
    """The same with another content of one service calendar."""
    return _compare(Reckoner(calendars={calendar_id: calendar}), user=user, now=now)


def with_policy(row: ServicePolicy, policies: Sequence[ServicePolicy]) -> list[ServicePolicy]:
    """The policies in force once `row`, new or changed and not saved, stands at its place."""
    others = [policy for policy in policies if policy.pk != row.pk]
    if row.is_default:
        return [*others, row]
    if row.is_active:
        place = sum(not one.is_default and one.position < row.position for one in others)
        others.insert(place, row)
    return others


def _compare(after: Reckoner, *, user: User, now: dt.datetime) -> Consequences:
    moved = list(_moved(after, now))
    looked_at = min(open_tickets().count(), LOOKED_AT)
    return Consequences(
        looked_at=looked_at,
        is_all=looked_at < LOOKED_AT,
        changed=len(moved),
        later=sum(one.shift > dt.timedelta() for one in moved),
        earlier=sum(one.shift < dt.timedelta() for one in moved),
        become_over=sum(one.becomes_over for one in moved),
        no_longer_over=sum(one.was_over and not one.is_over for one in moved),
        sample=_sample(moved, user),
    )


def _moved(after: Reckoner, now: dt.datetime) -> Iterator[Moved]:
    """The open tickets whose columns would differ from what they hold."""
    rows = open_tickets().only(*_COLUMNS).order_by("-pk")[:LOOKED_AT]
    tickets = rows.iterator(chunk_size=_STEP)
    while step := list(islice(tickets, _STEP)):
        stops = stops_of_many([ticket.pk for ticket in step if ticket.version > 1])
        for ticket in step:
            facts = Facts.of(ticket, stops.get(ticket.pk, ()))
            due = after.reckon(facts, after.choice(facts))
            if (found := _moves(ticket, due, now)) is not None:
                yield found


def _moves(ticket: Ticket, due: DueTimes, now: dt.datetime) -> Moved | None:
    before = (ticket.response_due_at, ticket.resolution_due_at)
    after = (due.response_due_at, due.resolution_due_at)
    if before == after:
        return None
    return Moved(
        ticket.pk, ticket.title, before, after,
        was_over=ticket.due_at is not None and ticket.due_at < now,
        is_over=due.due_at is not None and due.due_at < now,
    )  # fmt: skip


def _sample(moved: Sequence[Moved], user: User) -> list[Moved]:
    """Those that become overdue first, then the furthest moves, as far as `user` may see them."""
    ordered = sorted(moved, key=lambda one: (not one.becomes_over, -abs(one.shift)))
    chosen = ordered[: 5 * SAMPLE]
    visible = Ticket.objects.visible_to(user).filter(pk__in=[one.pk for one in chosen])
    seen = set(visible.values_list("pk", flat=True))
    return [one for one in chosen if one.pk in seen][:SAMPLE]
