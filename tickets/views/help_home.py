"""Help home: one box, and what a business user wants to know at a glance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import User
from core.registry import open_questions
from docs_portal.models import Page
from tickets.choices import UNFINISHED
from tickets.models import Cause
from tickets.rendering.mine import my_rows
from tickets.search.mine import MOST_OPEN, RELATED, WAITING_FOR_REQUESTER, own_tickets
from tickets.views.requests import SignedInRequest

SHOWN_TICKETS = 6
SHOWN_ISSUES = 6
SHOWN_PAGES = 9


@login_required
@require_GET
def help_home(request: SignedInRequest) -> HttpResponse:
    """The first page of a business user."""
    now = timezone.now()
    questions = open_questions(request.user, now)
    context = {
        "now": now,
        "pages": _pages(request.user, timezone.localdate(now)),
        "questions": questions,
        **_tickets(request.user, {question.ref for question in questions}, now),
        **_known_issues(),
    }
    return render(request, "tickets/help_home.html", context)


def _pages(user: User, day: dt.date) -> list[Page]:
    """Pages of my own roles first, then those for everybody."""
    own = Page.roles.through.objects.filter(page_id=OuterRef("pk"))
    readable = Page.objects.readable_by(user, day).select_related("manual__product")
    return list(readable.order_by(Exists(own).desc(), "position", "pk")[:SHOWN_PAGES])


def _tickets(user: User, asked: Collection[str], now: dt.datetime) -> dict[str, Any]:
    """What waits for me first; what the card of questions asks already is not said twice."""
    mine = list(
        own_tickets(user)
        .filter(status__in=UNFINISHED)
        .select_related(*RELATED)
        .order_by("-id")[:MOST_OPEN]
    )
    waiting = [t for t in mine if t.status in WAITING_FOR_REQUESTER]
    moving = [t for t in mine if t.status not in WAITING_FOR_REQUESTER]
    shown = [t for t in waiting + moving if t.ref not in asked][:SHOWN_TICKETS]
    return {
        "rows": my_rows(shown, user, now),
        "unfinished": len(mine),
        "waiting": len(waiting),
    }


def _known_issues() -> dict[str, Any]:
    issues = Cause.objects.known_issues().select_related("product", "module").order_by("-id")
    return {"issues": issues[:SHOWN_ISSUES]}
