"""Training: what the asking person is to take, how far they are, seats, checking in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import ONCE, Endpoint, now, parsed, person, responses
from accounts.models import User
from docs_portal import access, actions
from docs_portal.api import training_shapes as shapes
from docs_portal.choices import WITH_SESSIONS
from docs_portal.models import Course, CourseSession, Enrolment
from docs_portal.policies.watching import checked_report
from docs_portal.rendering.training import (
    SHOWN,
    enrolments_shown,
    length_of,
    progress_of,
    session_lines,
)

F = TypeVar("F", bound=Callable[..., object])

#: People of a course in one answer.
PEOPLE_MAX = 500
SHOW = OpenApiParameter(
    "show", OpenApiTypes.STR, OpenApiParameter.QUERY, required=False, enum=SHOWN,
    description="Whom to list; `waiting` unless said.",
)  # fmt: skip


def _seen(request: Request, pk: int) -> tuple[User, Course, dt.datetime]:
    user, at = person(request), now()
    return user, access.get_course_for_view(user, pk, timezone.localdate(at)), at


def _course(user: User, row: Course, at: dt.datetime) -> dict[str, Any]:
    """A course as this person has it before them, read anew."""
    day = timezone.localdate(at)
    sessions = row.sessions.filter(ends_at__gt=at, is_cancelled=False).select_related("trainer")
    return {
        "course": row,
        "minutes": length_of(row),
        "mine": Enrolment.objects.filter(course=row, user=user, ended_at=None).first(),
        "progress": progress_of(row, user, day),
        "sessions": session_lines(sessions, user) if row.form in WITH_SESSIONS else [],
    }


class TrainingList(Endpoint):
    @extend_schema(
        operation_id="training_list",
        summary="List what the asking person has to do with training",
        description=f"Courses they are asked to take (nearest day first), seats to come, what they "
        f"completed, and what is open to them; at most {access.TRAINING_SHOWN} of each.",
        responses=responses({200: shapes.MyTrainingSerializer}),
    )
    def get(self, request: Request) -> Response:
        user, at = person(request), now()
        mine = access.training_of(user, at, timezone.localdate(at))
        return Response(shapes.MyTrainingSerializer(mine).data)


class CourseDetail(Endpoint):
    @extend_schema(
        operation_id="training_read",
        summary="Read a course and how far the asking person is with it",
        description="Steps of a document or video course, sessions to come of one that is held. "
        "404 for a course that is neither open to them, nor asked of them, nor theirs to write.",
        responses=responses({200: shapes.CourseSerializer}, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.CourseSerializer(_course(*_seen(request, pk))).data)


def _session(request: Request, pk: int) -> tuple[User, CourseSession, dt.datetime]:
    user, at = person(request), now()
    return user, access.get_session_for_view(user, pk, timezone.localdate(at)), at


def _turn(name: str, summary: str, description: str) -> Callable[[F], F]:
    """The schema of an act on a course or session: nothing is sent, the course comes back."""
    return extend_schema(
        operation_id=f"training_{name}",
        summary=summary,
        description=description,
        parameters=[ONCE],
        request=None,
        responses=responses({200: shapes.CourseSerializer}, 404, 409),
    )


def _acted(
    endpoint: Endpoint,
    action: Callable[..., object],
    user: User,
    row: Course | CourseSession,
    at: dt.datetime,
) -> Response:
    """Do it once; the course as it is now."""

    def once() -> Response:
        action(row, acting_user=user, now=at)
        course = row.course if isinstance(row, CourseSession) else row
        return Response(shapes.CourseSerializer(_course(user, course, at)).data)

    return endpoint.act_once(once)


class CourseJoin(Endpoint):
    @_turn(
        "join",
        "Take a course by oneself",
        "Who takes it already goes on with it. 409 where it is not published.",
    )
    def post(self, request: Request, pk: int) -> Response:
        return _acted(self, actions.join_course, *_seen(request, pk))


class CourseLeave(Endpoint):
    @_turn("leave", "Give up a course that was joined by oneself", "409 where it was assigned.")
    def post(self, request: Request, pk: int) -> Response:
        return _acted(self, actions.leave_course, *_seen(request, pk))


class SessionBook(Endpoint):
    @_turn(
        "book",
        "Book a seat in a session",
        "A place on the waiting list where every seat is taken: `state` says which. "
        "409 for a session that has begun or is cancelled.",
    )
    def post(self, request: Request, pk: int) -> Response:
        return _acted(self, actions.book_seat, *_session(request, pk))


class SessionGiveUp(Endpoint):
    @_turn(
        "give_up",
        "Give up a seat",
        "Whoever waits longest gets it. 409 for a session that has begun.",
    )
    def post(self, request: Request, pk: int) -> Response:
        return _acted(self, actions.give_up_seat, *_session(request, pk))


class CheckIn(Endpoint):
    @extend_schema(
        operation_id="training_check_in",
        summary="Check in by the code on the screen",
        description="Proves the course. 409 for a code that no session shows now.",
        parameters=[ONCE],
        request=shapes.CheckInShape,
        responses=responses({200: shapes.SeatSerializer}, 400, 409),
    )
    def post(self, request: Request) -> Response:
        user, at = person(request), now()
        code = parsed(shapes.CheckInShape, request)["code"]

        def act() -> Response:
            seat = actions.check_in(code, acting_user=user, now=at)
            return Response(shapes.SeatSerializer(seat).data)

        return self.act_once(act)


class CourseWatched(Endpoint):
    @extend_schema(
        operation_id="training_watched",
        summary="Say which parts of a course's video were played",
        description="An empty list starts the clock that later reports are held against: 400 for "
        "more than can have been watched since. What is sent again counts once.",
        parameters=[ONCE],
        request=shapes.WatchedShape,
        responses=responses({200: shapes.WatchedSerializer}, 400, 404),
    )
    def post(self, request: Request, pk: int) -> Response:
        user, at = person(request), now()
        video = access.get_course_video(user, pk, timezone.localdate(at))
        parts = checked_report(parsed(shapes.WatchedShape, request)["parts"])

        def act() -> Response:
            watch = actions.record_course_watched(video, parts, acting_user=user, now=at)
            return Response(shapes.WatchedSerializer(watch).data)

        return self.act_once(act)


class CoursePeople(Endpoint):
    @extend_schema(
        operation_id="training_people",
        summary="List who was asked to take a course, and how far they are",
        description=f"For who writes it, and for managers of the people. At most {PEOPLE_MAX}, the "
        "nearest day first; `counts` are of everybody.",
        parameters=[SHOW],
        responses=responses({200: shapes.CoursePeopleSerializer}, 400, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        user, at = person(request), now()
        asked = shapes.ShowShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        row = access.get_course_for_people(user, pk)
        rows = enrolments_shown(row, access.people_of_course(user, row), timezone.localdate(at))
        chosen = rows[asked.validated_data["show"]].select_related("user", "course")
        body = {
            "counts": {name: found.count() for name, found in rows.items()},
            "results": chosen.order_by("due_on", "user__name", "pk")[:PEOPLE_MAX],
        }
        return Response(shapes.CoursePeopleSerializer(body).data)
