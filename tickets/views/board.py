"""The board: columns with cards, more of a column, and a card's way to another column."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from catalog.access import require
from catalog.choices import PermissionRole
from core.errors import BadInput, Problem
from core.formkeys import once_only
from core.toasts import add_toast
from tickets.access import get_ticket_for_staff
from tickets.actions.acts import Act, carry_out
from tickets.choices import Level, Status
from tickets.models import Ticket
from tickets.policies.board import Step, step_to_level, step_to_status
from tickets.rendering.cards import cards_html
from tickets.rendering.rows import Look
from tickets.search.board import BoardColumn, column_counts, column_page, columns_of
from tickets.search.limits import WAITED_FOR, at_most
from tickets.search.queues import COUNT_LIMIT
from tickets.views.answers import undo_url
from tickets.views.places import Place
from tickets.views.requests import SignedInRequest

READERS = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)


def board_context(place: Place, now: dt.datetime) -> dict[str, Any]:
    """Context of `tickets/parts/board.html`: a query a column and one that counts them."""
    columns = columns_of(place.read.board)
    with at_most(WAITED_FOR):
        counts = column_counts(place.read, columns)
        shown = [
            {
                "column": column, "count": count, "is_over": count > COUNT_LIMIT,
                **_cards(place, column, now, ""),
            }
            for column, count in zip(columns, counts, strict=True)
        ]  # fmt: skip
    return {
        "board_columns": shown,
        "by": place.read.board,
        "ids": [pk for column in shown for pk in column["ids"]],
        "by_level_url": reverse("desk") + place.address(layout="board", board="level"),
        "by_status_url": reverse("desk") + place.address(layout="board", board="status"),
    }


def _cards(place: Place, column: BoardColumn, now: dt.datetime, before: str) -> dict[str, Any]:
    page = column_page(place.read, column, before)
    look = Look(
        reverse("desk"), place.address(), now, show_holder=place.queue.key != "mine",
        shown=place.read.shown,
    )  # fmt: skip
    more = urlencode({"column": column.key, "before": page.older}, safe=":,.")
    return {
        "cards": cards_html(page.rows, look, by=place.read.board),
        "ids": [row.pk for row in page.rows],
        "more_url": f"{reverse('board_column')}{place.address()}&{more}" if page.older else "",
    }


@login_required
@require_GET
def board_column(request: SignedInRequest) -> HttpResponse:
    """More cards of one column; without scripts the list of that column."""
    require(request.user, *READERS)
    now = timezone.now()
    place = Place.of(request, now)
    wanted = request.GET.get("column", "")
    column = next((c for c in columns_of(place.read.board) if c.key == wanted), None)
    if column is None:
        raise Http404
    if not request.htmx:
        texts = (*place.listing.filters, f"{place.read.board}:is:{column.key}")
        return redirect(reverse("desk") + place.address(layout="list", filters=texts))
    with at_most(WAITED_FOR):
        context = _cards(place, column, now, place.before)
    return render(request, "tickets/parts/cards.html", context)


@login_required
@require_POST
@once_only
def ticket_place(request: SignedInRequest, pk: int) -> HttpResponse:
    """A card was moved to another column: the verb that is, done or asked for.

    The verb's own guards decide. Refused, the card is where it was and the page says why.
    """
    ticket = get_ticket_for_staff(request.user, pk)
    now = timezone.now()
    place = Place.of(request, now)
    step = _step(ticket, request.POST.get("by", ""), request.POST.get("column", ""))
    if step.asks:
        return _ask(request, ticket, step, place)
    seen = request.POST.get("version", "")
    carry_out(
        ticket, Act(step.verb, step.given), acting_user=request.user, now=now,
        seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
    )  # fmt: skip
    add_toast(request, _("Moved"), undo_url=undo_url(ticket, request.user, now))
    return redirect(place.desk_url)


def _step(ticket: Ticket, by: str, column: str) -> Step:
    if by == "level" and column in map(str, Level.values):
        return step_to_level(ticket, int(column))
    if by == "status" and column in Status.values:
        return step_to_status(ticket, column)
    raise BadInput(
        Problem(
            "column", _("There is no such column."),
            ", ".join([*(str(level) for level in Level.values), *Status.values]), column[:40],
        )
    )  # fmt: skip


def _ask(request: SignedInRequest, ticket: Ticket, step: Step, place: Place) -> HttpResponse:
    """The form of the verb: in the dialog of the page, or as a page of its own."""
    words = urlencode({**step.given, "next": place.desk_url})
    name = "demand_drive" if step.verb == "drive" else f"ticket_{step.verb}"
    try:
        url = f"{reverse(name, args=[ticket.pk])}?{words}"
    except NoReverseMatch:
        url = reverse("ticket", args=[ticket.pk])
    if not request.htmx:
        return redirect(url)
    answer = HttpResponse(status=204)
    answer.only_asks = True  # type: ignore[attr-defined]
    return trigger_client_event(answer, "board:ask", {"url": url})
