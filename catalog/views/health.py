"""System health: what waits in the outbox and what could not be delivered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from catalog.views.pages import administrators_only, side
from core import outbox
from core.channels.mail import is_configured
from core.clock import crew_now, is_late, scheduled
from core.models import Event, OutboxRow, TaskRun, Touched
from core.registry import health_lines
from core.toasts import add_toast

SHOWN = 100
#: Rows that wait for their figures are counted up to here.
TOUCHED_SHOWN = 100_000


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
        "tasks": _tasks(now),
        "lines": health_lines(),
        **_database(now),
        "retried": list(
            OutboxRow.objects.filter(waiting, attempts__gt=0).order_by("due_at")[:SHOWN]
        ),
    }
    return render(request, "catalog/settings_health.html", there)


@administrators_only
@require_safe
def settings_health_workers(request: HttpRequest) -> HttpResponse:
    """Who answers on the wire now: asked of the workers themselves, so a fragment of its own."""
    return render(request, "catalog/settings_health_workers.html", {"crew": crew_now()})


def _tasks(now: dt.datetime) -> list[dict[str, Any]]:
    """What the clock starts, with the last run of each; what went wrong first, then the latest."""
    runs = {run.name: run for run in TaskRun.objects.all()}
    found = []
    for name, seconds in scheduled().items():
        run = runs.get(name)
        failed = run is not None and run.failed_at is not None and run.failed_at >= run.finished_at
        late = is_late(run, seconds, now)
        rank = 0 if failed else 1 if late else 3 if run is None else 2
        found.append(
            {"name": name, "every": _every(int(seconds)), "run": run, "failed": failed,
             "late": late, "rank": rank}
        )  # fmt: skip
    return sorted(found, key=lambda one: (one["rank"], one["name"]))


def _every(seconds: int) -> str:
    """A turn of the clock in its largest whole unit."""
    if seconds % 3600 == 0:
        n = seconds // 3600
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    if seconds % 60 == 0:
        n = seconds // 60
        return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}
    return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}


def _database(now: dt.datetime) -> dict[str, Any]:
    """Its size, and how far the figures are behind the log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    first = Touched.objects.order_by("pk").first()
    since = None
    if first is not None:
        since = (
            Event.objects.filter(subject=first.subject, subject_id=first.subject_id)
            .order_by("-version")
            .values_list("recorded_at", flat=True)
            .first()
        )
    return {
        "size": size, "touched": Touched.objects.all()[:TOUCHED_SHOWN].count(),
        "touched_since": since, "touched_shown": TOUCHED_SHOWN,
    }  # fmt: skip


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
