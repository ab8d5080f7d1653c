"""A requester's own tickets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from catalog.access import calendar_of, rights_of
from core.events import history
from core.live import now_number
from core.worktime import add_working_days
from tickets.access import get_ticket_with_drafts, may_read_notes
from tickets.choices import AUTO_CONFIRM_DAYS, UNFINISHED, Status
from tickets.forms.verbs import ReplyForm, WhyForm
from tickets.models import Ticket
from tickets.policies import allowed_verbs
from tickets.rendering.conversation import conversation, newest_public
from tickets.rendering.drafts import drafts_json, public_draft
from tickets.rendering.live import live_mark, ticket_keys
from tickets.rendering.standing import path_steps, standing
from tickets.views.help_home import WAITING_FOR_REQUESTER
from tickets.views.requests import SignedInRequest

ENDED_SHOWN = 30
UNFINISHED_SHOWN = 200


@login_required
@require_GET
def my_tickets(request: SignedInRequest) -> HttpResponse:
    """What waits for me first, then what is on its way, then what has ended, by key."""
    mine = Ticket.objects.filter(requester=request.user).select_related(
        "product", "module", "requester", "assignee", "team", "relayed_to", "cause__owner"
    )
    unfinished = list(mine.filter(status__in=UNFINISHED).order_by("-id")[:UNFINISHED_SHOWN])
    ended = mine.filter(status__in=(Status.CLOSED, Status.CANCELLED)).order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        ended = ended.filter(pk__lt=int(before))
    older = list(ended[: ENDED_SHOWN + 1])
    context = {
        "now": timezone.now(),
        "waiting": [t for t in unfinished if t.status in WAITING_FOR_REQUESTER],
        "moving": [t for t in unfinished if t.status not in WAITING_FOR_REQUESTER],
        "ended": older[:ENDED_SHOWN],
        "next_key": older[ENDED_SHOWN - 1].pk if len(older) > ENDED_SHOWN else None,
        "before": before,
    }
    return render(request, "tickets/my_tickets.html", context)


@login_required
@require_GET
def my_ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where it stands in plain words, who has it, what comes next; the conversation."""
    number = now_number()
    ticket = get_ticket_with_drafts(request.user, pk)
    now = timezone.now()
    events = list(history(Ticket.SUBJECT, ticket.pk))
    entries = conversation(ticket, for_staff=False)
    context: dict[str, Any] = {
        "now": now,
        "ticket": ticket,
        # Requesters hear of changes, and never who looks at their ticket.
        "live": live_mark(request, number, ticket_keys(ticket), meets=False),
        "steps": path_steps(ticket, events, now),
        "standing": standing(ticket, events, now, closes_on=_closes_on(ticket)),
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
    }
    return render(request, "tickets/my_ticket.html", context)


def _closes_on(ticket: Ticket) -> dt.date | None:
    """The working day on which silence closes a resolved ticket."""
    if ticket.status != Status.RESOLVED or ticket.resolved_at is None or ticket.team is None:
        return None
    calendar = calendar_of(ticket.team)
    return add_working_days(calendar, calendar.day_of(ticket.resolved_at), AUTO_CONFIRM_DAYS)
