"""Saved views beside the queues: which a person sees, which are counted along with every page."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from catalog.access import Like
from core.prepared import Prepared
from tickets.models import SavedView
from tickets.search.filters import Asking
from tickets.search.limits import ALONG, TooLong, at_most
from tickets.search.listing import Listing
from tickets.search.queues import counting_sql

#: Views shown beside the queues; the rest are on the page of all views.
SHOWN = 30
#: Of these, so many are counted with every page.
COUNTED_VIEWS = 12


def views_of(user: User) -> list[SavedView]:
    """The views this person sees beside the queues, pinned ones first (one query)."""
    return _seen_by(Like(user), user=user.pk)


@Prepared
def _seen_by(like: Like, user: int) -> QuerySet[SavedView]:
    return SavedView.objects.visible_to(like.person(user)).select_related("owner")[:SHOWN]


def counted(views: Sequence[SavedView]) -> list[SavedView]:
    """Those that are counted along with every page."""
    return [view for view in views if not view.is_slow][:COUNTED_VIEWS]


def count_of(listing: Listing, asking: Asking, milliseconds: int) -> int:
    """How many tickets a list holds, capped. Raises TooLong after `milliseconds`."""
    sql, params = counting_sql(listing.read(asking).all_tickets())
    with at_most(milliseconds), connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", params)
        (count,) = cursor.fetchone()
    return int(count)


def is_slow(listing: Listing, asking: Asking) -> bool:
    """Whether counting it would hold up every page: over everything, or measured to be slow."""
    if not listing.read(asking).is_narrow:
        return True
    try:
        count_of(listing, asking, ALONG)
    except TooLong:
        return True
    return False
