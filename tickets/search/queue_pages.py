"""A page of a queue in its own order: the list everybody opens, its query prepared.

Lists that somebody narrowed, sorted, grouped or searched are put together each time (`pages`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog.access import Like
from core.prepared import Prepared
from tickets.querysets import TicketQuerySet
from tickets.search.columns import CUSTOM
from tickets.search.listing import Read
from tickets.search.orders import Order
from tickets.search.pages import Page, Wanted, columns_of, in_order, paged, rows_of
from tickets.search.queues import QUEUES, tickets_in


def is_plain(read: Read) -> bool:
    """A queue as it is: no condition, words, sort or group, no column of the company's own."""
    listing = read.listing
    changed = listing.query.strip() or listing.filters or listing.sort or listing.group
    return not changed and not any(c.key.startswith(CUSTOM) for c in read.shown.columns)


def page_of_queue(read: Read, wanted: Wanted) -> Page | None:
    """The page, with the reader's drafts marked; None where its query cannot be prepared."""
    keys = wanted.after or wanted.before or ()
    if not is_plain(read) or any(key is None for key in keys):
        return None
    side = "after" if wanted.after is not None else "before" if keys else ""
    asked = columns_of(wanted, marked=True)
    found = _queue(
        Like(read.user), read.queue.key, wanted.order, asked, wanted.size + 1, side,
        user=read.user.pk, now=read.asking.now,
        **{f"key_{place}": key for place, key in enumerate(keys)},
    )  # fmt: skip
    return paged(rows_of(found, asked, wanted), wanted)


@Prepared
def _queue(
    like: Like, queue: str, order: Order, asked: tuple[str, ...], size: int, side: str,
    user: int, now: dt.datetime, **keys: Any,
) -> Any:  # fmt: skip
    person = like.person(user)
    tickets: TicketQuerySet = tickets_in(QUEUES[queue], person, now).with_draft_mark(person)
    edge = {side: tuple(keys.values())} if side else {}
    return in_order(tickets, order, **edge).values_list(*asked)[:size]
