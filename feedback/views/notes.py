"""What is new, for whoever uses a product; and demands that wait too long, for who steers them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from feedback import access
from feedback.choices import DemandStatus
from feedback.models import Demand
from feedback.search.notes import Note, notes_for
from feedback.views.answers import local_now, reader_of

PAGE_SIZE = 20
#: Demands listed for each reason; who has more has another trouble than the rest of the list.
RAISED_SHOWN = 100


@login_required
@require_safe
def release_notes(request: HttpRequest) -> HttpResponse:
    """Published releases that reach the reader, newest first, with what they asked for."""
    user = reader_of(request)
    before = request.GET.get("before", "")
    key = int(before) if before.isdecimal() and len(before) < 18 else None
    notes: list[Note] = notes_for(user, timezone.localdate(), before=key, limit=PAGE_SIZE + 1)
    context = {
        "notes": notes[:PAGE_SIZE],
        "next_key": notes[PAGE_SIZE - 1].release.pk if len(notes) > PAGE_SIZE else None,
        "before": before,
    }
    return render(request, "feedback/release_notes.html", context)


@dataclass(frozen=True)
class Late:
    """One demand that waits too long, and since when."""

    demand: Demand
    since: dt.date | None


@login_required
@require_safe
def demands_raised(request: HttpRequest) -> HttpResponse:
    """Overdue and silent demands that the reader steers, the longest wait first."""
    user = reader_of(request)
    access.require_reader(user)
    now = local_now()
    mine = Demand.objects.steered_by(user).select_related("product", "product_owner")
    overdue = [
        Late(demand, _since(demand))
        for demand in mine.overdue(timezone.localdate(now)).order_by("planned_on", "pk")
    ]
    silent = [Late(demand, None) for demand in mine.silent(now).order_by("pk")]
    context = {
        "overdue": sorted(overdue, key=lambda late: late.since or dt.date.max)[:RAISED_SHOWN],
        "silent": silent[:RAISED_SHOWN],
        "overdue_count": len(overdue),
        "silent_count": len(silent),
    }
    return render(request, "feedback/demands_raised.html", context)


def _since(demand: Demand) -> dt.date | None:
    if demand.status == DemandStatus.DEFERRED:
        return demand.deferred_until
    if demand.status == DemandStatus.RELEASED and demand.released_at is not None:
        return timezone.localdate(demand.released_at)
    return demand.planned_on
