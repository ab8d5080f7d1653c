"""Announcements for who reads them: the list, the page, the banner, the poster's way in."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import signed_in
from catalog.access import rights_of
from core.errors import Refused
from core.formkeys import once_only
from core.serving import served
from core.throttling import count_one
from core.toasts import add_refusal_toast
from docs_portal import access, actions
from docs_portal.models import Announcement, PosterPlace
from docs_portal.policies import may_announce
from docs_portal.rendering import sections_of

SHOWN = 30
#: Unknown codes from one address, behind which a whole company may stand, and known ones.
GUESSES_A_MINUTE, SCANS_A_MINUTE = 30, 600


def today(now: dt.datetime) -> dt.date:
    return timezone.localdate(now)


@login_required
@require_GET
def announcements(request: HttpRequest) -> HttpResponse:
    """What was announced to me; writers also see their own drafts and what is scheduled."""
    user, now = signed_in(request), timezone.now()
    writes = rights_of(user).is_agent
    asked = request.GET.get("all") and writes
    if asked:
        own = Announcement.objects.written_by(user)
        rows: QuerySet[Announcement] = own.select_related("product").order_by("-pk")
    else:
        rows = access.announcements_for(user, today(now))
    context = {
        "rows": rows[:SHOWN], "writes": writes, "all": bool(asked), "now": now,
        "mine": {} if asked else access.reading_of(user, [row.pk for row in rows[:SHOWN]]),
    }  # fmt: skip
    return render(request, "docs_portal/announcements.html", context)


@login_required
@require_GET
def announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """One announcement; opening it counts as read."""
    user, now = signed_in(request), timezone.now()
    row = access.get_announcement_for_view(user, pk, today(now))
    actions.read_announcement(row, acting_user=user, now=now)
    context = {
        "row": row, "sections": sections_of(row), "now": now, "files": row.files.all(),
        "reading": access.reading_of(user, [row.pk]).get(row.pk),
        "may_write": may_announce(user, row.product_id),
    }  # fmt: skip
    return render(request, "docs_portal/announcement.html", context)


@login_required
@require_GET
def announcement_banner(request: HttpRequest) -> HttpResponse:
    """What stands on top of help home and desk; asked for after the page."""
    user, now = signed_in(request), timezone.now()
    rows = access.live_for(user, now, today(now))
    actions.note_reached(rows, acting_user=user, now=now)
    return render(request, "docs_portal/announcement_banner.html", {"rows": rows})


@login_required
@require_POST
@once_only
def announcement_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """I have taken it in."""
    user, now = signed_in(request), timezone.now()
    row = access.get_announcement_for_view(user, pk, today(now))
    actions.acknowledge_announcement(row, acting_user=user, now=now)
    return _after(request, row)


@login_required
@require_POST
@once_only
def announcement_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the banner away."""
    user, now = signed_in(request), timezone.now()
    row = access.get_announcement_for_view(user, pk, today(now))
    try:
        actions.dismiss_announcement(row, acting_user=user, now=now)
    except Refused as refusal:
        add_refusal_toast(request, refusal)
        return redirect("announcement", pk)
    return _after(request, row)


def _after(request: HttpRequest, row: Announcement) -> HttpResponse:
    """The banner that is left, for htmx; else the page."""
    if request.headers.get("HX-Request"):
        return announcement_banner_of(request)
    return redirect("announcement", row.pk)


def announcement_banner_of(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    rows = access.live_for(user, now, today(now))
    return render(request, "docs_portal/announcement_banner.html", {"rows": rows})


@login_required
@require_GET
def announcement_file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A picture or a video for the page, anything else to download; never run by the browser."""
    user, now = signed_in(request), timezone.now()
    file = access.get_announcement_file(user, pk, today(now))
    return served(request, file.file, name=file.name, content_type=file.content_type)


@require_GET
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """Where a poster's QR code leads: what the poster says, without signing in, and on to the
    page. Each way in counts; a reload by the same browser within the hour does not.
    """
    place, now = _place(request, code), timezone.now()
    seen = f"poster_{place.pk}"
    if not request.COOKIES.get(seen):
        actions.count_scan(place, now=now)
    row = place.announcement
    response = render(
        request, "docs_portal/poster_landing.html", {"row": row, "sections": sections_of(row)}
    )
    response.set_cookie(seen, "1", max_age=3600, httponly=True, samesite="Lax", path=request.path,
                        secure=request.is_secure())  # fmt: skip
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _place(request: HttpRequest, code: str) -> PosterPlace:
    """The place of a code. Raises Http404, and TooMany for an address that tries many."""
    source = str(request.META.get("REMOTE_ADDR", ""))
    try:
        place = access.get_poster_place(code)
    except Http404:
        count_one("poster-guess", source, limit=GUESSES_A_MINUTE, seconds=60)
        raise
    count_one("poster", source, limit=SCANS_A_MINUTE, seconds=60)
    return place
