"""How far somebody is with a course, whom a rule would hit, and how a course goes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse

from accounts.models import Department, User
from catalog.models import ProductRole
from docs_portal.access import material_numbers
from docs_portal.choices import CourseForm, CourseStatus, SeatState
from docs_portal.models import (
    Course,
    CourseAssignment,
    CourseSession,
    CourseVideo,
    CourseWatch,
    Enrolment,
    Page,
    PageRead,
    Seat,
    TrainingRule,
)
from docs_portal.policies.troubles import all_troubles
from docs_portal.policies.watching import is_watched


@dataclass(frozen=True)
class Step:
    """One thing a course asks for: a page to read, a video to watch."""

    label: str
    url: str
    done: bool
    #: Seconds watched and in all; None where it is read.
    seconds: float | None = None
    length: float | None = None
    video: CourseVideo | None = None
    parts: Sequence[Sequence[float]] = ()

    @property
    def percent(self) -> int:
        return min(100, int(100 * (self.seconds or 0) / self.length)) if self.length else 0


@dataclass(frozen=True)
class Progress:
    """What of a course somebody has done, as its evidence says."""

    steps: list[Step]
    evidence: dict[str, Any] = field(default_factory=dict)
    seconds: int = 0
    #: Pages of it that are for other product roles: nobody is asked to read those.
    for_others: int = 0

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def is_complete(self) -> bool:
        return bool(self.steps) and all(step.done for step in self.steps)


def progress_of(course: Course, user: User, day: dt.date) -> Progress:
    """Pages read in their material version, or videos watched (at most five queries).

    Courses held in sessions have no steps: checking in is their evidence.
    """
    if course.form == CourseForm.DOCUMENT:
        return _reading(course, user, day)
    if course.form == CourseForm.VIDEO:
        return _watching(course, user)
    return Progress([])


def _reading(course: Course, user: User, day: dt.date) -> Progress:
    places = dict(course.pages.values_list("page_id", "position"))
    readable = Page.objects.readable_by(user, day).filter(pk__in=places)
    pages = sorted(readable.select_related("manual__product"), key=lambda page: places[page.pk])
    material = material_numbers([page.pk for page in pages])
    read: dict[int, int] = {}
    rows = PageRead.objects.filter(user=user, page__in=pages)
    for page_id, number in rows.values_list("page_id", "revision__number"):
        read[page_id] = max(number, read.get(page_id, 0))
    steps = [
        Step(
            page.title, reverse("page", args=[page.manual.product.code, page.slug]),
            read.get(page.pk, -1) >= material.get(page.pk, 0),
        )
        for page in pages
    ]  # fmt: skip
    evidence = {"pages": [[page.pk, read[page.pk]] for page in pages if page.pk in read]}
    return Progress(steps, evidence, course.minutes * 60, len(places) - len(pages))


def _watching(course: Course, user: User) -> Progress:
    videos = list(course.videos.select_related("file"))
    watches = CourseWatch.objects.filter(video__in=videos, user=user)
    watched = {watch.video_id: watch for watch in watches}
    steps, total = [], 0.0
    for video in videos:
        watch = watched.get(video.pk)
        seconds = watch.seconds if watch is not None else 0.0
        total += seconds
        steps.append(
            Step(
                video.name, reverse("course_video", args=[video.pk, video.name]),
                is_watched(seconds, video.seconds), seconds, video.seconds, video,
                watch.parts if watch is not None else (),
            )
        )  # fmt: skip
    evidence = {"videos": [[video.pk, round(watched[video.pk].seconds, 1)] for video in videos
                           if video.pk in watched]}  # fmt: skip
    return Progress(steps, evidence, round(total))


@dataclass(frozen=True)
class Hit:
    """A person a rule would hit: how often it happened, what about, and what they have already."""

    person: User
    times: int
    refs: list[str]
    enrolment: Enrolment | None

    @property
    def would_be_asked(self) -> bool:
        """Not asked already, not excused, and not trained in what the course teaches now."""
        row = self.enrolment
        if row is None:
            return True
        if row.excused_at is not None or row.completed_version == row.course.content_version:
            return False
        return row.ended_at is not None or row.source == "joined"


def hits_of(rule: TrainingRule, now: dt.datetime) -> list[Hit]:
    """Everybody it happened to often enough in the days before `now`, most often first.

    Works for a rule that is not saved, too. Only people who work here (three queries besides what
    the trouble's own counter asks).
    """
    trouble = all_troubles().get(rule.trouble)
    if trouble is None:
        return []
    course = rule.course
    happened = trouble.happened(course.product_id, now - dt.timedelta(days=rule.days), now)
    times = Counter(one.user_id for one in happened)
    often = [pk for pk, count in times.items() if count >= rule.threshold]
    people = User.objects.working_here().filter(pk__in=often).select_related("department")
    rows = Enrolment.objects.filter(course=course, user__in=often).select_related("course")
    known = {row.user_id: row for row in rows}
    refs: dict[int, list[str]] = {}
    for one in happened:
        refs.setdefault(one.user_id, []).append(one.ref)
    found = [Hit(one, times[one.pk], refs[one.pk], known.get(one.pk)) for one in people]
    return sorted(found, key=lambda hit: (-hit.times, hit.person.name, hit.person.pk))


#: What the people page can show, in its order.
SHOWN = ("asked", "completed", "waiting", "overdue", "excused")


def enrolments_shown(course: Course, people: QuerySet[User], day: dt.date) -> dict[str, Any]:
    """The rows behind each figure of a course's people, as querysets: a figure is their count."""
    rows = Enrolment.objects.filter(course=course, user__in=people)
    return {
        "asked": rows.standing(),
        "completed": rows.filter(ended_at=None).done(),
        "waiting": rows.waiting(),
        "overdue": rows.overdue(day),
        "excused": rows.filter(ended_at=None, excused_at__isnull=False),
    }


def counts_of(courses: Iterable[Course], day: dt.date) -> dict[int, dict[str, int]]:
    """For each course how many were asked, completed its present version, are overdue (1 query)."""
    pks = [course.pk for course in courses]
    behind = Q(completed_version=None) | Q(completed_version__lt=F("course__content_version"))
    rows = (
        Enrolment.objects.filter(course__in=pks, ended_at=None)
        .values("course_id")
        .annotate(
            asked=Count("pk", filter=Q(excused_at=None)),
            completed=Count("pk", filter=Q(completed_version__gte=F("course__content_version"))),
            overdue=Count(
                "pk",
                filter=Q(behind, excused_at=None, due_on__lt=day)
                & Q(course__status=CourseStatus.PUBLISHED),
            ),
        )
    )
    return {
        row["course_id"]: {name: row[name] for name in ("asked", "completed", "overdue")}
        for row in rows
    }


@dataclass(frozen=True)
class SessionLine:
    """A session as one person sees it."""

    session: CourseSession
    seat: Seat | None
    booked: int
    waiting: int

    @property
    def free(self) -> int | None:
        seats = self.session.seats
        return None if seats is None else max(seats - self.booked, 0)

    @property
    def state(self) -> str:
        """ "here", "booked", "waiting", or "" without a seat."""
        if self.seat is None or self.seat.state == SeatState.GIVEN_UP:
            return ""
        return "here" if self.seat.checked_in_at is not None else self.seat.state


def session_lines(sessions: Iterable[CourseSession], user: User) -> list[SessionLine]:
    """Sessions with who is in them and the person's own seat (two queries)."""
    found = list(sessions)
    seats = Seat.objects.filter(session__in=found)
    mine = {seat.session_id: seat for seat in seats.filter(user=user)}
    counts: dict[int, dict[str, int]] = {}
    for row in seats.values("session_id", "state").annotate(n=Count("pk")):
        counts.setdefault(row["session_id"], {})[row["state"]] = row["n"]
    return [
        SessionLine(
            one, mine.get(one.pk), counts.get(one.pk, {}).get(SeatState.BOOKED, 0),
            counts.get(one.pk, {}).get(SeatState.WAITING, 0),
        )
        for one in found
    ]  # fmt: skip


def length_of(course: Course) -> int:
    """Minutes a course takes: of its text, of its videos, or of its next session (one query)."""
    if course.form == CourseForm.DOCUMENT:
        return course.minutes
    if course.form == CourseForm.VIDEO:
        total = course.videos.aggregate(total=Sum("seconds"))["total"] or 0
        return max(round(total / 60), 1) if total else 0
    session = course.sessions.filter(is_cancelled=False).order_by("-starts_at").first()
    return round((session.ends_at - session.starts_at).total_seconds() / 60) if session else 0


def calendar_file(session: CourseSession, url: str, now: dt.datetime, *, with_link: bool) -> bytes:
    """The session for a calendar program; sent again after a change it replaces what was there.

    `with_link`: with the address people join by, for who has a seat or holds the session.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415  (only this needs it)

    event = Event()
    event.add("uid", f"session-{session.pk}@opsdesk")
    event.add("sequence", session.version)
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", session.starts_at.astimezone(dt.UTC))
    event.add("dtend", session.ends_at.astimezone(dt.UTC))
    event.add("summary", session.course.title)
    link = session.link if with_link else ""
    event.add("location", session.place or link)
    event.add("description", "\n".join(part for part in (link, url) if part))
    event.add("url", url)
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//OpsDesk//training//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


@dataclass(frozen=True)
class AssignmentLine:
    """An assignment in words: whom, by when, how many of them it asks now."""

    row: CourseAssignment
    whom: list[str]
    people: int


def assignment_lines(course: Course, day: dt.date) -> list[AssignmentLine]:
    """The active assignments of a course, newest first."""
    rows = list(course.assignments.filter(is_active=True))
    roles = {
        role.pk: f"{role.product} · {role.name}"
        for role in ProductRole.objects.filter(
            pk__in={pk for row in rows for pk in row.role_ids}
        ).select_related("product")
    }
    wanted = {pk for row in rows for pk in row.department_ids}
    departments = dict(Department.objects.filter(pk__in=wanted).values_list("pk", "name"))
    people = {pk for row in rows for pk in row.user_ids}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    asked = dict(
        Enrolment.objects.filter(assignment__in=rows, ended_at=None)
        .values_list("assignment_id")
        .annotate(n=Count("pk"))
    )
    return [
        AssignmentLine(
            row,
            [
                *(roles[pk] for pk in row.role_ids if pk in roles),
                *(departments[pk] for pk in row.department_ids if pk in departments),
                *(names[pk] for pk in row.user_ids if pk in names),
            ],
            asked.get(row.pk, 0),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class RuleLine:
    """A rule with the words of its trouble and how many people it asked."""

    row: TrainingRule
    label: str
    people: int


def rule_lines(course: Course) -> list[RuleLine]:
    """The rules of a course (one query)."""
    known = all_troubles()
    return [
        RuleLine(
            row, str(known[row.trouble].label) if row.trouble in known else row.trouble, row.asked
        )
        for row in course.rules.annotate(asked=Count("enrolments"))
    ]
