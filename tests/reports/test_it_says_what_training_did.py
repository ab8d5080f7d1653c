"""Reach, hours, tickets per person before and after, beside people who were not trained yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actions import PersonDraft, create_person
from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from docs_portal import actions
from docs_portal.actions import AssignmentDraft, CourseDraft, SessionDraft
from docs_portal.choices import CourseForm
from docs_portal.models import Course
from docs_portal.policies.training import code_at
from opsdesk.demo.cast import Cast
from reports.access import scope_of
from reports.policies.training import Effect, training_effect
from tests.docs_portal.videos import mp4
from tickets import actions as tickets
from tickets.actions import TicketDraft

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
Clients = Any


def by(user: User, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": user, "now": now}


def ask(cast: Cast, who: User, now: dt.datetime, *, product: str = "crm") -> Any:
    draft = TicketDraft(cast.products[product], f"怎么填？{now:%m%d%H}")
    return tickets.submit_ticket(draft, **by(who, now))


def held(cast: Cast, now: dt.datetime, *, days: int, people: list[User]) -> Course:
    """A course on site, assigned on `now`, attended by some `days` later."""
    row = actions.create_course(
        CourseDraft("拜访实操", CourseForm.ON_SITE, product=cast.products["crm"]),
        **by(cast.linzhixia, now),
    )
    row = actions.publish_course(row, **by(cast.linzhixia, now))
    asked = actions.assign_course(
        row, AssignmentDraft(departments=[cast.departments["sales"]]), **by(cast.linzhixia, now)
    )
    actions.enrol_audience(asked.pk, now=now)
    begins = now + days * DAY
    session = actions.plan_session(
        row, SessionDraft(begins, begins + 3 * HOUR, "三楼"), **by(cast.linzhixia, now)
    )
    for person in people:
        actions.check_in(code_at(session.secret, begins), **by(person, begins))
    return row


def row_of(rows: list[Effect], label: str) -> Effect:
    return next(row for row in rows if row.form == label or row.label == label)


def test_before_and_after_beside_those_not_trained_yet(cast: Cast, now: dt.datetime) -> None:
    """Worked by hand. 王珂 and Emma attend on day 0; 刘洋 was asked as well and does not.

    In the 28 days before: 王珂 2, Emma 1, 刘洋 1; in the 28 after: 王珂 0, Emma 1, 刘洋 2.
    """
    assigned = now - 5 * DAY
    ask(cast, cast.zhaoyi, now - 60 * DAY)
    held(cast, assigned, days=5, people=[cast.wangke, cast.emma])
    for who, day in (
        (cast.wangke, -28), (cast.wangke, -1), (cast.emma, -10), (cast.liuyang, -3),
        (cast.emma, 1), (cast.liuyang, 5), (cast.liuyang, 28),
        # Outside the windows, or on the day itself.
        (cast.wangke, -29), (cast.wangke, 0), (cast.emma, 29),
    ):  # fmt: skip
        ask(cast, who, now + day * DAY + HOUR)
    ask(cast, cast.wangke, now + 3 * DAY, product="erp")
    hidden = ask(cast, cast.wangke, now + 3 * DAY + HOUR)
    tickets.edit_ticket(hidden, {"confidential": True}, **by(cast.gaoyuan, now + 3 * DAY + HOUR))

    scope = scope_of(cast.gaoyuan)
    forms, courses = training_effect(scope, (now + 29 * DAY).date())
    effect = row_of(forms, CourseForm.ON_SITE)
    assert (effect.reached, effect.wanted, effect.hours) == (2, 3, 6.0)
    assert effect.trained is not None
    assert (effect.trained.people, effect.trained.before, effect.trained.after) == (2, 1.5, 0.5)
    assert effect.others is not None
    assert (effect.others.people, effect.others.before, effect.others.after) == (1, 1, 2)
    assert effect.difference == -2
    assert effect.is_thin
    assert not effect.trained.is_shown
    assert row_of(courses, "拜访实操").trained == effect.trained
    assert row_of(forms, CourseForm.LIVE).trained is None

    # A window that is not over is not half counted, though the reach is.
    forms, _courses = training_effect(scope, (now + 28 * DAY).date())
    effect = row_of(forms, CourseForm.ON_SITE)
    assert (effect.reached, effect.trained) == (2, None)


def test_a_window_that_begins_before_the_first_ticket_is_left_out(
    cast: Cast, now: dt.datetime
) -> None:
    ask(cast, cast.wangke, now - 10 * DAY)
    held(cast, now - 5 * DAY, days=5, people=[cast.wangke])
    forms, _courses = training_effect(scope_of(cast.gaoyuan), (now + 40 * DAY).date())
    effect = row_of(forms, CourseForm.ON_SITE)
    assert (effect.reached, effect.trained) == (1, None)


def test_hours_follow_the_form(cast: Cast, now: dt.datetime) -> None:
    row = actions.create_course(
        CourseDraft("一段视频", CourseForm.VIDEO, product=cast.products["crm"]),
        **by(cast.linzhixia, now),
    )
    files = [SimpleUploadedFile("一.mp4", mp4(7200))]
    video = actions.add_course_videos(row, files, **by(cast.linzhixia, now))[0]
    actions.publish_course(row, **by(cast.linzhixia, now))
    video.refresh_from_db()
    actions.join_course(video.course, **by(cast.wangke, now))
    actions.record_course_watched(video, [], **by(cast.wangke, now))
    later = now + 2 * HOUR
    actions.record_course_watched(video, [(0.0, 6480.0)], **by(cast.wangke, later))
    forms, _courses = training_effect(scope_of(cast.gaoyuan), later.date())
    assert row_of(forms, CourseForm.VIDEO).hours == pytest.approx(1.8)


def test_readers_see_what_is_in_their_scope_and_no_figure_on_one_person(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    ask(cast, cast.zhaoyi, now - 60 * DAY)
    held(cast, now - 5 * DAY, days=5, people=[cast.wangke, cast.emma])
    department = cast.departments["south"]
    south = create_person(
        PersonDraft(
            username="south", name="方南", email="south@yuanhe.example", department=department,
            position=cast.positions["sales_director"], password_hash=cast.wangke.password,
        ),
        **by(cast.admin, now),
    )  # fmt: skip
    grant_role(south, PermissionRole.MANAGER, department=department, **by(cast.admin, now))
    forms, _courses = training_effect(scope_of(south), (now + 40 * DAY).date())
    assert row_of(forms, CourseForm.ON_SITE).reached == 1
    page = client_of(cast.gaoyuan).get("/reports/training/")
    assert page.status_code == 200
    assert "样本不足" in page.content.decode()
    assert client_of(cast.wangke).get("/reports/training/").status_code == 403
