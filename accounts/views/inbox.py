"""In-app notices. Reading one is a POST: a page fetched ahead by a browser reads nothing."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_notice_for_view, signed_in
from accounts.actions import mark_all_read, mark_read, mark_seen, mark_unread
from accounts.rendering import MOST_NOTICES, bundled, worded
from core import live
from core.models import Notice
from core.polling import live_mark
from core.registry import notice_groups
from core.toasts import add_toast

PAGE = 30


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What happened, bundled by what it is about, the newest first; older ones by `?before=<id>`.

    `?show=unread` and `?kind=<group of the preferences>` narrow it.
    """
    user = signed_in(request)
    number = live.now_number()
    only_unread = request.GET.get("show") == "unread"
    group = next((g for g in notice_groups() if g.name == request.GET.get("kind")), None)
    notices = Notice.objects.of(user.pk)
    if only_unread:
        notices = notices.unread()
    if group is not None:
        notices = notices.filter(kind__in=group.kinds)
    before = request.GET.get("before", "")
    since = int(before) if before.isdecimal() and len(before) < 19 else None
    found = list(notices.threads(before=since)[: PAGE + 1])
    shown = bundled(notices, found[:PAGE])
    there = {
        "live": live_mark(request, number, [f"inbox:{user.pk}"], meets=False),
        "notices": shown,
        "unseen": [
            row.notice.pk
            for bundle in shown
            for row in (bundle.newest, *bundle.earlier)
            if row.notice.seen_at is None
        ],
        "older": shown[-1].notice.pk if len(found) > PAGE else None,
        "paged": bool(before),
        "only_unread": only_unread,
        "group": group,
        "groups": [g for g in notice_groups() if g.concerns is None or g.concerns(user)],
    }
    return render(request, "accounts/inbox.html", there)


@login_required
@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice read, with those before it about the same thing, and go where it leads.

    With `stay` it is only marked: `stay=read`, or `stay=unread` for later.
    """
    user = signed_in(request)
    notice = get_notice_for_view(user, pk)
    stay = request.POST.get("stay", "")
    if stay == "unread":
        mark_unread(notice, acting_user=user)
    else:
        mark_read(notice, acting_user=user, now=timezone.now())
    if stay:
        return redirect(_back(request))
    return redirect(worded(notice).url or "inbox")


def _back(request: HttpRequest) -> str:
    """The inbox as it was narrowed."""
    kept = QueryDict(request.POST.get("query", "")[:200], mutable=True)
    asked = "&".join(
        f"{name}={quote(str(kept[name]))}" for name in ("show", "kind") if name in kept
    )
    return reverse("inbox") + (f"?{asked}" if asked else "")


@login_required
@require_POST
def inbox_seen(request: HttpRequest) -> HttpResponse:
    """The page tells which notices it has shown."""
    user = signed_in(request)
    pks = [
        int(pk)
        for pk in request.POST.getlist("notice")[:MOST_NOTICES]
        if pk.isdecimal() and len(pk) < 19
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
