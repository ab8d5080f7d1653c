"""In-app notices. Reading one is a POST: a page fetched ahead by a browser reads nothing."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_notice_for_view, signed_in
from accounts.actions import mark_all_read, mark_read, mark_seen
from accounts.rendering import rendered, worded
from core.models import Notice
from core.toasts import add_toast

PAGE = 30


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first, older ones by key: `?before=<id>`."""
    user = signed_in(request)
    notices = Notice.objects.of(user.pk)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        notices = notices.filter(pk__lt=int(before))
    found = list(notices[: PAGE + 1])
    shown = found[:PAGE]
    there = {
        "notices": [rendered(notice) for notice in shown],
        "unseen": [notice.pk for notice in shown if notice.seen_at is None],
        "any_unread": Notice.objects.of(user.pk).unread().exists(),
        "older": shown[-1].pk if len(found) > PAGE else None,
        "paged": bool(before),
    }
    return render(request, "accounts/inbox.html", there)


@login_required
@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice read and go where it leads."""
    user = signed_in(request)
    notice = get_notice_for_view(user, pk)
    mark_read(notice, acting_user=user, now=timezone.now())
    return redirect(worded(notice).url or "inbox")


@login_required
@require_POST
def inbox_seen(request: HttpRequest) -> HttpResponse:
    """The page tells which notices it has shown."""
    user = signed_in(request)
    pks = [
        int(pk) for pk in request.POST.getlist("notice")[:PAGE] if pk.isdecimal() and len(pk) < 19
    ]
    own = Notice.objects.of(user.pk).filter(pk__in=pks)
    mark_seen(own, acting_user=user, now=timezone.now())
    return HttpResponse(status=204)


@login_required
@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark everything read."""
    user = signed_in(request)
    mark_all_read(acting_user=user, now=timezone.now())
    add_toast(request, _("All notices are marked as read."))
    return redirect("inbox")
