"""What the clock sees to in training: each step finds for itself what is due."""

from __future__ import annotations

import datetime as dt

from docs_portal.actions.completing import settle_reading
from docs_portal.actions.courses import follow_course_content
from docs_portal.actions.enrolling import enrol_audience, remind_due, run_training_rules
from docs_portal.actions.sessions import remind_sessions
from docs_portal.choices import CourseStatus
from docs_portal.models import CourseAssignment


def follow_training(now: dt.datetime) -> int:
    """Renew courses whose pages changed, settle what was read, enrol who came to an audience and
    whom a rule finds, remind. Returns how many things were done.
    """
    done = settle_reading(now)
    done += follow_course_content(now)
    active = CourseAssignment.objects.filter(
        is_active=True, course__status=CourseStatus.PUBLISHED
    ).order_by("pk")
    for pk in active.values_list("pk", flat=True):
        done += enrol_audience(pk, now=now)
    return done + run_training_rules(now) + remind_due(now) + remind_sessions(now)
