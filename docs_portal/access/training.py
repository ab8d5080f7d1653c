"""Doors to courses, their sessions and people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Department, User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from docs_portal.access.audiences import audience_of, recipient_of
from docs_portal.choices import CourseStatus, SeatState
from docs_portal.models import (
    Completion,
    Course,
    CourseAssignment,
    CourseSession,
    CourseVideo,
    Enrolment,
    Page,
    Seat,
)
from docs_portal.policies.training import may_train

#: Newest or nearest courses of each kind that one answer shows.
SHOWN = 100


@dataclass(frozen=True)
class MyTraining:
    """What one person has to do with courses: asked of them, seats to come, done, open to them."""

    waiting: list[Enrolment]
    seats: list[Seat]
    completed: list[Completion]
    offered: list[Course]


def training_of(user: User, now: dt.datetime, day: dt.date) -> MyTraining:
    """At most SHOWN of each, the most urgent first (four queries and the person's roles)."""
    rows = Enrolment.objects.filter(user=user, ended_at=None).select_related("course__product")
    offered = Course.objects.open_to(recipient_of(user, day)).exclude(
        pk__in=rows.values("course_id")
    )
    seats = Seat.objects.filter(
        user=user, session__ends_at__gt=now, session__is_cancelled=False,
        state__in=(SeatState.BOOKED, SeatState.WAITING),
    ).select_related("session__course")  # fmt: skip
    completed = Completion.objects.filter(user=user).select_related("course__product")
    return MyTraining(
        list(rows.waiting().order_by("due_on", "pk")[:SHOWN]),
        list(seats.order_by("session__starts_at")[:SHOWN]),
        list(completed[:SHOWN]),
        list(offered.select_related("product")[:SHOWN]),
    )


def material_numbers(pks: Collection[int]) -> dict[int, int]:
    """For each published page the number of the revision whose meaning stands (one query)."""
    pages = Page.objects.published().filter(pk__in=list(pks))
    return {
        pk: max(number or 0, 0)
        for pk, number in pages.values_list("pk", "material_revision__number")
    }


def assigned_people(assignment: CourseAssignment, day: dt.date) -> set[int]:
    """Ids of everybody an assignment asks on `day`: of its roles and departments, and by name."""
    found: set[int] = set()
    if assignment.role_ids or assignment.department_ids:
        found = audience_of((), assignment.role_ids, assignment.department_ids, day)
    if assignment.user_ids:
        named = User.objects.working_here().filter(pk__in=assignment.user_ids)
        found |= set(named.values_list("pk", flat=True))
    return found


def get_course_for_view(user: User, pk: int, day: dt.date) -> Course:
    """A course that is open to the person, was asked of them, or is theirs to write. Raises
    Http404."""
    seen = Course.objects.visible_to(user, recipient_of(user, day))
    course: Course = get_object_or_404(seen.select_related("product", "author"), pk=pk)
    return course


def get_course_for_edit(user: User, pk: int, day: dt.date) -> Course:
    """A course this person writes. Raises Http404 or PermissionDenied."""
    course = get_course_for_view(user, pk, day)
    if not may_train(user, course.product_id):
        raise PermissionDenied
    return course


def people_of_course(user: User, course: Course) -> QuerySet[User]:
    """Whose way through a course this person sees: of everybody, who writes it; of their
    departments, its managers. Raises PermissionDenied for others."""
    if may_train(user, course.product_id):
        return User.objects.all()
    scopes = rights_of(user).scopes.get(PermissionRole.MANAGER, ())
    paths = [one.department_path for one in scopes if one.product_id in (None, course.product_id)]
    if not paths:
        raise PermissionDenied
    if "" in paths:
        return User.objects.all()
    inside = Q(pk__in=[])
    for path in paths:
        inside |= Q(path__startswith=path)
    return User.objects.filter(department__in=Department.objects.filter(inside))


def get_course_for_people(user: User, pk: int) -> Course:
    """A course that is out, or written by the person, for who may see people on it.

    Raises Http404 or PermissionDenied (people_of_course)."""
    courses = Course.objects.select_related("product", "author")
    course: Course = get_object_or_404(courses, pk=pk)
    if course.status == CourseStatus.DRAFT and not may_train(user, course.product_id):
        raise Http404
    return course


def get_course_video(user: User, pk: int, day: dt.date) -> CourseVideo:
    """A video of a course the person may see. Raises Http404."""
    videos = CourseVideo.objects.select_related("file", "course__product")
    video: CourseVideo = get_object_or_404(videos, pk=pk)
    get_course_for_view(user, video.course_id, day)
    return video


def get_session_for_view(user: User, pk: int, day: dt.date) -> CourseSession:
    """A session of a course the person may see. Raises Http404."""
    sessions = CourseSession.objects.select_related("course__product", "trainer")
    session: CourseSession = get_object_or_404(sessions, pk=pk)
    get_course_for_view(user, session.course_id, day)
    return session


def get_session_for_edit(user: User, pk: int, day: dt.date) -> CourseSession:
    """A session this person holds or writes the course of. Raises Http404 or PermissionDenied."""
    sessions = CourseSession.objects.select_related("course__product", "trainer")
    session: CourseSession = get_object_or_404(sessions, pk=pk)
    if session.trainer_id == user.pk and session.course.status != CourseStatus.DRAFT:
        return session
    get_course_for_edit(user, session.course_id, day)
    return session
