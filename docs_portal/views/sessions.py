"""Sessions of a course for who plans and holds them: who has a seat, who came, the code."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import signed_in
from accounts.models import User
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from docs_portal import access, actions
from docs_portal.choices import SeatState
from docs_portal.forms.training import SessionForm
from docs_portal.models import Course, CourseSession
from docs_portal.policies.training import check_in_is_open, code_at, may_train
from docs_portal.rendering.announcements import qr_of
from docs_portal.views.doing import done
from docs_portal.views.teaching import edited
from docs_portal.views.training import today


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def session_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A time and place for a course."""
    user, row = edited(request, pk)
    now = timezone.now()
    if request.method == "GET":
        return _planning(request, row, None, SessionForm(initial=SessionForm.usual(now)))
    form = SessionForm(request.POST)
    if form.is_valid():
        try:
            actions.plan_session(row, form.draft(), acting_user=user, now=now)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The session is planned."))
            return redirect("course_edit", pk)
    return _planning(request, row, None, form, status=422)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def session_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another time, place or number of seats."""
    user, now = signed_in(request), timezone.now()
    session = get_object_or_404(
        CourseSession.objects.select_related("course__product", "trainer"), pk=pk
    )
    access.get_course_for_edit(user, session.course_id, today(now))
    if request.method == "GET":
        form = SessionForm(initial=SessionForm.initial_of(session))
        return _planning(request, session.course, session, form)
    form = SessionForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            actions.edit_session(
                session, form.draft(), acting_user=user, now=now,
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("The session is saved; who has a seat is told of changes."))
            return redirect("session", pk)
    return _planning(request, session.course, session, form, status=status)


def _planning(
    request: HttpRequest, row: Course, session: CourseSession | None, form: SessionForm,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {"row": row, "session": session, "form": form}
    return render(request, "docs_portal/session_edit.html", context, status=status)


@login_required
@require_GET
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has a seat, who waits, who came; for who holds it."""
    user, now = signed_in(request), timezone.now()
    row = access.get_session_for_edit(user, pk, today(now))
    seats = row.taken.exclude(state=SeatState.GIVEN_UP).select_related("user__department")
    context = {
        "row": row, "course": row.course, "seats": list(seats.order_by("state", "asked_at", "pk")),
        "now": now, "is_open": check_in_is_open(row.starts_at, row.ends_at, now),
        "has_begun": now >= row.starts_at, "may_write": may_train(user, row.course.product_id),
    }  # fmt: skip
    return render(request, "docs_portal/session.html", context)


@login_required
@require_POST
@once_only
def session_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """It does not take place."""
    user, now = signed_in(request), timezone.now()
    row = get_object_or_404(CourseSession.objects.select_related("course"), pk=pk)
    access.get_course_for_edit(user, row.course_id, today(now))
    reason = request.POST.get("reason", "").replace("\x00", "")

    def act() -> str:
        actions.cancel_session(row, reason, acting_user=user, now=now)
        return _("The session is cancelled; who had a seat is told.")

    return done(request, act, "course_edit", row.course_id)


@login_required
@require_POST
@once_only
def session_attend(request: HttpRequest, pk: int) -> HttpResponse:
    """These people were there."""
    user, now = signed_in(request), timezone.now()
    row = access.get_session_for_edit(user, pk, today(now))
    sent = [int(pk) for pk in request.POST.getlist("people") if pk.isascii() and pk.isdecimal()]
    people = list(
        User.objects.filter(pk__in=[pk for pk in sent if pk < 2**62], seats__session=row).distinct()
    )

    def act() -> str:
        many = len(actions.note_attended(row, people, acting_user=user, now=now))
        return ngettext("%(n)s person was there", "%(n)s people were there", many) % {"n": many}

    return done(request, act, "session", pk)


@login_required
@require_GET
def session_screen(request: HttpRequest, pk: int) -> HttpResponse:
    """The code people check in with, large; it changes by itself."""
    user, now = signed_in(request), timezone.now()
    row = access.get_session_for_edit(user, pk, today(now))
    code = code_at(row.secret, now)
    url = request.build_absolute_uri(f"{reverse('check_in')}?code={code}")
    context = {
        "row": row, "course": row.course, "code": code, "svg": qr_of(url),
        "address": request.build_absolute_uri(reverse("check_in")),
        "is_open": check_in_is_open(row.starts_at, row.ends_at, now) and not row.is_cancelled,
        "came": row.taken.filter(checked_in_at__isnull=False).count(), "now": now,
    }  # fmt: skip
    name = "session_code" if request.headers.get("HX-Request") else "session_screen"
    response = render(request, f"docs_portal/{name}.html", context)
    response["Cache-Control"] = "no-store"
    return response
