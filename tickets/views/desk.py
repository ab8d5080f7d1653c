"""The staff desk: queues, list, ticket. The address always names what is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from catalog.access import require, rights_of
from catalog.choices import PermissionRole
from core.live import now_number
from tickets.access import get_ticket_with_drafts, may_read_notes
from tickets.models import SavedView, Ticket
from tickets.rendering.live import list_keys, live_mark, ticket_keys
from tickets.search.queues import COUNT_LIMIT, ENDED, LEVELS, WAITING, WORK, counts_of
from tickets.search.views import counted, views_of
from tickets.views.answers import kept_query
from tickets.views.guided import guided_context
from tickets.views.lists import listed
from tickets.views.places import Place
from tickets.views.requests import SignedInRequest
from tickets.views.served import Served
from tickets.views.ticket_pane import pane_context

READERS = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)


@login_required
@require_GET
def desk(request: SignedInRequest) -> HttpResponse:
    """A queue: its tickets, and nothing opened."""
    require(request.user, *READERS)
    number = now_number()
    now = timezone.now()
    context = {"now": now, "ticket": None, **_desk_context(request, None, now, number)}
    return render(request, "tickets/desk.html", context)


@login_required
@require_GET
def ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """A ticket beside its queue; alone for who has no queues; asked by htmx, only its pane."""
    number = now_number()
    shown = get_ticket_with_drafts(request.user, pk)
    if not may_read_notes(shown, request.user):
        return redirect("my_ticket", pk)
    now = timezone.now()
    context = {"now": now, **pane_context(request, shown, now)}
    key = f"ticket:{pk}"
    context["live_ticket"] = live_mark(request, number, ticket_keys(shown), meets=True, at=key)
    only_pane = request.htmx.target == "main" and not request.htmx.history_restore_request
    if only_pane:
        response = render(request, "tickets/pane.html", context)
    elif rights_of(request.user).is_staff and not Served.is_on(request):
        context |= _desk_context(request, shown, now, number)
        response = render(request, "tickets/desk.html", context)
    else:
        response = render(request, "tickets/desk.html", context | alone(request))
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def alone(request: SignedInRequest) -> dict[str, Any]:
    """A ticket without queues and list: for who has none, and while tickets are served."""
    return {"alone": True, "kept": kept_query(request), **guided_context(request)}


def _desk_context(
    request: SignedInRequest, shown: Ticket | None, now: dt.datetime, number: int
) -> dict[str, Any]:
    user = request.user
    place = Place.of(request, now)
    views = views_of(user)
    counts = counts_of(user, now, views=counted(views))
    shown_list = listed(place, shown, now)
    return {
        "place": place,
        "layout": place.read.layout if shown is None else "list",
        **shown_list,
        "groups": _queue_groups(place, counts),
        "views": [_view_item(place, view, counts) for view in views],
        "kept": kept_query(request),
        "may_be_served": rights_of(user).is_agent,
        "live_list": live_mark(request, number, list_keys(user, shown_list["ids"]), meets=True),
    }


def _queue_groups(place: Place, counts: dict[str, int]) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "queue": queue,
                "count": counts.get(queue.key),
                "is_over": counts.get(queue.key, 0) > COUNT_LIMIT,
                "current": place.view is None and queue.key == place.queue.key,
            }
            for queue in group
        ]
        for group in (WORK, LEVELS, WAITING, ENDED)
    ]


def _view_item(place: Place, view: SavedView, counts: dict[str, int]) -> dict[str, Any]:
    count = counts.get(f"view-{view.pk}")
    return {
        "view": view,
        "count": count,
        "is_over": (count or 0) > COUNT_LIMIT,
        "current": place.view is not None and place.view.pk == view.pk,
    }
