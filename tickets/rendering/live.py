"""What pages of tickets hear of while they are open: the keys, and the pass that names them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from catalog.access import Rights, rights_of
from core.polling import live_mark
from tickets.models import EVERY_QUEUE, Ticket
from tickets.querysets import READING_ROLES


def list_keys(user: User, pks: Iterable[int]) -> tuple[str, ...]:
    """What a list of the desk hears of: its rows, the queues of the person's products, the bell."""
    return (
        *(f"ticket:{pk}" for pk in pks), *_queues(rights_of(user)), f"inbox:{user.pk}"
    )  # fmt: skip


def _queues(rights: Rights) -> list[str]:
    products: set[int] = set()
    for role in READING_ROLES:
        for scope in rights.scopes.get(role, ()):
            if scope.product_id is None:
                return [EVERY_QUEUE]
            products.add(scope.product_id)
    return [f"queue:{pk}" for pk in sorted(products)]


def ticket_keys(ticket: Ticket) -> tuple[str, ...]:
    """What the page of one ticket hears of: itself, and the cause it waits for."""
    cause = (f"cause:{ticket.cause_id}",) if ticket.cause_id else ()
    return (f"ticket:{ticket.pk}", *cause)


__all__ = ["list_keys", "live_mark", "ticket_keys"]
