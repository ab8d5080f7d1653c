"""Training for who takes it: my trainings, a course, its videos, seats, checking in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import signed_in
from accounts.models import User
from catalog.access import rights_of
from core.errors import BadInput, Problem, Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.serving import served
from core.text import markdown_html
from core.toasts import add_toast
from docs_portal import access, actions
from docs_portal.choices import WITH_SESSIONS, CourseStatus
from docs_portal.forms.training import CodeForm
from docs_portal.models import Completion, Course, CourseSession, Enrolment
from docs_portal.policies.training import may_train
from docs_portal.policies.watching import checked_report
from docs_portal.rendering.training import (
    calendar_file,
    counts_of,
    length_of,
    progress_of,
    session_lines,
)

SHOWN = 100


def today(now: dt.datetime) -> dt.date:
    return timezone.localdate(now)


def _seen(request: HttpRequest, pk: int) -> tuple[User, Course, dt.datetime]:
    user, now = signed_in(request), timezone.now()
    return user, access.get_course_for_view(user, pk, today(now)), now


@login_required
@require_GET
def trainings(request: HttpRequest) -> HttpResponse:
    """What I am asked to take, my sessions, what I completed, what is open to me; for writers also
    the courses they write (`?all=1`).
    """
    user, now = signed_in(request), timezone.now()
    writes = rights_of(user).is_agent
    if request.GET.get("all") and writes:
        courses = list(
            Course.objects.written_by(user).select_related("product").order_by("-pk")[:SHOWN]
        )
        counts = counts_of(courses, today(now))
        context: dict[str, Any] = {
            "rows": [(course, counts.get(course.pk)) for course in courses], "all": True,
        }  # fmt: skip
    else:
        mine = access.training_of(user, now, today(now))
        context = {
            "waiting": mine.waiting, "seats": mine.seats, "completed": mine.completed,
            "offered": mine.offered, "today": today(now), "all": False,
        }  # fmt: skip
    return render(request, "docs_portal/trainings.html", {**context, "writes": writes, "now": now})


@login_required
@require_GET
def trainings_due(request: HttpRequest) -> HttpResponse:
    """What stands on help home: the nearest courses I have to take; asked for after the page."""
    user, now = signed_in(request), timezone.now()
    rows = Enrolment.objects.waiting().filter(user=user).exclude(source="joined")
    rows = rows.select_related("course").order_by("due_on", "pk")
    return render(
        request, "docs_portal/trainings_due.html", {"rows": rows[:4], "today": today(now)}
    )


@login_required
@require_GET
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """One course, and how far I am with it; what I did since is settled here."""
    user, row, now = _seen(request, pk)
    mine = Enrolment.objects.filter(course=row, user=user).select_related("course").first()
    progress = progress_of(row, user, today(now))
    if progress.is_complete and mine is not None and mine.ended_at is None:
        actions.settle_course(row, acting_user=user, now=now)
        mine.refresh_from_db()
    sessions = row.sessions.filter(ends_at__gt=now).select_related("trainer")
    context = {
        "row": row, "mine": mine, "progress": progress, "now": now, "today": today(now),
        "about": mark_safe(markdown_html(row.about)),  # noqa: S308  (cleaned by markdown_html)
        "lines": session_lines(sessions, user) if row.form in WITH_SESSIONS else [],
        "held": row.form in WITH_SESSIONS, "minutes": length_of(row),
        "is_done": mine is not None and mine.completed_version == row.content_version,
        "completions": list(Completion.objects.filter(course=row, user=user)),
        "may_write": may_train(user, row.product_id),
        "may_join": row.status == CourseStatus.PUBLISHED and (mine is None or mine.ended_at),
    }  # fmt: skip
    return render(request, "docs_portal/course.html", context)


@login_required
@require_POST
@once_only
def course_join(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it by myself."""
    user, row, now = _seen(request, pk)
    return _done(
        request, lambda: actions.join_course(row, acting_user=user, now=now),
        _("“%(title)s” is among your courses") % {"title": row.title}, row.pk,
    )  # fmt: skip


@login_required
@require_POST
@once_only
def course_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up again."""
    user, row, now = _seen(request, pk)
    return _done(
        request, lambda: actions.leave_course(row, acting_user=user, now=now),
        _("“%(title)s” is no longer among your courses") % {"title": row.title}, row.pk,
    )  # fmt: skip


def _done(
    request: HttpRequest, act: Callable[[], object], said: str, course_id: int
) -> HttpResponse:
    """Do it and say so, or say why not; back to the course."""
    try:
        act()
        add_toast(request, said)
    except Refused as refusal:
        problem = refusal.problems[0]
        add_toast(request, f"{problem.message} {problem.remedy}".strip(), tone="seal")
    return redirect("course", course_id)


@login_required
@require_GET
def course_video(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """The bytes of a video, or the part a player asks for."""
    user, now = signed_in(request), timezone.now()
    video = access.get_course_video(user, pk, today(now))
    return served(request, video.file, name=video.name, content_type=video.content_type)


@login_required
@require_POST
def course_watched(request: HttpRequest, pk: int) -> HttpResponse:
    """A player says which parts it played (`{"parts": [[0, 12.5]]}`): how much is watched now."""
    user, now = signed_in(request), timezone.now()
    video = access.get_course_video(user, pk, today(now))
    try:
        watch = actions.record_course_watched(
            video, checked_report(_sent(request)), acting_user=user, now=now
        )
    except Refused as refusal:
        said = [f"{problem.message} {problem.remedy}".strip() for problem in refusal.problems]
        return JsonResponse({"problems": said}, status=422)
    percent = min(100, int(100 * watch.seconds / video.seconds))
    return JsonResponse({"percent": percent, "parts": watch.parts})


def _sent(request: HttpRequest) -> object:
    try:
        is_json = request.content_type == "application/json"
        sent = json.loads((request.body if is_json else request.POST.get("parts")) or "[]")
    except (ValueError, RecursionError) as error:
        raise BadInput(
            Problem("parts", _("This is no JSON."), _("Send pairs of seconds: [[0, 12.5]]."))
        ) from error
    return sent.get("parts", []) if isinstance(sent, dict) else sent


def _session(request: HttpRequest, pk: int) -> tuple[User, CourseSession, dt.datetime]:
    user, now = signed_in(request), timezone.now()
    return user, access.get_session_for_view(user, pk, today(now)), now


@login_required
@require_POST
@once_only
def session_book(request: HttpRequest, pk: int) -> HttpResponse:
    """A seat for me, or a place on the waiting list."""
    user, row, now = _session(request, pk)
    try:
        seat = actions.book_seat(row, acting_user=user, now=now)
    except Refused as refusal:
        problem = refusal.problems[0]
        add_toast(request, f"{problem.message} {problem.remedy}".strip(), tone="seal")
    else:
        waits = seat.state == "waiting"
        add_toast(
            request,
            _("All seats are taken; you are told when one is free.") if waits
            else _("Your seat is booked."),
        )  # fmt: skip
    return redirect("course", row.course_id)


@login_required
@require_POST
@once_only
def session_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else may have my seat."""
    user, row, now = _session(request, pk)
    return _done(
        request, lambda: actions.give_up_seat(row, acting_user=user, now=now),
        _("Your seat is free for somebody else."), row.course_id,
    )  # fmt: skip


@login_required
@require_GET
def session_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The session as a calendar file."""
    user, row, now = _session(request, pk)
    url = request.build_absolute_uri(reverse("course", args=[row.course_id]))
    holds = row.trainer_id == user.pk or may_train(user, row.course.product_id)
    with_link = holds or session_lines([row], user)[0].state in ("booked", "here")
    response = HttpResponse(
        calendar_file(row, url, now, with_link=with_link),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="session-{row.pk}.ics"'
    return response


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def check_in(request: HttpRequest) -> HttpResponse:
    """I am here: the code from the screen, typed or scanned (`?code=`). Looking changes nothing."""
    user, now = signed_in(request), timezone.now()
    if request.method == "GET":
        code = request.GET.get("code", "").replace("\x00", "")[:20]
        return render(request, "docs_portal/check_in.html", {"form": CodeForm({"code": code})
                      if code else CodeForm()})  # fmt: skip
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            seat = actions.check_in(form.cleaned_data["code"], acting_user=user, now=now)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("You are checked in."))
            return redirect("course", seat.session.course_id)
    return render(request, "docs_portal/check_in.html", {"form": form}, status=422)
