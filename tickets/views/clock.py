"""How the clock of a ticket ran: asked for by the ticket page when opened, or a page of its own."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from tickets.access import get_ticket_for_staff
from tickets.rendering.timeline import clock_page
from tickets.views.answers import kept_query
from tickets.views.requests import SignedInRequest


@login_required
@require_GET
def ticket_clock(request: SignedInRequest, pk: int) -> HttpResponse:
    """Targets, the policy they come from, every span of the clock, and levels as a waterfall."""
    ticket = get_ticket_for_staff(request.user, pk)
    now = timezone.now()
    context = {
        "now": now, "ticket": ticket, "clock": clock_page(ticket, now),
        "kept": kept_query(request),
    }  # fmt: skip
    response = render(request, "tickets/clock.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
