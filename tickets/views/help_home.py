"""Help home: one box, and what a business user wants to know at a glance."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import User
from docs_portal.models import Page
from tickets.choices import UNFINISHED, Status
from tickets.models import Cause, Ticket
from tickets.views.requests import SignedInRequest

SHOWN_TICKETS = 6
SHOWN_ISSUES = 6
SHOWN_PAGES = 9
#: A person waits for these to move; they stand first, with their button in the row.
WAITING_FOR_REQUESTER = (Status.PENDING, Status.RESOLVED)


@login_required
@require_GET
def help_home(request: SignedInRequest) -> HttpResponse:
    """The first page of a business user."""
    now = timezone.now()
    context = {
        "now": now,
        "pages": _pages(request.user, timezone.localdate(now)),
        **_tickets(request.user),
        **_known_issues(),
    }
    return render(request, "tickets/help_home.html", context)


def _pages(user: User, day: dt.date) -> list[Page]:
    """Pages of my own roles first, then those for everybody."""
    own = Page.roles.through.objects.filter(page_id=OuterRef("pk"))
    readable = Page.objects.readable_by(user, day).select_related("manual__product")
    return list(readable.order_by(Exists(own).desc(), "position", "pk")[:SHOWN_PAGES])


def _tickets(user: User) -> dict[str, Any]:
    mine = list(
        Ticket.objects.filter(requester=user, status__in=UNFINISHED)
        .select_related("product", "module", "assignee", "team", "relayed_to", "cause__owner")
        .order_by("-id")[:200]
    )
    waiting = [t for t in mine if t.status in WAITING_FOR_REQUESTER]
    moving = [t for t in mine if t.status not in WAITING_FOR_REQUESTER]
    return {
        "tickets": (waiting + moving)[:SHOWN_TICKETS],
        "unfinished": len(mine),
        "waiting": len(waiting),
    }


def _known_issues() -> dict[str, Any]:
    issues = Cause.objects.known_issues().select_related("product", "module").order_by("-id")
    return {"issues": issues[:SHOWN_ISSUES]}
