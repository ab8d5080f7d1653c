"""Who is to take a course: joined by themselves, assigned, or found by a rule; and who is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from catalog.models import ProductRole
from core import events, outbox
from core.changes import checked_text
from core.errors import BadInput, NotAllowed, Problem
from docs_portal.access import assigned_people, recipient_of
from docs_portal.actions.courses import (
    check_audience,
    enrol_later,
    require_status,
    require_training,
)
from docs_portal.choices import CourseStatus, EnrolmentSource
from docs_portal.errors import RemindedToday, WrongStatus
from docs_portal.models import Course, CourseAssignment, Enrolment, TrainingRule
from docs_portal.policies.training import may_train, reminder_day
from docs_portal.policies.troubles import all_troubles
from docs_portal.rendering.training import hits_of

#: People enrolled in one transaction.
BATCH = 500
DUE_DAYS_MAX, RULE_DAYS_MAX, TIMES_MAX = 365, 365, 100
#: Who completed it before has this long when its content changed.
AGAIN_DAYS = 14


@dataclass(frozen=True)
class AssignmentDraft:
    """Whom a course is asked of, by when: on a day, or so many days after they are enrolled."""

    roles: Sequence[ProductRole] = ()
    departments: Sequence[Department] = ()
    people: Sequence[User] = ()
    due_on: dt.date | None = None
    due_days: int | None = None


@dataclass(frozen=True)
class RuleDraft:
    """When a course is assigned by itself."""

    trouble: str
    threshold: int = 3
    days: int = 30
    due_days: int = 14


def join_course(course: Course, *, acting_user: User, now: dt.datetime) -> Enrolment:
    """The person takes a course by themselves; who was asked to has it already.

    Raises WrongStatus for one that is not out, NotAllowed for one that is not open to them.
    """
    require_status(course, CourseStatus.PUBLISHED)
    known = Enrolment.objects.filter(course=course, user=acting_user).first()
    if known is not None and known.ended_at is None:
        return known
    mine = recipient_of(acting_user, timezone.localdate(now))
    is_open = Course.objects.open_to(mine).filter(pk=course.pk).exists()
    if not is_open and not may_train(acting_user, course.product_id):
        raise NotAllowed(
            Problem("", _("This course is not open to you."), _("Ask for it to be assigned."))
        )
    fields = {"source": EnrolmentSource.JOINED, "ended_at": None, "due_on": None, "asked_at": now}
    enrolment, _is_new = Enrolment.objects.update_or_create(
        course=course, user=acting_user, defaults=fields,
        create_defaults={**fields, "enrolled_at": now},
    )  # fmt: skip
    return enrolment


def leave_course(course: Course, *, acting_user: User, now: dt.datetime) -> None:
    """Give up a course one joined by oneself. Raises WrongStatus for an assigned one."""
    enrolment = Enrolment.objects.filter(course=course, user=acting_user, ended_at=None).first()
    if enrolment is None:
        return
    if enrolment.source != EnrolmentSource.JOINED:
        raise WrongStatus(
            Problem("", _("This course is assigned to you."),
                    _("Ask whoever assigned it to excuse you."))
        )  # fmt: skip
    Enrolment.objects.filter(pk=enrolment.pk).update(ended_at=now)


def assign_course(
    course: Course, draft: AssignmentDraft, *, acting_user: User, now: dt.datetime
) -> CourseAssignment:
    """Ask it of roles, departments or persons; who comes to them later is asked as well.

    Raises BadInput for nobody at all or a day that is over, NotAllowed.
    """
    require_training(acting_user, course.product_id)
    row = CourseAssignment(
        course=course, role_ids=sorted(role.pk for role in draft.roles),
        department_ids=sorted(one.pk for one in draft.departments),
        user_ids=sorted(person.pk for person in draft.people), due_on=draft.due_on,
        due_days=draft.due_days, author=acting_user, created_at=now,
    )  # fmt: skip
    _check_assignment(row, timezone.localdate(now))
    with transaction.atomic():
        locked = events.lock(Course, course.pk)
        require_status(locked, CourseStatus.DRAFT, CourseStatus.PUBLISHED)
        events.create(row, "assign", actor_id=acting_user.pk, now=now)
        if locked.status == CourseStatus.PUBLISHED:
            enrol_later(row.pk, row.version, now)
    return row


def _check_assignment(row: CourseAssignment, today: dt.date) -> None:
    wanted = {name: getattr(row, name) for name in ("role_ids", "department_ids", "user_ids")}
    problems = check_audience(wanted)
    if not any(wanted.values()):
        problems.append(
            Problem("roles", _("Nobody is chosen."),
                    _("Choose roles, departments or people; the top department is everybody."))
        )  # fmt: skip
    if row.due_on is not None and row.due_days is not None:
        problems.append(
            Problem("due_days", _("Give a day or a number of days, not both."),
                    _("Leave one of them empty."), str(row.due_days))
        )  # fmt: skip
    if row.due_on is not None and row.due_on < today:
        problems.append(
            Problem("due_on", _("This day is over."), _("Choose today or later."), str(row.due_on))
        )
    if row.due_days is not None and not 1 <= row.due_days <= DUE_DAYS_MAX:
        problems.append(_out_of_range("due_days", row.due_days, DUE_DAYS_MAX))
    if problems:
        raise BadInput(*problems)


def _out_of_range(field: str, value: int, most: int) -> Problem:
    return Problem(
        field, _("This number is out of range."), _("Give 1 to %(most)s.") % {"most": most},
        str(value),
    )  # fmt: skip


def end_assignment(
    assignment: CourseAssignment, *, acting_user: User, now: dt.datetime
) -> CourseAssignment:
    """Ask it of nobody any more; who has not completed it need not. Raises NotAllowed."""
    require_training(acting_user, assignment.course.product_id)
    with transaction.atomic():
        row = events.lock(CourseAssignment, assignment.pk)
        if row.is_active:
            events.change(row, "end", actor_id=acting_user.pk, now=now, fields={"is_active": False})
            Enrolment.objects.filter(assignment=row, completed_at=None, ended_at=None).update(
                ended_at=now
            )
            outbox.withdraw(f"assignment:{row.pk}:", now=now)
    return row


def enrol_audience(assignment_id: int, *, now: dt.datetime) -> int:
    """Enrol everybody an assignment is for and was not; end it for who left. Returns how many
    were newly asked.
    """
    row = CourseAssignment.objects.select_related("course").filter(pk=assignment_id).first()
    if row is None or not row.is_active or row.course.status != CourseStatus.PUBLISHED:
        return 0
    today = timezone.localdate(now)
    wanted = assigned_people(row, today)
    mine = Enrolment.objects.filter(assignment=row)
    mine.filter(completed_at=None, ended_at=None).exclude(user_id__in=wanted).update(ended_at=now)
    known = set(mine.filter(ended_at=None).values_list("user_id", flat=True))
    asked = 0
    left = sorted(wanted - known)
    for start in range(0, len(left), BATCH):
        with transaction.atomic():
            for user_id in left[start : start + BATCH]:
                asked += _ask(row, user_id, row.due_for(today), now)
    return asked


def _ask(row: CourseAssignment, user_id: int, due_on: dt.date | None, now: dt.datetime) -> bool:
    """Whether the person is asked who was not before."""
    enrolment, is_new = Enrolment.objects.select_for_update(of=("self",)).get_or_create(
        course_id=row.course_id, user_id=user_id,
        defaults={
            "source": EnrolmentSource.ASSIGNED, "assignment": row, "due_on": due_on,
            "enrolled_at": now, "asked_at": now,
        },
    )  # fmt: skip
    if not is_new:
        asked_already = enrolment.ended_at is None and enrolment.source != EnrolmentSource.JOINED
        days = [day for day in (enrolment.due_on, due_on) if day is not None]
        if asked_already:
            # Asked twice: the earlier day holds, and whoever asked first stays named.
            Enrolment.objects.filter(pk=enrolment.pk).update(due_on=min(days, default=None))
            return False
        enrolment.source, enrolment.assignment = EnrolmentSource.ASSIGNED, row
        enrolment.due_on, enrolment.ended_at, enrolment.asked_at = due_on, None, now
        enrolment.save(update_fields=["source", "assignment", "due_on", "ended_at", "asked_at"])
        if enrolment.completed_version == row.course.content_version or enrolment.excused_at:
            return False
    tell_course(
        row.course, [user_id], "training.assigned", f"assignment:{row.pk}:told", now,
        due_on=due_on,
    )  # fmt: skip
    return True


def ask_again(course_id: int, content_version: int, *, now: dt.datetime) -> int:
    """The content changed: who completed an earlier version and has to know it is asked anew.

    Who had joined by themselves is told without a day. Returns how many were told.
    """
    course = Course.objects.filter(pk=course_id, status=CourseStatus.PUBLISHED).first()
    if course is None or course.content_version != content_version:
        return 0
    behind = Enrolment.objects.waiting().filter(
        course=course, completed_version__isnull=False, asked_at__lt=now
    )
    due_on = timezone.localdate(now) + dt.timedelta(days=AGAIN_DAYS)
    told = 0
    for source, day in (
        (EnrolmentSource.JOINED, None), (EnrolmentSource.ASSIGNED, due_on),
        (EnrolmentSource.RULE, due_on),
    ):  # fmt: skip
        with transaction.atomic():
            rows = behind.filter(source=source)
            people = sorted(rows.values_list("user_id", flat=True))
            rows.update(asked_at=now, due_on=day, reminded_at=None)
            tell_course(
                course, people, "training.renewed", f"course:{course.pk}:again:{content_version}",
                now, due_on=day,
            )  # fmt: skip
            told += len(people)
    return told


def create_training_rule(
    course: Course, draft: RuleDraft, *, acting_user: User, now: dt.datetime
) -> TrainingRule:
    """A rule that is off. Raises BadInput, NotAllowed."""
    require_training(acting_user, course.product_id)
    row = TrainingRule(
        course=course, trouble=draft.trouble, threshold=draft.threshold, days=draft.days,
        due_days=draft.due_days, author=acting_user, created_at=now,
    )  # fmt: skip
    check_rule(draft)
    events.create(row, "create", actor_id=acting_user.pk, now=now)
    return row


def edit_training_rule(
    rule: TrainingRule,
    draft: RuleDraft,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> TrainingRule:
    """Other numbers; who was assigned by the old ones stays. Raises BadInput, StaleWrite."""
    require_training(acting_user, rule.course.product_id)
    check_rule(draft)
    fields = {
        "trouble": draft.trouble, "threshold": draft.threshold, "days": draft.days,
        "due_days": draft.due_days,
    }  # fmt: skip
    with transaction.atomic():
        row = events.lock(TrainingRule, rule.pk)
        events.check_unchanged(row, seen_version, fields)
        events.change(row, "edit", actor_id=acting_user.pk, now=now, fields=fields)
    return row


def switch_training_rule(
    rule: TrainingRule, is_active: bool, *, acting_user: User, now: dt.datetime
) -> TrainingRule:
    """On: it assigns from now on, within minutes. Off: who was assigned stays so."""
    require_training(acting_user, rule.course.product_id)
    with transaction.atomic():
        row = events.lock(TrainingRule, rule.pk)
        events.change(
            row, "switch", actor_id=acting_user.pk, now=now, fields={"is_active": is_active}
        )
    return row


def check_rule(draft: RuleDraft) -> None:
    """Raises BadInput naming each number that is out of range, or an unknown trouble."""
    problems = [
        _out_of_range(name, value, most)
        for name, value, most in (
            ("threshold", draft.threshold, TIMES_MAX), ("days", draft.days, RULE_DAYS_MAX),
            ("due_days", draft.due_days, DUE_DAYS_MAX),
        )
        if not 1 <= value <= most
    ]  # fmt: skip
    known = all_troubles()
    if draft.trouble not in known:
        problems.append(
            Problem("trouble", _("There is no such one."),
                    ", ".join(str(trouble.label) for trouble in known.values()), draft.trouble)
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)


def run_training_rules(now: dt.datetime) -> int:
    """Assign what the active rules ask for. Returns how many people were newly asked."""
    rules = TrainingRule.objects.filter(is_active=True, course__status=CourseStatus.PUBLISHED)
    return sum(_run(rule, now) for rule in rules.select_related("course").order_by("pk"))


def _run(rule: TrainingRule, now: dt.datetime) -> int:
    hits = [hit for hit in hits_of(rule, now) if hit.would_be_asked]
    if not hits:
        return 0
    today = timezone.localdate(now)
    due_on = today + dt.timedelta(days=rule.due_days)
    with transaction.atomic():
        row = events.lock(TrainingRule, rule.pk)
        asked = []
        for hit in hits:
            enrolment, is_new = Enrolment.objects.get_or_create(
                course=rule.course, user=hit.person,
                defaults={
                    "source": EnrolmentSource.RULE, "rule": row, "times": hit.times,
                    "due_on": due_on, "enrolled_at": now, "asked_at": now,
                },
            )  # fmt: skip
            if not is_new:
                Enrolment.objects.filter(pk=enrolment.pk).update(
                    source=EnrolmentSource.RULE, rule=row, times=hit.times, due_on=due_on,
                    ended_at=None, asked_at=now,
                )  # fmt: skip
            asked.append(hit.person.pk)
        events.change(row, "assign", actor_id=None, now=now, data={"people": len(asked)})
        tell_course(
            rule.course, asked, "training.assigned", f"rule:{row.pk}:told:{row.version}", now,
            due_on=due_on,
        )  # fmt: skip
    return len(asked)


def excuse_from_course(
    enrolment: Enrolment, reason: str, *, acting_user: User, now: dt.datetime
) -> None:
    """The person need not take it, for a reason that is kept. Raises BadInput, NotAllowed."""
    require_training(acting_user, enrolment.course.product_id)
    reason = checked_text("reason", reason, maximum=200)
    with transaction.atomic():
        row = events.lock(Course, enrolment.course_id)
        Enrolment.objects.filter(pk=enrolment.pk).update(
            excused_at=now, excused_by=acting_user, excuse=reason
        )
        events.change(
            row, "excuse", actor_id=acting_user.pk, now=now, data={"user_id": enrolment.user_id}
        )


def remind_course(course: Course, *, acting_user: User, now: dt.datetime) -> int:
    """Remind everybody it waits for: once a day. Returns how many. Raises RemindedToday."""
    require_training(acting_user, course.product_id)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        row = events.lock(Course, course.pk)
        require_status(row, CourseStatus.PUBLISHED)
        waiting = Enrolment.objects.waiting().filter(course=row)
        fresh = waiting.filter(Q(reminded_at=None) | Q(reminded_at__lt=midnight))
        people = sorted(fresh.values_list("user_id", flat=True))
        if not people and waiting.exists():
            raise RemindedToday(
                Problem("", _("They were reminded today."), _("Remind them again tomorrow."))
            )
        _remind(row, people, f"course:{row.pk}:reminded:{timezone.localdate(now)}", now)
        events.change(row, "remind", actor_id=acting_user.pk, now=now, data={"people": len(people)})
    return len(people)


def remind_due(now: dt.datetime) -> int:
    """Reminders that go out by themselves: three days before, on the day, weekly after."""
    today = timezone.localdate(now)
    soon = today + dt.timedelta(days=7)
    rows = Enrolment.objects.waiting().filter(due_on__lte=soon).select_related("course")
    wanted: dict[tuple[int, dt.date], list[Enrolment]] = {}
    for row in rows.order_by("course_id", "user_id"):
        day = reminder_day(row.due_on or today, today)
        last = [at for at in (row.reminded_at, row.asked_at) if at is not None]
        if day is not None and all(timezone.localdate(at) < day for at in last):
            wanted.setdefault((row.course_id, day), []).append(row)
    for (pk, day), found in wanted.items():
        with transaction.atomic():
            people = [row.user_id for row in found]
            _remind(found[0].course, people, f"course:{pk}:due:{day}", now)
    return sum(len(found) for found in wanted.values())


def _remind(course: Course, people: Collection[int], key: str, now: dt.datetime) -> None:
    rows = Enrolment.objects.filter(course=course, user_id__in=people)
    for user_id, due_on in list(rows.values_list("user_id", "due_on")):
        tell_course(course, [user_id], "training.reminded", key, now, due_on=due_on)
    rows.update(reminded_at=now)


def tell_course(
    course: Course,
    people: Iterable[int],
    kind: str,
    key: str,
    now: dt.datetime,
    *,
    due_on: dt.date | None = None,
) -> None:
    """A notice that leads to the course, one to each."""
    params = {
        "course": course.pk, "title": course.title,
        "due_on": due_on.isoformat() if due_on is not None else "",
    }  # fmt: skip
    for user_id in people:
        outbox.notify(
            user_id, kind, params, key=key, now=now, subject=Course.SUBJECT, subject_id=course.pk
        )
