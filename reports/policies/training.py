"""What training did: reach, hours, and tickets per person before and after, by form and course.

Trained are compared with people who were asked to take the same course by then and had not
completed it when the windows of the trained were over, in the same weeks. That is a comparison,
not a proof: who finds time for a course may differ from who does not.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from docs_portal.choices import CourseForm, CourseStatus
from docs_portal.models import Completion, Course, Enrolment
from reports.choices import THIN
from reports.policies.people import people_by_product
from tickets.models import Ticket

if TYPE_CHECKING:
    from reports.access import ReportScope

#: Days before and after the day of completion; that day itself counts for neither.
WINDOW = dt.timedelta(days=28)
#: Completions of the last so many days are looked at.
PERIOD_DAYS = 365
#: Fewer people than this are not averaged: a mean of one is a figure on a person.
FEWEST = 5
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Compared:
    """Tickets per person in the two windows. `people` are distinct."""

    people: int
    before: float
    after: float

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def is_shown(self) -> bool:
        """Whether there are enough people for a mean that says nothing about one of them."""
        return self.people >= FEWEST


@dataclass
class Effect:
    """One row of the page: a form, or a course of it."""

    label: str
    form: str
    course: Course | None = None
    asked: set[tuple[int, int]] = field(default_factory=set)
    completed: set[tuple[int, int]] = field(default_factory=set)
    seconds: int = 0
    trained: Compared | None = None
    others: Compared | None = None

    @property
    def reached(self) -> int:
        """Distinct people who completed one of its courses in the period."""
        return len({person for _course, person in self.completed})

    @property
    def wanted(self) -> int:
        """Distinct people who were asked, or joined."""
        return len({person for _course, person in self.asked | self.completed})

    @property
    def hours(self) -> float:
        return self.seconds / 3600

    @property
    def is_thin(self) -> bool:
        """Too few people to say anything: on either side fewer than twenty."""
        return min(_people(self.trained), _people(self.others)) < THIN

    @property
    def difference(self) -> float | None:
        """How much more the trained changed than the others; None without both."""
        if self.trained is None or self.others is None:
            return None
        return self.trained.change - self.others.change


def _people(compared: Compared | None) -> int:
    return compared.people if compared is not None else 0


@dataclass(frozen=True)
class _Trained:
    """A first completion whose windows are both over."""

    course: Course
    user_id: int
    day: dt.date


#: Person and product (None: any) → the days of their tickets, in order.
Days = Mapping[tuple[int, int | None], Sequence[dt.date]]


def training_effect(scope: ReportScope, today: dt.date) -> tuple[list[Effect], list[Effect]]:
    """The effect of each form and of each course in scope, up to `today` (seven queries).

    Courses about no product count tickets of every product. Confidential tickets are not counted.
    """
    courses = _courses(scope)
    people = people_by_product(scope, {course.product_id for course in courses.values()})
    allowed = {pk: people[course.product_id] for pk, course in courses.items()}
    first_day = today - dt.timedelta(days=PERIOD_DAYS)
    first, rows = _completions(courses, allowed)
    asked = _asked(courses, allowed)
    by_course = {pk: Effect(course.title, course.form, course) for pk, course in courses.items()}
    for course_id, user_id in asked:
        by_course[course_id].asked.add((course_id, user_id))
    for course_id, user_id, day, seconds in rows:
        if day >= first_day:
            by_course[course_id].completed.add((course_id, user_id))
            by_course[course_id].seconds += seconds
    begun = _first_ticket()
    trained = [
        _Trained(courses[course_id], user_id, day)
        for (course_id, user_id), day in first.items()
        if first_day <= day < today - WINDOW and begun is not None and begun <= day - WINDOW
    ]
    days = _ticket_days(courses.values(), {user for _course, user in {*first, *asked}}, first_day)
    for effect in by_course.values():
        _compare(
            effect, [one for one in trained if one.course == effect.course], first, asked, days
        )
    return _by_form(by_course.values(), trained, first, asked, days), sorted(
        by_course.values(), key=lambda effect: (-effect.reached, effect.label)
    )


def _by_form(
    effects: Iterable[Effect],
    trained: list[_Trained],
    first: Mapping[tuple[int, int], dt.date],
    asked: Mapping[tuple[int, int], dt.date],
    days: Days,
) -> list[Effect]:
    found = {str(form): Effect(str(form.label), str(form)) for form in CourseForm}
    for effect in effects:
        whole = found[effect.form]
        whole.asked |= effect.asked
        whole.completed |= effect.completed
        whole.seconds += effect.seconds
    for form, whole in found.items():
        _compare(whole, [one for one in trained if one.course.form == form], first, asked, days)
    return list(found.values())


def _courses(scope: ReportScope) -> dict[int, Course]:
    rows = Course.objects.exclude(status=CourseStatus.DRAFT).select_related("product")
    if all(part.product_id is not None for part in scope.parts):
        rows = rows.filter(product_id__in=scope.product_ids)
    return {course.pk: course for course in rows}


def _completions(
    courses: Collection[int], allowed: Mapping[int, set[int] | None]
) -> tuple[dict[tuple[int, int], dt.date], list[tuple[int, int, dt.date, int]]]:
    """The day of each person's first completion of each course, and every completion."""
    first: dict[tuple[int, int], dt.date] = {}
    rows = []
    found = Completion.objects.filter(course__in=courses).order_by("completed_at", "pk")
    for course, user, at, seconds in found.values_list(
        "course_id", "user_id", "completed_at", "seconds"
    ):
        people = allowed[course]
        if people is None or user in people:
            day = timezone.localdate(at)
            first.setdefault((course, user), day)
            rows.append((course, user, day, seconds))
    return first, rows


def _asked(
    courses: Collection[int], allowed: Mapping[int, set[int] | None]
) -> dict[tuple[int, int], dt.date]:
    """Since when each person is to take each course; who is excused is no comparison."""
    found = {}
    rows = Enrolment.objects.filter(course__in=courses, excused_at=None)
    for course, user, at in rows.values_list("course_id", "user_id", "enrolled_at"):
        people = allowed[course]
        if people is None or user in people:
            found[course, user] = timezone.localdate(at)
    return found


def _ticket_days(courses: Iterable[Course], people: Collection[int], first_day: dt.date) -> Days:
    products = {course.product_id for course in courses}
    rows = Ticket.objects.filter(
        requester__in=people, confidential=False,
        submitted_at__gte=timezone.make_aware(
            dt.datetime.combine(first_day - WINDOW, dt.time.min)
        ),
    )  # fmt: skip
    if None not in products:
        rows = rows.filter(product__in=products)
    found: dict[tuple[int, int | None], list[dt.date]] = {}
    columns = rows.order_by("submitted_at").values_list(
        "requester_id", "product_id", "submitted_at"
    )
    for user, product, at in columns.iterator(chunk_size=5000):
        day = timezone.localdate(at)
        found.setdefault((user, product), []).append(day)
        if None in products:
            found.setdefault((user, None), []).append(day)
    return found


def _first_ticket() -> dt.date | None:
    """Since when tickets are here at all: a window that begins before would be half counted."""
    first = Ticket.objects.order_by("submitted_at").values_list("submitted_at", flat=True).first()
    return timezone.localdate(first) if first is not None else None


def _within(days: Sequence[dt.date], start: dt.date, stop: dt.date) -> int:
    """How many of the ordered days are from `start` to `stop`, both included."""
    return bisect_right(days, stop) - bisect_left(days, start)


def _two(days: Days, user: int, product: int | None, day: dt.date) -> tuple[int, int]:
    """Tickets in the window before `day` and in the one after it."""
    mine = days.get((user, product), ())
    return _within(mine, day - WINDOW, day - _DAY), _within(mine, day + _DAY, day + WINDOW)


def _compare(
    effect: Effect,
    trained: Sequence[_Trained],
    first: Mapping[tuple[int, int], dt.date],
    asked: Mapping[tuple[int, int], dt.date],
    days: Days,
) -> None:
    """Fill both sides of the comparison; a side without anybody stays None."""
    if not trained:
        return
    counts = [_two(days, one.user_id, one.course.product_id, one.day) for one in trained]
    effect.trained = _mean(counts, {one.user_id for one in trained})
    known: dict[tuple[int, dt.date], tuple[float, float] | None] = {}
    met: set[int] = set()
    sides = []
    for one in trained:
        key = (one.course.pk, one.day)
        if key not in known:
            others = _not_yet(one, first, asked)
            met |= others
            two = [_two(days, user, one.course.product_id, one.day) for user in others]
            known[key] = _average(two)
        if (side := known[key]) is not None:
            sides.append(side)
    if sides:
        # Weighted as the trained are: each day counts as often as somebody completed on it.
        before, after = (sum(side[i] for side in sides) / len(sides) for i in (0, 1))
        effect.others = Compared(len(met), before, after)


def _not_yet(
    one: _Trained,
    first: Mapping[tuple[int, int], dt.date],
    asked: Mapping[tuple[int, int], dt.date],
) -> set[int]:
    """Asked to take the same course by that day, and not done with it when the window was over."""
    course = one.course.pk
    return {
        user
        for (pk, user), since in asked.items()
        if pk == course
        and since <= one.day
        and first.get((course, user), dt.date.max) > one.day + WINDOW
    }


def _average(two: Sequence[tuple[int, int]]) -> tuple[float, float] | None:
    if not two:
        return None
    return sum(b for b, _a in two) / len(two), sum(a for _b, a in two) / len(two)


def _mean(counts: Sequence[tuple[int, int]], people: set[int]) -> Compared | None:
    average = _average(counts)
    return None if average is None else Compared(len(people), *average)
