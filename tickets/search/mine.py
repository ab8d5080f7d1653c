"""A person's own tickets: open, ended, observed, and found by words among all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q
from django.http import QueryDict

from accounts.models import User
from catalog.models import Product
from tickets.choices import UNFINISHED, Status
from tickets.models import Ticket, Watcher
from tickets.querysets import TicketQuerySet

PAGE = 30
#: Open tickets are shown on one page; nobody has more, and imports are cut here.
MOST_OPEN = 200
#: A person waits for these to move.
WAITING_FOR_REQUESTER = (Status.PENDING, Status.RESOLVED)
RELATED = (
    "product", "module", "requester", "assignee", "team__calendar", "relayed_to", "cause__owner",
    "service_policy",
)  # fmt: skip


class Shown(StrEnum):
    """Which of a person's tickets a list shows."""

    OPEN = "open"
    ENDED = "ended"
    OBSERVED = "observed"
    ALL = "all"


SHOWN = frozenset(show.value for show in Shown)


@dataclass(frozen=True)
class Asked:
    """What of one's own tickets is asked for."""

    show: Shown = Shown.OPEN
    query: str = ""
    product: int | None = None
    #: Tickets behind this one.
    before: int | None = None

    @classmethod
    def of(cls, sent: QueryDict, query: str) -> Asked:
        """As an address says it; words without a list look through all of them."""
        named = sent.get("show", "")
        show = Shown(named) if named in SHOWN else Shown.ALL if query else Shown.OPEN
        return cls(show, query, _number(sent.get("product")), _number(sent.get("before")))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.product is not None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


class Counts(NamedTuple):
    """How many are open: one's own, and those one observes."""

    own: int
    observed: int


def own_tickets(user: User) -> TicketQuerySet:
    return Ticket.objects.filter(requester=user)


def observed_by(user: User) -> TicketQuerySet:
    """Tickets of others that somebody let this person follow."""
    followed = Watcher.objects.filter(user=user).values("ticket_id")
    return Ticket.objects.filter(pk__in=followed).exclude(requester=user)


def asked_for(user: User, asked: Asked) -> TicketQuerySet:
    """The tickets of a list in full, before it is cut into pages."""
    if asked.show == Shown.OBSERVED:
        found = observed_by(user)
    elif asked.show == Shown.ALL:
        followed = Watcher.objects.filter(user=user).values("ticket_id")
        found = Ticket.objects.filter(Q(requester=user) | Q(pk__in=followed))
    elif asked.show == Shown.ENDED:
        found = own_tickets(user).exclude(status__in=UNFINISHED)
    else:
        found = own_tickets(user).filter(status__in=UNFINISHED)
    if asked.product is not None:
        found = found.filter(product=asked.product)
    return found.matching(asked.query) if asked.query else found


def page_for(user: User, asked: Asked) -> tuple[list[Ticket], int | None]:
    """A page of the list, the newest first, and the key of the next one."""
    found = asked_for(user, asked).select_related(*RELATED).order_by("-pk")
    if asked.show == Shown.OPEN:
        return list(found[:MOST_OPEN]), None
    if asked.before is not None:
        found = found.filter(pk__lt=asked.before)
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def counts_for(user: User) -> Counts:
    return Counts(
        own_tickets(user).filter(status__in=UNFINISHED).count(),
        observed_by(user).filter(status__in=UNFINISHED).count(),
    )


def products_of(user: User) -> Sequence[Product]:
    """The products this person has tickets of."""
    return list(Product.objects.filter(pk__in=own_tickets(user).values("product_id")))
