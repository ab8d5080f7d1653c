"""Undo of an act on a ticket: from its toast, from the history, by key."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import NotAllowed, Refused
from core.formkeys import once_only
from core.toasts import add_toast
from tickets.access import get_ticket_as_requester, get_ticket_for_staff
from tickets.actions import undo_act
from tickets.models import Ticket
from tickets.views.answers import kept_query, next_address
from tickets.views.requests import SignedInRequest


@login_required
@require_POST
@once_only
def ticket_undo(request: SignedInRequest, pk: int, version: int) -> HttpResponse:
    """Undo one of one's own acts on the desk."""
    ticket = get_ticket_for_staff(request.user, pk)
    return _undo(request, ticket, version, reverse("ticket", args=[pk]) + kept_query(request))


@login_required
@require_POST
@once_only
def my_ticket_undo(request: SignedInRequest, pk: int, version: int) -> HttpResponse:
    """The same for a requester on their own page."""
    ticket = get_ticket_as_requester(request.user, pk)
    return _undo(request, ticket, version, reverse("my_ticket", args=[pk]))


def _undo(request: SignedInRequest, ticket: Ticket, version: int, back: str) -> HttpResponse:
    """Undo and go back; what stands against it is said in place of the success."""
    try:
        undone = undo_act(ticket, version, acting_user=request.user, now=timezone.now())
    except NotAllowed:
        raise
    except Refused as refusal:
        words = " ".join(f"{p.message} {p.remedy}" for p in refusal.problems)
        add_toast(request, _("Not undone. %(why)s") % {"why": words}, tone="seal")
    else:
        text = _("Undone. What was said stays said.") if undone.words_stay else _("Undone")
        add_toast(request, text)
    return redirect(next_address(request, back))
