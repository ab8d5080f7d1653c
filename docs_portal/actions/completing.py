"""What proves that somebody completed a course: pages read, videos watched, sessions attended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from core import events
from docs_portal.choices import CourseForm, CourseStatus, EnrolmentSource
from docs_portal.models import (
    Completion,
    Course,
    CourseSession,
    CourseVideo,
    CourseWatch,
    Enrolment,
    PageRead,
)
from docs_portal.policies.watching import Stretch, joined, require_possible, seconds_in
from docs_portal.rendering.training import progress_of

#: Enrolments looked at in one run of the clock; the rest waits for the next.
SETTLED_AT_ONCE = 2000


def settle_course(course: Course, *, acting_user: User, now: dt.datetime) -> Completion | None:
    """Write down that the person completed the present content version, if what they did proves
    it: every page of theirs read in its material version, or every video watched.

    Returns the completion, None while something is missing. Attendance settles when checking in.
    """
    if course.status != CourseStatus.PUBLISHED:
        return None
    progress = progress_of(course, acting_user, timezone.localdate(now))
    if not progress.is_complete:
        return None
    return _complete(course, acting_user.pk, progress.evidence, progress.seconds, now)


def settle_reading(now: dt.datetime) -> int:
    """The same for everybody who read a page of a document course since it was last looked at.

    Returns how many completed one.
    """
    reads = PageRead.objects.filter(user=OuterRef("user"), page__courses__course=OuterRef("course"))
    waiting = Enrolment.objects.waiting().filter(
        Exists(reads) & Q(checked_at=None)
        | Exists(reads.filter(last_at__gt=OuterRef("checked_at"))),
        course__form=CourseForm.DOCUMENT,
    )
    rows = waiting.select_related("course", "user").order_by("pk")[:SETTLED_AT_ONCE]
    completed = 0
    for row in rows:
        done = settle_course(row.course, acting_user=row.user, now=now)
        completed += done is not None
        Enrolment.objects.filter(pk=row.pk).update(checked_at=now)
    return completed


def record_course_watched(
    video: CourseVideo, parts: Sequence[Stretch], *, acting_user: User, now: dt.datetime
) -> CourseWatch:
    """Add the seconds a player says it played to what was watched before; settle the course.

    An empty report starts the clock that later ones are held against. Raises BadInput for more
    than can have been watched since.
    """
    with transaction.atomic():
        CourseWatch.objects.get_or_create(
            video=video, user=acting_user, defaults={"first_at": now, "last_at": now}
        )
        rows = CourseWatch.objects.select_for_update(of=("self",), no_key=True)
        watch = rows.get(video=video, user=acting_user)
        known: list[Stretch] = [(start, stop) for start, stop in watch.parts]
        after = joined([*known, *parts], video.seconds)
        require_possible(known, after, watch.first_at, now)
        watch.parts, watch.seconds = [list(part) for part in after], seconds_in(after)
        watch.last_at = now
        watch.save(update_fields=["parts", "seconds", "last_at"])
    settle_course(video.course, acting_user=acting_user, now=now)
    return watch


def complete_by_session(session: CourseSession, people: Sequence[int], *, now: dt.datetime) -> None:
    """Who was there completed the course as it is now (called by checking in)."""
    course = Course.objects.get(pk=session.course_id)
    seconds = int((session.ends_at - session.starts_at).total_seconds())
    for user_id in people:
        _complete(course, user_id, {"session": session.pk}, seconds, now)


def _complete(
    course: Course, user_id: int, evidence: dict[str, Any], seconds: int, now: dt.datetime
) -> Completion:
    with transaction.atomic():
        # The course's row is what two windows wait for; its version names what was completed.
        row = events.lock(Course, course.pk)
        done, is_new = Completion.objects.get_or_create(
            course=row, user_id=user_id, content_version=row.content_version,
            defaults={"completed_at": now, "evidence": evidence, "seconds": seconds},
        )  # fmt: skip
        enrolment, _was_new = Enrolment.objects.get_or_create(
            course=row, user_id=user_id,
            defaults={"source": EnrolmentSource.JOINED, "enrolled_at": now, "asked_at": now},
        )  # fmt: skip
        if is_new or enrolment.completed_version is None:
            Enrolment.objects.filter(pk=enrolment.pk).update(
                completed_at=done.completed_at, completed_version=done.content_version
            )
    return done
