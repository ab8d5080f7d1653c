"""What pages of tickets hear of while they are open: the keys, and the pass that names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from catalog.access import Rights, rights_of
from core import live
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


def live_mark(
    request: HttpRequest, number: int, keys: Iterable[str], *, meets: bool, at: str = ""
) -> SafeString:
    """The hidden element by which live.js knows what to ask for.

    `number` was read before the page read the database, so that nothing falls in between. `at` is
    the key where the reader of this page is.
    """
    user: Any = request.user
    given = live.Pass(user.pk, user.name, tuple(keys), meets)
    text = live.signed(given, request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    place = f' data-at="{escape(at)}"' if at else ""
    # The pass is base64 and signs of Django's signer.
    return mark_safe(  # noqa: S308
        f'<span hidden data-pass="{escape(text)}" data-pass-number="{number}"{place}></span>'
    )
