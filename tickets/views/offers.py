"""What the keys for judging offer: who could hold a ticket, which teams could have it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from catalog.models import Team
from tickets.access import get_ticket_for_edit
from tickets.choices import UNRESOLVED
from tickets.forms.fields import agents_in
from tickets.policies import allowed_verbs
from tickets.views.requests import SignedInRequest


@login_required
@require_GET
def ticket_holders(request: SignedInRequest, pk: int) -> HttpResponse:
    """The colleagues a ticket may be assigned to, those with the least to do first."""
    ticket = get_ticket_for_edit(request.user, pk)
    held = Count("assigned_tickets", filter=Q(assigned_tickets__status__in=UNRESOLVED))
    people = agents_in(ticket.product).exclude(pk=request.user.pk)
    # Counted after the memberships are settled, or each team would count the tickets again.
    counted = User.objects.filter(pk__in=people.values("pk")).annotate(held=held)
    context = {"ticket": ticket, "people": counted.order_by("held", "name")}
    return render(request, "tickets/parts/holders.html", context)


@login_required
@require_GET
def ticket_teams(request: SignedInRequest, pk: int) -> HttpResponse:
    """The teams a ticket may go to: ours by a transfer, those outside by a relay from level 1."""
    ticket = get_ticket_for_edit(request.user, pk)
    teams = Team.objects.filter(is_active=True).order_by("-is_product_operations", "name")
    if ticket.level != 1 or "relay" not in allowed_verbs(ticket, request.user):
        teams = teams.filter(is_product_operations=True)
    return render(request, "tickets/parts/teams.html", {"ticket": ticket, "teams": teams})
