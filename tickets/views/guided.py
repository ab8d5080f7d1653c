"""Guided mode: tickets nobody holds, served one by one, the most urgent first."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.access import require
from catalog.choices import PermissionRole
from core.formkeys import once_only
from core.toasts import add_toast
from tickets.access import get_ticket_for_edit
from tickets.actions import serve_ticket, skip_ticket
from tickets.models import Skip
from tickets.search.following import waiting_for
from tickets.search.queues import COUNT_LIMIT
from tickets.views.answers import undo_url
from tickets.views.onward import served_address
from tickets.views.requests import SignedInRequest
from tickets.views.served import Served


@login_required
@require_GET
def guided(request: SignedInRequest) -> HttpResponse:
    """How many wait, how far one is today, and the button that serves the next."""
    require(request.user, PermissionRole.AGENT)
    now = timezone.now()
    waiting = waiting_for(request.user, now)[: COUNT_LIMIT + 1].count()
    context = {
        "waiting": waiting, "is_over": waiting > COUNT_LIMIT,
        "served": Served(request, now).counts,
    }  # fmt: skip
    return render(request, "tickets/guided.html", context)


@login_required
@require_POST
@once_only
def guided_next(request: SignedInRequest) -> HttpResponse:
    """Serve the next ticket: it is claimed for the person who asks."""
    require(request.user, PermissionRole.AGENT)
    return redirect(served_address(serve_ticket(acting_user=request.user, now=timezone.now())))


@login_required
@require_POST
@once_only
def ticket_skip(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the served ticket back and serve another."""
    ticket = get_ticket_for_edit(request.user, pk)
    now = timezone.now()
    skip_ticket(ticket, request.POST.get("reason", ""), acting_user=request.user, now=now)
    Served(request, now).count("skipped")
    add_toast(
        request, _("%(ref)s is given back and not served to you again today") % {"ref": ticket.ref},
        undo_url=undo_url(ticket, request.user, now),
    )  # fmt: skip
    return redirect(served_address(serve_ticket(acting_user=request.user, now=now)))


def guided_context(request: SignedInRequest) -> dict[str, object]:
    """What the bar of a served ticket shows; nothing where tickets are not served."""
    if not Served.is_on(request):
        return {}
    now = timezone.now()
    return {"served": Served(request, now).counts, "skip_reasons": Skip.Reason.choices}
