"""Training (培训): courses in four forms, who is to take them, sessions, and what proves them."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from core.models import Recorded, StoredFile
from docs_portal.choices import CourseForm, CourseStatus, EnrolmentSource, SeatState
from docs_portal.models.manuals import Page
from docs_portal.querysets import CourseQuerySet, EnrolmentQuerySet

USER = settings.AUTH_USER_MODEL


def _ids() -> ArrayField[list[int], list[int]]:
    return ArrayField(models.IntegerField(), default=list, blank=True)


class Course(Recorded):
    """One course (课程). Whoever writes the product's manual writes it.

    Open ones may be taken by people of one of `department_ids` (or below; none: every department)
    who hold one of `role_ids` (none: whatever their role). Others only by whom it is assigned to.
    """

    SUBJECT: ClassVar[str] = "course"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "title", "about", "product_id", "form", "status", "minutes", "content_version",
        "is_open", "role_ids", "department_ids",
    )  # fmt: skip

    title = models.CharField(_("title"), max_length=120)
    about = models.TextField(_("what one learns"), blank=True, default="")
    #: Whose manual's writers write it; null: about no product in particular.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="courses"
    )
    form = models.CharField(_("form"), max_length=8, choices=CourseForm.choices)
    status = models.CharField(
        max_length=9, choices=CourseStatus.choices, default=CourseStatus.DRAFT
    )
    #: What reading it takes; videos and sessions have lengths of their own.
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=10)
    #: Grows with each material change of what is taught; a completion names the one it proves.
    content_version = models.PositiveIntegerField(default=1)
    is_open = models.BooleanField(_("people may join by themselves"), default=True)
    role_ids = _ids()
    department_ids = _ids()
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["product", "status"], name="course_of_product"),
        ]

    def __str__(self) -> str:
        return self.title


class CoursePage(models.Model):
    """A page that a document course asks to be read.

    `material` is the number of the page's newest material revision that the course's content
    version stands for.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="pages")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="courses")
    position = models.PositiveSmallIntegerField(default=0)
    material = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["course", "page"], name="course_page_once")]

    def __str__(self) -> str:
        return f"{self.course_id} reads {self.page_id}"


class CourseVideo(models.Model):
    """A video of a video course; `seconds` is what its file says of its length."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="videos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    seconds = models.FloatField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["course", "file"], name="course_video_once")]

    def __str__(self) -> str:
        return self.name


class CourseWatch(models.Model):
    """What one person watched of a course's video: joined parts and how many seconds together."""

    video = models.ForeignKey(CourseVideo, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    parts = ArrayField(ArrayField(models.FloatField(), size=2), default=list)
    seconds = models.FloatField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "user"], name="course_watch_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watched {self.seconds:.0f} s of {self.video_id}"


class CourseAssignment(Recorded):
    """A course asked of people: of roles, departments, both, or of named persons.

    Due on a day, or so many days after each person was enrolled (newcomers, too). Without either
    nobody is late.
    """

    SUBJECT: ClassVar[str] = "course_assignment"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "course_id", "role_ids", "department_ids", "user_ids", "due_on", "due_days", "is_active",
    )  # fmt: skip

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="assignments")
    role_ids = _ids()
    department_ids = _ids()
    user_ids = _ids()
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_days = models.PositiveSmallIntegerField(_("days to do it"), null=True, blank=True)
    is_active = models.BooleanField(default=True)
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["course"], name="assignment_active", condition=Q(is_active=True))
        ]

    def __str__(self) -> str:
        return f"{self.course_id} to {self.role_ids}{self.department_ids}{self.user_ids}"

    def due_for(self, day: dt.date) -> dt.date | None:
        """When somebody who is enrolled on `day` has to be done."""
        if self.due_days is not None:
            return day + dt.timedelta(days=self.due_days)
        return self.due_on


class TrainingRule(Recorded):
    """Assigns a course by itself to people the same trouble happens to again and again.

    `trouble` names a kind of trouble that an upper app counts (docs_portal.troubles): at least
    `threshold` times in `days` days.
    """

    SUBJECT: ClassVar[str] = "training_rule"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "course_id", "trouble", "threshold", "days", "due_days", "is_active",
    )  # fmt: skip

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="rules")
    trouble = models.CharField(_("when this happens"), max_length=40)
    threshold = models.PositiveSmallIntegerField(_("times"), default=3)
    days = models.PositiveSmallIntegerField(_("within days"), default=30)
    due_days = models.PositiveSmallIntegerField(_("days to do it"), default=14)
    is_active = models.BooleanField(default=False)
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=1, days__gte=1, due_days__gte=1),
                name="training_rule_positive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.trouble} ≥ {self.threshold} in {self.days} d"


class Enrolment(models.Model):
    """One person and one course: how they came to it, by when, how far. No event: whoever asked
    it of them has one (the assignment, the rule), and what they did has its own rows.

    `completed_version` is the newest content version they completed; the course asks again when
    it is behind. `ended_at`: nobody asks it of them any more. `excused_at`: they need not.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrolments")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="enrolments")
    source = models.CharField(max_length=8, choices=EnrolmentSource.choices)
    assignment = models.ForeignKey(
        CourseAssignment, on_delete=models.PROTECT, null=True, related_name="enrolments"
    )
    rule = models.ForeignKey(
        TrainingRule, on_delete=models.PROTECT, null=True, related_name="enrolments"
    )
    #: How often the rule's trouble had happened.
    times = models.PositiveIntegerField(null=True)
    due_on = models.DateField(null=True)
    enrolled_at = models.DateTimeField()
    #: When it was last asked for: when enrolled, or when its content changed.
    asked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    completed_version = models.PositiveIntegerField(null=True)
    #: When what they read was last held against the course's pages.
    checked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    excused_at = models.DateTimeField(null=True)
    excused_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    excuse = models.CharField(max_length=200, blank=True, default="")

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "user"], name="enrolment_once")]
        indexes = [
            models.Index(fields=["user"], name="enrolment_of_person"),
            models.Index(
                fields=["due_on"], name="enrolment_due", condition=Q(ended_at=None, excused_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} takes {self.course_id}"


class Completion(models.Model):
    """A person completed a content version of a course; never changed, kept when it changes.

    `evidence`: pages with the revision read, videos with the seconds watched, or the session.
    `seconds`: the time it took, by the course's form.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="completions")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    content_version = models.PositiveIntegerField()
    completed_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-completed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "user", "content_version"], name="completion_once"
            )
        ]
        indexes = [models.Index(fields=["user"], name="completion_of_person")]

    def __str__(self) -> str:
        return f"{self.user_id} completed {self.course_id} v{self.content_version}"


class CourseSession(Recorded):
    """A time and place at which a live or on-site course is held (场次). Seats null: no limit."""

    SUBJECT: ClassVar[str] = "course_session"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "course_id", "starts_at", "ends_at", "place", "link", "seats", "trainer_id",
        "is_cancelled",
    )  # fmt: skip

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=120, blank=True, default="")
    link = models.URLField(_("link"), max_length=500, blank=True, default="")
    seats = models.PositiveSmallIntegerField(_("seats"), null=True, blank=True)
    trainer = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_cancelled = models.BooleanField(default=False)
    #: What its check-in codes are made from; shown to nobody.
    secret = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["starts_at"], name="session_coming")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_not_backwards"
            )
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.starts_at:%Y-%m-%d %H:%M}"


class Seat(models.Model):
    """A person's place in a session, or on its waiting list, in the order of `asked_at`."""

    session = models.ForeignKey(CourseSession, on_delete=models.PROTECT, related_name="taken")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(max_length=8, choices=SeatState.choices)
    asked_at = models.DateTimeField()
    #: When they were there: by the code, or as the trainer says (`checked_in_by`).
    checked_in_at = models.DateTimeField(null=True)
    checked_in_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "user"], name="seat_once")]
        indexes = [models.Index(fields=["user"], name="seat_of_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"
