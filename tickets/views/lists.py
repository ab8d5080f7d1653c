"""What the list pane of the desk shows: its conditions, its rows or cards, the pages beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from tickets.access import may_edit_saved_view
from tickets.models import Ticket
from tickets.rendering.groups import group_counts, heading_of
from tickets.rendering.rows import Look, rows_html, table_rows_html
from tickets.search.filters import Chip
from tickets.search.limits import WAITED_FOR, TooLong, at_most
from tickets.search.pages import Page, page_of
from tickets.search.queue_pages import page_of_queue
from tickets.views.board import board_context
from tickets.views.places import Place


def listed(place: Place, shown: Ticket | None, now: dt.datetime) -> dict[str, Any]:
    """Context of `tickets/parts/list.html`."""
    base = reverse("desk")
    is_board = shown is None and place.read.layout == "board"
    context: dict[str, Any] = {
        "problems": place.problems,
        "notes": place.read.filter.notes,
        "chips": [_chip(place, chip) for chip in place.read.filter.chips],
        "filter_url": f"{reverse('desk_filter')}{place.address()}",
        "display_url": f"{reverse('desk_display')}{place.address()}",
        "board_url": reverse("desk") + place.address(layout="list" if is_board else "board"),
        "view_new_url": f"{reverse('view_new')}{place.address()}",
        "may_edit_view": place.view is not None
        and may_edit_saved_view(place.view, place.read.user),
    }
    try:
        if is_board:
            return {**context, **board_context(place, now)}
        page, counts = _page(place)
    except TooLong as stopped:
        return {**context, "rows": "", "row_count": 0, "ids": (), "too_long": stopped.problems[0]}
    look = Look(
        base, place.own_address, now, shown.pk if shown else None,
        show_holder=place.queue.key != "mine", shown=place.read.shown,
        grouped=place.read.order.grouped, heading=heading_of(place.listing.group), counts=counts,
    )  # fmt: skip
    is_table = shown is None and place.read.layout == "table"
    return {
        **context,
        "rows": (table_rows_html if is_table else rows_html)(page.rows, look),
        "columns": place.read.shown.columns,
        "row_count": len(page.rows),
        "ids": [row.pk for row in page.rows],
        "previous_url": base + place.page(after=page.newer) if page.newer else "",
        "next_url": base + place.page(before=page.older) if page.older else "",
    }


def _page(place: Place) -> tuple[Page, dict[tuple[Any, ...], str] | None]:
    """The rows, and how many each group holds; in limited time where the list may be endless."""
    read = place.read
    listing = place.listing
    # A queue in its own order walks an index, however much it holds.
    if read.is_narrow or not (listing.filters or listing.sort or listing.group):
        return _asked(place)
    with at_most(WAITED_FOR):
        return _asked(place)


def _asked(place: Place) -> tuple[Page, dict[tuple[Any, ...], str] | None]:
    read = place.read
    wanted = read.wanted(place.before, place.after)
    page = page_of_queue(read, wanted)
    if page is None:
        page = page_of(read.rows_of(read.tickets()).with_draft_mark(read.asking.user), wanted)
    if not read.order.grouped:
        return page, None
    return page, group_counts(read.rows_of(read.all_tickets()), read.order)


def _chip(place: Place, chip: Chip) -> dict[str, Any]:
    """A condition with the address of its form, and of the list without it."""
    rest = tuple(text for text in place.listing.filters if text != chip.text)
    editing = urlencode({"was": chip.text}, safe=":,.")
    return {
        "chip": chip,
        "edit_url": f"{reverse('desk_filter')}{place.address()}&{editing}",
        "remove_url": reverse("desk") + place.address(filters=rest),
    }
