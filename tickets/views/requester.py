"""A requester's own tickets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from accounts.models import User
from catalog.access import rights_of
from core.events import history
from core.live import now_number
from tickets.access import get_ticket_with_drafts, may_read_notes
from tickets.forms.rating import RateForm
from tickets.forms.verbs import ReplyForm, WatchForm, WhyForm
from tickets.models import Rating, Ticket
from tickets.policies import allowed_verbs
from tickets.policies.rating import rated_until
from tickets.rendering.conversation import conversation, newest_public
from tickets.rendering.drafts import drafts_json, public_draft
from tickets.rendering.live import live_mark, ticket_keys
from tickets.rendering.mine import my_rows
from tickets.rendering.standing import path_steps, standing
from tickets.search.mine import Asked, Shown, counts_for, page_for, products_of
from tickets.sla.closing import closing_day
from tickets.views.answers import typed
from tickets.views.requests import SignedInRequest

QUERY_MAX = 200


@login_required
@require_GET
def my_tickets(request: SignedInRequest) -> HttpResponse:
    """What waits for me first, then what is on its way; ended, observed and found ones by key."""
    user, now = request.user, timezone.now()
    asked = Asked.of(request.GET, typed(request, "q", QUERY_MAX))
    tickets, following = page_for(user, asked)
    rows = my_rows(tickets, user, now)
    split = asked.show == Shown.OPEN
    context = {
        "now": now,
        "asked": asked,
        "tabs": _tabs(request, asked),
        "products": products_of(user),
        "waiting": [row for row in rows if split and row.waits_for_me],
        "rows": [row for row in rows if not (split and row.waits_for_me)],
        "next_key": following,
    }
    return render(request, "tickets/my_tickets.html", context)


def _tabs(request: SignedInRequest, asked: Asked) -> list[dict[str, Any]]:
    """The four lists; words and product stay when one goes from one to another."""
    counts = counts_for(request.user)
    lists = (
        (Shown.OPEN, pgettext("my tickets", "Open"), counts.own),
        (Shown.OBSERVED, _("I observe"), counts.observed),
        (Shown.ENDED, _("Ended"), None),
        (Shown.ALL, _("All"), None),
    )
    tabs = []
    for show, label, count in lists:
        kept = request.GET.copy()
        kept.pop("before", None)
        kept["show"] = show.value
        url = f"{request.path}?{kept.urlencode()}"
        tabs.append({"label": label, "url": url, "current": show == asked.show, "count": count})
    return tabs


@login_required
@require_GET
def my_ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where it stands in plain words, who has it, what comes next; the conversation."""
    number = now_number()
    ticket = get_ticket_with_drafts(request.user, pk)
    now = timezone.now()
    events = list(history(Ticket.SUBJECT, ticket.pk))
    entries = conversation(ticket, for_staff=False)
    day = closing_day(ticket, now)
    context: dict[str, Any] = {
        "now": now,
        "ticket": ticket,
        # Requesters hear of changes, and never who looks at their ticket.
        "live": live_mark(request, number, ticket_keys(ticket), meets=False),
        "steps": path_steps(ticket, events, now),
        "standing": standing(ticket, events, now, closes_on=day, viewer=request.user),
        "entries": entries,
        "messages_count": sum(1 for entry in entries if entry.author),
        "allowed": allowed_verbs(ticket, request.user),
        "is_mine": ticket.requester_id == request.user.pk,
        "on_desk": may_read_notes(ticket, request.user) and rights_of(request.user).is_staff,
        "reply": ReplyForm(
            ticket=ticket,
            user=request.user,
            initial={"seen_comment": newest_public(entries), "body": public_draft(ticket)},
        ),
        "drafts": drafts_json(ticket),
        "why": WhyForm(ticket=ticket, user=request.user, auto_id="why_%s"),
        "observers": list(ticket.watchers.select_related("user").order_by("pk")),
        "watch": WatchForm(ticket=ticket, user=request.user, auto_id="watch_%s"),
        **_rating(ticket, request.user, now),
    }
    return render(request, "tickets/my_ticket.html", context)


def _rating(ticket: Ticket, user: User, now: dt.datetime) -> dict[str, Any]:
    """Their rating of an ended ticket, and its form for as long as it may change."""
    until = rated_until(ticket)
    if until is None or ticket.requester_id != user.pk:
        return {"rating": None, "rate": None}
    rating = Rating.objects.filter(ticket=ticket).first()
    form = RateForm(ticket=ticket, user=user, rating=rating, auto_id="rate_%s")
    return {"rating": rating, "rate": form if now <= until else None, "rated_until": until}
