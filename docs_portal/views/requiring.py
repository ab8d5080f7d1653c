"""Must-reads: what I have to read, my acknowledgement; for writers of whom it is asked and who
has answered.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_refusal_toast, add_toast
from docs_portal import access, actions
from docs_portal.forms.requiring import MustReadForm
from docs_portal.models import MustRead, MustReadReader, MustReadRound, Page
from docs_portal.rendering.requiring import must_read_figures

#: A new must-read is due this many days from now unless its writer says otherwise.
DUE_DAYS = 7
PEOPLE_SHOWN = 500
SHOWN_AT_HOME = 3
DONE_SHOWN = 50


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required)
    return request.user


@login_required
@require_GET
def my_must_reads(request: HttpRequest) -> HttpResponse:
    """What I have to read, the nearest last day first; and what I have acknowledged."""
    user, now = _user(request), timezone.now()
    day = timezone.localdate(now)
    done = MustReadReader.objects.filter(user=user, acknowledged_at__isnull=False)
    mine = Page.objects.visible_to(user, day).values("pk")
    done = done.filter(round__must_read__page__in=mine).select_related(
        "round__must_read__page__manual__product", "revision"
    )
    context = {
        "open": access.my_must_reads(user, day).not_answered_by(user),
        "done": done.order_by("-acknowledged_at")[:DONE_SHOWN], "day": day, "now": now,
    }  # fmt: skip
    return render(request, "docs_portal/my_must_reads.html", context)


@login_required
@require_GET
def must_reads_due(request: HttpRequest) -> HttpResponse:
    """The card of help home, asked for after the page: what I have to read."""
    user, day = _user(request), timezone.localdate()
    rounds = list(access.my_must_reads(user, day).not_answered_by(user))
    context = {"rounds": rounds[:SHOWN_AT_HOME], "count": len(rounds), "day": day}
    return render(request, "docs_portal/must_reads_due.html", context)


@login_required
@require_POST
@once_only
def page_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """I have read it, in the version that was before me."""
    user, now = _user(request), timezone.now()
    page = access.get_page_to_acknowledge(user, pk, timezone.localdate(now))
    sent = request.POST.get("revision", "")
    revision = page.revisions.filter(
        pk=int(sent) if sent.isdecimal() and len(sent) < 18 else 0
    ).first()
    if revision is None:
        raise Http404
    try:
        actions.acknowledge_page(page, revision, acting_user=user, now=now)
        said = _("You acknowledged “%(title)s”, revision %(number)s")
        add_toast(request, said % {"title": page.title, "number": revision.number})
    except Refused as refusal:
        add_refusal_toast(request, refusal)
    return redirect(_address(page))


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_must_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Of whom a page is required and by when, and who has acknowledged it."""
    user, now = _user(request), timezone.now()
    page = access.get_page_for_edit(user, pk)
    row = page.must_reads.filter(is_active=True).first()
    current = row.rounds.first() if row is not None else None
    due_on = current.due_on if current else timezone.localdate(now) + dt.timedelta(DUE_DAYS)
    if request.method == "GET":
        form = MustReadForm(initial=MustReadForm.initial_of(row, due_on), page=page)
        return _requiring(request, form, page, row, now)
    form = MustReadForm(request.POST, page=page)
    if form.is_valid():
        try:
            actions.require_reading(
                page, form.draft(), acting_user=user, now=now,
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("“%(title)s” is a must-read") % {"title": page.title})
            return redirect("page_must_read", page.pk)
    return _requiring(request, form, page, row, now)


def _requiring(
    request: HttpRequest, form: MustReadForm, page: Page, row: MustRead | None, now: dt.datetime
) -> HttpResponse:
    rounds = list(
        MustReadRound.objects.filter(must_read__page=page).select_related("must_read", "revision")
    )
    context: dict[str, Any] = {
        "page": page, "form": form, "row": row, "rounds": rounds, "now": now,
        "day": timezone.localdate(now),
    }  # fmt: skip
    wanted = request.GET.get("round", "")
    this = next((one for one in rounds if str(one.pk) == wanted), rounds[0] if rounds else None)
    if this is not None:
        this.must_read.page = page
        is_current = row is not None and this == rounds[0]
        figures = must_read_figures(this, timezone.localdate(now), is_current=is_current)
        shown = request.GET.get("show", "waiting")
        shown = shown if shown in figures.NAMES else "waiting"
        people = figures.people(shown)
        context |= {
            "this": this, "is_current": is_current, "figures": figures, "shown": shown,
            "people": people[:PEOPLE_SHOWN], "count": len(people), "limit": PEOPLE_SHOWN,
        }  # fmt: skip
    status = 422 if form.is_bound else 200
    return render(request, "docs_portal/must_read.html", context, status=status)


@login_required
@require_POST
@once_only
def must_read_remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask those again who have not acknowledged it."""
    row = access.get_must_read_for_edit(_user(request), pk)
    try:
        many = actions.remind_readers(row, acting_user=_user(request), now=timezone.now())
        said = ngettext("%(n)s person is reminded", "%(n)s people are reminded", many)
        add_toast(request, said % {"n": many})
    except Refused as refusal:
        add_refusal_toast(request, refusal)
    return redirect("page_must_read", pk)


@login_required
@require_POST
@once_only
def must_read_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask nobody any more."""
    row = access.get_must_read_for_edit(_user(request), pk)
    actions.stop_requiring(row, acting_user=_user(request), now=timezone.now())
    add_toast(request, _("“%(title)s” is no must-read any more") % {"title": row.page.title})
    return redirect("page_must_read", pk)


def _address(page: Page) -> str:
    return reverse("page", args=[page.manual.product.code, page.slug])
