"""The queues of the desk, each a filter over the tickets a person's roles cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import Rights, rights_of
from tickets.choices import Level, Status
from tickets.models import HandOver, SavedView, Ticket
from tickets.querysets import TicketQuerySet
from tickets.search.filters import Asking, read_filter

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: A count stops here: "1 000+" says enough on a badge and costs no walk through everything.
COUNT_LIMIT = 1000
DEFAULT_QUEUE = "mine"
#: Stands for the present moment in a query that is put together once and asked many times.
_PRESENT = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)

Filter = Callable[[TicketQuerySet, User, Rights, dt.datetime], TicketQuerySet]


@dataclass(frozen=True)
class Queue:
    """One queue: its key in the address, how it is shown, and what it lists."""

    key: str
    label: StrPromise
    tickets: Filter
    icon: str = ""
    level: int = 0
    #: How it is sorted when nobody chose (`tickets.search.orders`).
    sort: str = ""
    #: Columns that are never empty in it.
    filled: frozenset[str] = frozenset()


def _mine(tickets: TicketQuerySet, user: User, rights: Rights, now: dt.datetime) -> TicketQuerySet:
    # What somebody holds they may see, whatever their roles cover by now.
    return Ticket.objects.filter(assignee=user).unresolved()


def _returned(
    tickets: TicketQuerySet, user: User, rights: Rights, now: dt.datetime
) -> TicketQuerySet:
    """Held by this person and sent back down last: by a receiver, an outside team, an owner."""
    last = HandOver.objects.filter(ticket=OuterRef("pk")).order_by("-id").values("returned_at")[:1]
    held = Ticket.objects.filter(assignee=user, status=Status.OPEN, bounces__gt=0)
    found: TicketQuerySet = held.annotate(sent_back=Subquery(last)).filter(sent_back__isnull=False)
    return found


def _at_level(level: int) -> Filter:
    return lambda tickets, user, rights, now: tickets.unresolved().filter(level=level)


def _in_status(status: str) -> Filter:
    return lambda tickets, user, rights, now: tickets.filter(status=status)


WORK: tuple[Queue, ...] = (
    Queue("unassigned", _("Unassigned"), lambda t, user, rights, now: t.unheld(), "inbox"),
    Queue("mine", _("Mine"), _mine, "user"),
    Queue(
        "team", _("My teams"),
        lambda t, user, rights, now: t.unresolved().filter(team__in=rights.team_ids), "people",
    ),
    Queue("at-risk", _("SLA at risk"), lambda t, user, rights, now: t.at_risk(now), "clock"),
    Queue("returned", _("Returned to me"), _returned, "down"),
)  # fmt: skip
LEVELS: tuple[Queue, ...] = tuple(
    Queue(f"level-{level.value}", level.label, _at_level(level.value), level=level.value)
    for level in Level
)
WAITING: tuple[Queue, ...] = (
    Queue("pending", Status.PENDING.label, _in_status(Status.PENDING), "st-pending"),
    Queue("on-hold", Status.ON_HOLD.label, _in_status(Status.ON_HOLD), "st-on_hold"),
    Queue("resolved", Status.RESOLVED.label, _in_status(Status.RESOLVED), "st-resolved"),
)
#: Never counted: they hold everything that ever was.
ENDED: tuple[Queue, ...] = (
    Queue(
        "closed", _("Recently closed"), _in_status(Status.CLOSED), "st-closed",
        sort="closed", filled=frozenset({"closed_at"}),
    ),
    Queue("all", _("All tickets"), lambda t, user, rights, now: t, "ticket"),
)  # fmt: skip
QUEUES: dict[str, Queue] = {queue.key: queue for queue in (*WORK, *LEVELS, *WAITING, *ENDED)}
COUNTED: tuple[Queue, ...] = (*WORK, *LEVELS, *WAITING)


def queue_named(key: str) -> Queue:
    """The queue called `key`; an unknown name is the default queue."""
    return QUEUES.get(key, QUEUES[DEFAULT_QUEUE])


def tickets_in(queue: Queue, user: User, now: dt.datetime) -> TicketQuerySet:
    """What the queue lists for this person at a moment."""
    return queue.tickets(Ticket.objects.on_desk_of(user), user, rights_of(user), now)


def counts_of(
    user: User,
    now: dt.datetime,
    queues: Sequence[Queue] = COUNTED,
    views: Sequence[SavedView] = (),
) -> dict[str, int]:
    """How many tickets each queue and view holds, up to `COUNT_LIMIT + 1`: one query for all.

    Views are found under `view-<id>`.
    """
    day = timezone.localdate(now, timezone.get_default_timezone())
    who = _Who(user, repr(rights_of(user)))
    parts = [_counting(who, queue.key) for queue in queues]
    parts += [_counting_view(who, _SeenView(view, view.pk, view.version), day) for view in views]
    sql = f"SELECT {', '.join(part for part, _values in parts)}"
    params = [now if value == _PRESENT else value for _part, values in parts for value in values]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    keys = [*(queue.key for queue in queues), *(f"view-{view.pk}" for view in views)]
    return dict(zip(keys, row, strict=True))


@dataclass(frozen=True)
class _Who:
    """A person and their rights, as a key: other rights ask another question."""

    user: User = field(compare=False)
    rights: str


@dataclass(frozen=True)
class _SeenView:
    """A saved view as a key: changed, it asks another question."""

    view: SavedView = field(compare=False)
    pk: int
    version: int


# Putting a count together takes longer than running it, so each is kept, with `_PRESENT` for now.


@lru_cache(maxsize=4096)
def _counting(who: _Who, key: str) -> tuple[str, list[Any]]:
    return counting_sql(tickets_in(QUEUES[key], who.user, _PRESENT))


@lru_cache(maxsize=4096)
def _counting_view(who: _Who, seen: _SeenView, day: dt.date) -> tuple[str, list[Any]]:
    asking = Asking(who.user, _PRESENT, day)
    found = tickets_in(queue_named(seen.view.queue), who.user, _PRESENT)
    found = read_filter(seen.view.filters, asking).of(found)
    return counting_sql(found.matching(seen.view.query) if seen.view.query else found)


def counting_sql(tickets: TicketQuerySet) -> tuple[str, list[Any]]:
    """The count of a list up to `COUNT_LIMIT + 1`, as a part of a query and its values."""
    limited = tickets.order_by().values("pk")[: COUNT_LIMIT + 1]
    try:
        sql, values = limited.query.sql_with_params()
    except EmptyResultSet:
        sql, values = "SELECT 1 WHERE false", ()
    # SQL that Django made; values travel apart.
    return f"(SELECT count(*) FROM ({sql}) AS q)", list(values)  # noqa: S608
