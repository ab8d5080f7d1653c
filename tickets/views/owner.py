"""The owner's page: what is pushed to me, with evidence and date, answered in one click."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from catalog.access import rights_of
from tickets.choices import CauseState, Level, Status
from tickets.forms.causes import DateForm
from tickets.models import Cause, HandOver, Ticket
from tickets.views.causes import is_late
from tickets.views.requests import SignedInRequest

SHOWN = 50
TICKETS_PER_CAUSE = 3
#: Order of the page: what waits for an answer, what is promised, what came to an end.
_ORDER = {CauseState.PUSHED: 0, CauseState.ACCEPTED: 1}


@dataclass(frozen=True)
class Pushed:
    """One pushed cause with what its owner needs to decide."""

    cause: Cause
    tickets: list[Ticket]
    evidence: list[str]
    is_late: bool
    form: DateForm


@login_required
@require_GET
def owner_page(request: SignedInRequest) -> HttpResponse:
    """Causes pushed to me, and tickets relayed to my outside teams."""
    rights = rights_of(request.user)
    if not (rights.is_owner or rights.team_ids):
        raise PermissionDenied
    mine = Cause.objects.pushed_to(request.user)
    causes = list(
        mine.filter(state__in=_ORDER)
        .select_related("product", "module")
        .annotate(ticket_count=Count("tickets"), people=Count("tickets__requester", distinct=True))
        .order_by("promised_on", "pushed_at")[:SHOWN]
    )
    causes.sort(key=lambda cause: _ORDER[CauseState(cause.state)])
    done = mine.filter(state__in=(CauseState.DELIVERED, CauseState.DECLINED)).order_by("-id")
    relayed = Ticket.objects.filter(
        Q(relayed_to__in=rights.team_ids), level=Level.RELAY,
        status__in=(Status.ON_HOLD, Status.PENDING),
    ).select_related("product", "module", "requester__department")  # fmt: skip
    context: dict[str, Any] = {
        "now": timezone.now(),
        "pushed": _with_tickets(causes),
        "waiting": sum(1 for cause in causes if cause.state == CauseState.PUSHED),
        "done": done.select_related("product")[:10],
        "relayed": _with_notes(list(relayed.order_by("id")[:SHOWN])),
    }
    return render(request, "tickets/owner_page.html", context)


@dataclass(frozen=True)
class Relayed:
    """A relayed ticket, and what product operations wrote with it."""

    ticket: Ticket
    note: str
    sender: str


def _with_notes(tickets: list[Ticket]) -> list[Relayed]:
    """One query for the newest relay of each."""
    sent = HandOver.objects.filter(
        ticket__in=tickets, from_level=Level.RELAY, to_level=Level.RELAY, returned_at__isnull=True
    ).select_related("sender")
    newest = {hand_over.ticket_id: hand_over for hand_over in sent.order_by("id")}
    return [
        Relayed(
            ticket,
            newest[ticket.pk].note if ticket.pk in newest else "",
            newest[ticket.pk].sender.name if ticket.pk in newest else "",
        )
        for ticket in tickets
    ]


def _with_tickets(causes: list[Cause]) -> list[Pushed]:
    """One query for the tickets of all causes; each cause shows its newest few."""
    today = timezone.localdate()
    found: dict[int, list[Ticket]] = {cause.pk: [] for cause in causes}
    tickets = (
        Ticket.objects.filter(cause__in=causes)
        .select_related("requester__department")
        .order_by("-id")[: SHOWN * 10]
    )
    for ticket in tickets:
        found[ticket.cause_id or 0].append(ticket)
    return [
        Pushed(
            cause, found[cause.pk][:TICKETS_PER_CAUSE], _evidence(found[cause.pk]),
            is_late(cause, today), DateForm(cause=cause, auto_id=f"cause_{cause.pk}_%s"),
        )
        for cause in causes
    ]  # fmt: skip


def _evidence(tickets: Iterable[Ticket]) -> list[str]:
    """What the tickets have on record, each text once."""
    return list(dict.fromkeys(t.evidence for t in tickets if t.evidence))[:TICKETS_PER_CAUSE]
