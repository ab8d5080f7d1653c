"""Training for who writes it: courses, assignments, sessions with who came, rules, people."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
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
from docs_portal.choices import WITH_SESSIONS
from docs_portal.forms.training import (
    AssignmentForm,
    CourseForm,
    ExcuseForm,
)
from docs_portal.models import Course, CourseAssignment, Enrolment
from docs_portal.policies.training import may_train
from docs_portal.policies.troubles import all_troubles
from docs_portal.rendering.training import (
    SHOWN,
    assignment_lines,
    counts_of,
    enrolments_shown,
    rule_lines,
    session_lines,
)
from docs_portal.views.doing import done
from docs_portal.views.training import today

PEOPLE_SHOWN = 200


def edited(request: HttpRequest, pk: int) -> tuple[User, Course]:
    user = signed_in(request)
    return user, access.get_course_for_edit(user, pk, today(timezone.now()))


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def course_new(request: HttpRequest) -> HttpResponse:
    """A new draft; what it teaches is added on its page."""
    user = signed_in(request)
    access.require_announcer(user)
    form = CourseForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.create_course(form.draft(), acting_user=user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The draft is saved; add what it teaches, then publish it."))
            return redirect("course_edit", row.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "docs_portal/course_new.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def course_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about a course: its words and content, who is asked, sessions, rules."""
    user, row = edited(request, pk)
    if request.method == "GET":
        return _writing(
            request, user, row, CourseForm(user=user, row=row, initial=CourseForm.initial_of(row))
        )
    form = CourseForm(request.POST, request.FILES, user=user, row=row)
    status = 422
    if form.is_valid():
        try:
            _save(form, row, user)
        except Refused as refusal:
            add_refusal(form, refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("“%(title)s” is saved.") % {"title": row.title})
            return redirect("course_edit", pk)
    return _writing(request, user, row, form, status=status)


def _save(form: CourseForm, row: Course, user: User) -> None:
    """One transaction: `once_only` opens it, and a refusal rolls all of it back."""
    said, now = form.cleaned_data, timezone.now()
    by: dict[str, Any] = {"acting_user": user, "now": now}
    actions.edit_course(row, form.draft(), seen_version=said["version"], **by)
    if "pages" in said:
        actions.set_course_pages(row, list(said["pages"]), **by)
    if said.get("videos"):
        actions.add_course_videos(row, said["videos"], **by)


def _writing(
    request: HttpRequest, user: User, row: Course, form: CourseForm, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    sessions = row.sessions.select_related("trainer").order_by("-starts_at")
    context = {
        "row": row, "form": form, "now": now, "held": row.form in WITH_SESSIONS,
        "videos": row.videos.all(), "lines": session_lines(sessions[:20], user),
        "assignments": assignment_lines(row, today(now)), "rules": rule_lines(row),
        "counts": counts_of([row], today(now)).get(row.pk), "troubles": bool(all_troubles()),
    }  # fmt: skip
    return render(request, "docs_portal/course_edit.html", context, status=status)


@login_required
@require_POST
@once_only
def course_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish it."""
    user, row = edited(request, pk)

    def act() -> str:
        actions.publish_course(row, acting_user=user, now=timezone.now())
        return _("“%(title)s” is published") % {"title": row.title}

    return done(request, act, "course_edit", pk)


@login_required
@require_POST
@once_only
def course_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it of nobody any more."""
    user, row = edited(request, pk)

    def act() -> str:
        actions.retire_course(row, acting_user=user, now=timezone.now())
        return _("“%(title)s” is retired") % {"title": row.title}

    return done(request, act, "course_edit", pk)


@login_required
@require_POST
@once_only
def course_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """What it teaches changed: ask everybody again."""
    user, row = edited(request, pk)
    note = request.POST.get("note", "").replace("\x00", "")

    def act() -> str:
        after = actions.renew_course(row, note, acting_user=user, now=timezone.now())
        return _("Content version %(n)s: who completed it is asked again") % {
            "n": after.content_version
        }

    return done(request, act, "course_edit", pk)


@login_required
@require_POST
@once_only
def course_video_remove(request: HttpRequest, pk: int, video: int) -> HttpResponse:
    """Take a video away."""
    user, row = edited(request, pk)
    kept = get_object_or_404(row.videos.select_related("course"), pk=video)

    def act() -> str:
        actions.remove_course_video(kept, acting_user=user, now=timezone.now())
        return _("“%(name)s” is removed") % {"name": kept.name}

    return done(request, act, "course_edit", pk)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def course_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it of roles, departments, people."""
    user, row = edited(request, pk)
    form = AssignmentForm(request.POST or None, course=row)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            actions.assign_course(row, form.draft(), acting_user=user, now=now)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("It is assigned; people are told when the course is out."))
            return redirect("course_edit", pk)
    context = {"row": row, "form": form, "reach": 0}
    status = 422 if request.method == "POST" else 200
    return render(request, "docs_portal/course_assign.html", context, status=status)


@login_required
@require_POST
def course_reach(request: HttpRequest, pk: int) -> HttpResponse:
    """How many people the ticked lists are; asked while one ticks."""
    _user, row = edited(request, pk)
    form = AssignmentForm(request.POST, course=row)
    form.is_valid()
    said = form.cleaned_data
    wanted = CourseAssignment(
        course=row, role_ids=[one.pk for one in said.get("roles", ())],
        department_ids=[one.pk for one in said.get("departments", ())],
        user_ids=[one.pk for one in said.get("people", ())],
    )  # fmt: skip
    reach = len(access.assigned_people(wanted, today(timezone.now())))
    return render(request, "docs_portal/announcement_reach.html", {"reach": reach})


@login_required
@require_POST
@once_only
def assignment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it of them no longer."""
    user = signed_in(request)
    row = get_object_or_404(CourseAssignment.objects.select_related("course"), pk=pk)
    access.get_course_for_edit(user, row.course_id, today(timezone.now()))

    def act() -> str:
        actions.end_assignment(row, acting_user=user, now=timezone.now())
        return _("Who has not completed it is no longer asked")

    return done(request, act, "course_edit", row.course_id)


@login_required
@require_GET
def course_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was asked, who completed it, who has not; managers see their own people."""
    user, now = signed_in(request), timezone.now()
    row = access.get_course_for_people(user, pk)
    people = access.people_of_course(user, row)
    rows = enrolments_shown(row, people, today(now))
    shown = request.GET.get("show", "waiting")
    shown = shown if shown in SHOWN else "waiting"
    chosen = rows[shown].select_related("user__department", "rule", "course")
    context = {
        "row": row, "shown": shown, "now": now, "today": today(now), "limit": PEOPLE_SHOWN,
        "figures": [(name, rows[name].count()) for name in SHOWN],
        "people": chosen.order_by("due_on", "user__department__path", "user__name", "pk")[
            :PEOPLE_SHOWN
        ],
        "may_write": may_train(user, row.product_id), "excuse": ExcuseForm(),
    }  # fmt: skip
    return render(request, "docs_portal/course_people.html", context)


@login_required
@require_POST
@once_only
def course_remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind everybody it waits for."""
    user, row = edited(request, pk)

    def act() -> str:
        many = actions.remind_course(row, acting_user=user, now=timezone.now())
        return ngettext("%(n)s person is reminded", "%(n)s people are reminded", many) % {"n": many}

    return done(request, act, "course_people", pk)


@login_required
@require_POST
@once_only
def enrolment_excuse(request: HttpRequest, pk: int) -> HttpResponse:
    """This person need not take it."""
    user = signed_in(request)
    enrolment = get_object_or_404(Enrolment.objects.select_related("course", "user"), pk=pk)
    access.get_course_for_edit(user, enrolment.course_id, today(timezone.now()))
    reason = request.POST.get("reason", "").replace("\x00", "")

    def act() -> str:
        actions.excuse_from_course(enrolment, reason, acting_user=user, now=timezone.now())
        return _("%(name)s is excused") % {"name": enrolment.user.name}

    return done(request, act, "course_people", enrolment.course_id)
