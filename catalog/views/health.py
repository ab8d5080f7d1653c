"""System health: what waits in the outbox and what could not be delivered."""

from __future__ import annotations

from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from catalog.views.pages import administrators_only, side
from core import outbox
from core.channels.mail import is_configured
from core.models import OutboxRow
from core.toasts import add_toast

SHOWN = 100


@administrators_only
@require_safe
def settings_health(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    waiting = Q(done_at__isnull=True, failed_at__isnull=True, parked_at__isnull=True)
    queue = OutboxRow.objects.filter(waiting).aggregate(
        waiting=Count("pk"),
        late=Count("pk", filter=Q(due_at__lte=now)),
        retried=Count("pk", filter=Q(attempts__gt=0)),
        oldest=Min("due_at", filter=Q(due_at__lte=now)),
    )
    dead = OutboxRow.objects.filter(failed_at__isnull=False)
    parked = OutboxRow.objects.filter(parked_at__isnull=False)
    there = {
        "parked": list(
            parked.values("name").annotate(n=Count("pk"), newest=Max("parked_at")).order_by("name")
        ),
        "parked_count": parked.count(),
        "mail_is_configured": is_configured(),
        "repeated": OutboxRow.objects.filter(repeats__gt=0, kind__in=outbox.OUTSIDE).count(),
        "side": side(request),
        "queue": queue,
        "dead": list(dead.order_by("-failed_at")[:SHOWN]),
        "dead_count": dead.count(),
        "given_up": list(
            OutboxRow.objects.filter(
                last_error__startswith=outbox.GIVEN_UP, done_at__isnull=False
            ).order_by("-done_at")[:SHOWN]
        ),
        "shown": SHOWN,
        "retried": list(
            OutboxRow.objects.filter(waiting, attempts__gt=0).order_by("due_at")[:SHOWN]
        ),
    }
    return render(request, "catalog/settings_health.html", there)


@administrators_only
@require_POST
def settings_health_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one dead letter a fresh set of tries, also one that was given up."""
    dead = Q(failed_at__isnull=False) | Q(last_error__startswith=outbox.GIVEN_UP)
    row = get_object_or_404(OutboxRow.objects.filter(dead), pk=pk)
    outbox.resend(row, timezone.now())
    add_toast(request, _("It is sent again."))
    return redirect("settings_health")


@administrators_only
@require_POST
def settings_health_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Close one dead letter that nobody needs any more; the row says who did so."""
    row = get_object_or_404(OutboxRow, pk=pk, failed_at__isnull=False)
    user = signed_in(request)
    outbox.give_up(row, user.username, timezone.now())
    add_toast(
        request,
        _("Given up. It is kept for 30 days with your name."),
        undo_url=reverse("settings_health_resend", args=[pk]),
    )
    return redirect("settings_health")


@administrators_only
@require_POST
def settings_health_resend_all(request: HttpRequest) -> HttpResponse:
    """Give every dead letter a fresh set of tries."""
    now = timezone.now()
    for row in OutboxRow.objects.filter(failed_at__isnull=False):
        outbox.resend(row, now)
    add_toast(request, _("Everything is sent again."))
    return redirect("settings_health")


@administrators_only
@require_POST
def settings_health_send_kept(request: HttpRequest) -> HttpResponse:
    """Send the mails that were kept apart, now that there is a server for them."""
    now = timezone.now()
    if not is_configured():
        add_toast(request, _("There is still no mail server to send them by."))
        return redirect("settings_health")
    for row in OutboxRow.objects.filter(parked_at__isnull=False):
        outbox.resend(row, now)
    add_toast(request, _("They are on their way."))
    return redirect("settings_health")
