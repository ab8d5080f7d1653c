"""Courses of the demo company in all four forms, and how far its people came with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib import resources
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from docs_portal import actions
from docs_portal.actions import AssignmentDraft, CourseDraft, RuleDraft, SessionDraft
from docs_portal.choices import CourseForm
from docs_portal.models import Course, CourseSession, Page
from docs_portal.policies.training import code_at
from opsdesk.demo.play import Play, Story, at

HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)

_VISITS = (
    "读完这几页，就会按自己的角色写、补和审拜访记录。\n\n"
    "- 代表：填写、照片与附件\n- 主管：审阅、退回补充"
)
_EXPENSES = "看完填报销单的三步，省得被退回。"
_MONTH_END = "在培训室里跟着真实账套走一遍月末结账，带上自己的电脑。"
_MOBILE = "直播演示手机审批、转签和批量审批，最后留半小时答疑。"


def tell_training(play: Play, monday: dt.date) -> None:
    """From the first Monday on: written, assigned, attended, and one session still to come."""
    play.tell(_training, at(monday, 0, "10:20"))


@dataclass(frozen=True)
class _School:
    """沈奕 writes the courses."""

    play: Play

    def by(self, person: User) -> dict[str, Any]:
        return {"acting_user": person, "now": self.play.now}

    @property
    def writer(self) -> dict[str, Any]:
        return self.by(self.play.cast.shenyi)

    def course(self, title: str, form: str, product: str, about: str, **more: Any) -> Course:
        draft = CourseDraft(title, form, about, self.play.cast.products[product], **more)
        return actions.create_course(draft, **self.writer)

    def publish(self, course: Course) -> Course:
        return actions.publish_course(course, **self.writer)

    def read(self, course: Course, person: User) -> None:
        """The person opens every page of theirs."""
        day = timezone.localdate(self.play.now)
        pages = Page.objects.readable_by(person, day).filter(courses__course=course)
        for page in pages:
            actions.record_read(page, **self.by(person))
        actions.settle_course(course, **self.by(person))


def _training(play: Play) -> Story:
    cast, school = play.cast, _School(play)
    reading = _document(school)
    watching = _video(school)
    month_end, held = _month_end(school)
    for who in ("zhaoyi", "emma", "liuyang"):
        actions.book_seat(held, **school.by(cast.people[who]))
    yield play.now + 2 * DAY
    school.read(reading, cast.liuyang)
    _watch(school, watching, cast.zhaoyi, 0.0, 1.0)
    yield held.starts_at + dt.timedelta(minutes=2)
    for who in ("zhaoyi", "emma"):
        code = code_at(held.secret, play.now)
        actions.check_in(code, **school.by(cast.people[who]))
    yield play.now + 2 * WEEK
    school.read(reading, cast.emma)
    _watch(school, watching, cast.liuyang, 0.0, 0.6)
    yield max(play.now, play.until - 3 * DAY)
    _coming(school, month_end)


def _document(school: _School) -> Course:
    cast = school.play.cast
    course = school.course(
        "拜访记录：按角色读三页", CourseForm.DOCUMENT, "crm", _VISITS, minutes=15
    )
    pages = Page.objects.published().filter(
        manual__product=cast.products["crm"], module=cast.modules["visits"]
    )
    ordered = list(pages.select_related("manual__product").order_by("position", "pk"))
    actions.set_course_pages(course, ordered, **school.writer)
    course = school.publish(course)
    everybody = AssignmentDraft(departments=[cast.departments["sales"]], due_days=49)
    actions.assign_course(course, everybody, **school.writer)
    rule = actions.create_training_rule(
        course, RuleDraft("ticket_asked", threshold=3, days=30, due_days=10), **school.writer
    )
    actions.switch_training_rule(rule, True, **school.writer)
    return course


def _video(school: _School) -> Course:
    course = school.course("报销单三步上手", CourseForm.VIDEO, "erp", _EXPENSES)
    file = resources.files("opsdesk.demo") / "texts" / "expense-form.webm"
    upload = SimpleUploadedFile("填报销单.webm", file.read_bytes(), "video/webm")
    actions.add_course_videos(course, [upload], **school.writer)
    return school.publish(course)


def _watch(school: _School, course: Course, person: User, start: float, stop: float) -> None:
    """The player of the person reports a part of each video, as shares of its length."""
    actions.join_course(course, **school.by(person))
    for video in course.videos.select_related("course"):
        part = (start * video.seconds, stop * video.seconds)
        actions.record_course_watched(video, [part], **school.by(person))


def _month_end(school: _School) -> tuple[Course, CourseSession]:
    """On site; held once in the second week."""
    cast = school.play.cast
    course = school.course("月末结账实操", CourseForm.ON_SITE, "erp", _MONTH_END)
    course = school.publish(course)
    begins = at(timezone.localdate(school.play.now), 9, "14:00")
    draft = SessionDraft(begins, begins + 2 * HOUR, "总部三楼培训室", seats=12, trainer=cast.shenyi)
    return course, actions.plan_session(course, draft, **school.writer)


def _coming(school: _School, month_end: Course) -> None:
    """What is still to come: a session with a waiting list, and one that is live."""
    cast = school.play.cast
    begins = at(timezone.localdate(school.play.until), 6, "14:00")
    small = SessionDraft(begins, begins + 2 * HOUR, "总部三楼培训室", seats=1, trainer=cast.shenyi)
    session = actions.plan_session(month_end, small, **school.writer)
    for who in ("wangke", "liuyang"):
        actions.book_seat(session, **school.by(cast.people[who]))
    live = school.publish(school.course("移动审批直播答疑", CourseForm.LIVE, "approval", _MOBILE))
    online = SessionDraft(
        begins + DAY, begins + DAY + HOUR, link="https://meeting.example.com/mobile-approval",
        trainer=cast.linzhixia,
    )  # fmt: skip
    actions.plan_session(live, online, **school.writer)
    actions.assign_course(
        live, AssignmentDraft(roles=[cast.roles["approval_approver"]], due_days=21), **school.writer
    )
