"""The staff desk: queues, list, ticket. The address always names what is shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from catalog.access import require, rights_of
from catalog.choices import PermissionRole
from core.live import now_number
from tickets.access import get_ticket_with_drafts, may_read_notes
from tickets.models import Ticket
from tickets.rendering.live import list_keys, live_mark, ticket_keys
from tickets.rendering.rows import rows_html
from tickets.search.pages import Page, page_of
from tickets.search.queues import (
    COUNT_LIMIT,
    DEFAULT_QUEUE,
    ENDED,
    LEVELS,
    WAITING,
    WORK,
    Queue,
    counts_of,
    queue_named,
    tickets_in,
)
from tickets.views.answers import kept_query, typed
from tickets.views.requests import SignedInRequest
from tickets.views.ticket_pane import pane_context

READERS = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)


@dataclass(frozen=True)
class Place:
    """Which page of which queue (or search) an address names."""

    queue: Queue
    query: str = ""
    before: int | None = None
    after: int | None = None

    @classmethod
    def of(cls, request: SignedInRequest) -> Place:
        query = typed(request, "q", 200)
        # A search looks everywhere unless it names a queue.
        default = "all" if query else DEFAULT_QUEUE
        return cls(
            queue_named(request.GET.get("queue") or default), query,
            _key(request.GET.get("before")), _key(request.GET.get("after")),
        )  # fmt: skip

    def address(self, **keys: int) -> str:
        """The parameters of this place, on its page or (with `before`, `after`) another."""
        given: dict[str, Any] = {"queue": self.queue.key}
        if self.query:
            given["q"] = self.query
        return "?" + urlencode({**given, **keys})

    @property
    def own_address(self) -> str:
        keys = {"before": self.before, "after": self.after}
        return self.address(**{name: key for name, key in keys.items() if key is not None})


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


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
    elif rights_of(request.user).is_staff:
        context |= _desk_context(request, shown, now, number)
        response = render(request, "tickets/desk.html", context)
    else:
        response = render(request, "tickets/desk.html", {**context, "alone": True})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _desk_context(
    request: SignedInRequest, shown: Ticket | None, now: dt.datetime, number: int
) -> dict[str, Any]:
    place = Place.of(request)
    user = request.user
    page = page_of(
        tickets_in(place.queue, user, now), before=place.before, after=place.after,
        query=place.query, newest=place.queue.newest,
    )  # fmt: skip
    base = reverse("desk")
    return {
        "place": place,
        "rows": rows_html(
            page.rows, base=base, query=place.own_address, now=now,
            current=shown.pk if shown else None, show_holder=place.queue.key != "mine",
        ),
        "row_count": len(page.rows),
        "groups": _queue_groups(place, counts_of(user, now)),
        **_neighbours(base, place, page),
        "kept": kept_query(request),
        "live_list": live_mark(
            request, number, list_keys(user, (row.pk for row in page.rows)), meets=True
        ),
    }  # fmt: skip


def _queue_groups(place: Place, counts: dict[str, int]) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "queue": queue,
                "count": counts.get(queue.key),
                "is_over": counts.get(queue.key, 0) > COUNT_LIMIT,
                "current": queue.key == place.queue.key,
            }
            for queue in group
        ]
        for group in (WORK, LEVELS, WAITING, ENDED)
    ]


def _neighbours(base: str, place: Place, page: Page) -> dict[str, str]:
    return {
        "previous_url": base + place.address(after=page.newer) if page.newer else "",
        "next_url": base + place.address(before=page.older) if page.older else "",
    }
