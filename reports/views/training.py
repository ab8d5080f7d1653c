"""What training did, by form and by course."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import signed_in
from accounts.models import User
from docs_portal.access import people_of_course
from docs_portal.models import Course
from reports.access import scope_of
from reports.choices import THIN
from reports.policies.training import FEWEST, PERIOD_DAYS, WINDOW, training_effect

COURSES_SHOWN = 100


@login_required
@require_GET
def training_effects(request: HttpRequest) -> HttpResponse:
    """Reach, hours, tickets per person before and after; of the rows in the reader's scope."""
    user = signed_in(request)
    scope = scope_of(user)
    today = timezone.localdate()
    forms, courses = training_effect(scope, today)
    readable = {one.course.pk for one in courses if one.course and _may_list(user, one.course)}
    context = {
        "forms": forms, "courses": courses[:COURSES_SHOWN], "today": today, "thin": THIN,
        "fewest": FEWEST,
        "readable": readable, "days": PERIOD_DAYS, "window": WINDOW.days,
        "last_day": today - WINDOW,
    }  # fmt: skip
    return render(request, "reports/training_effects.html", context)


def _may_list(user: User, course: Course) -> bool:
    """Whether the person sees who takes a course."""
    try:
        people_of_course(user, course)
    except PermissionDenied:
        return False
    return True
