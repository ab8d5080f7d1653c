"""Courses asked of people, proved by evidence, asked again when they change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from catalog import actions as catalog_actions
from catalog.actions import except_role
from catalog.choices import ExceptionKind, PermissionRole
from core.errors import BadInput, NotAllowed
from docs_portal import actions
from docs_portal.actions import AssignmentDraft, CourseDraft, RuleDraft
from docs_portal.choices import CourseForm, CourseStatus, EnrolmentSource
from docs_portal.errors import NothingToLearn, RemindedToday, WrongStatus
from docs_portal.models import Completion, Enrolment, TrainingRule
from docs_portal.policies.training import reminder_day
from docs_portal.rendering.training import enrolments_shown, hits_of, progress_of
from opsdesk.demo.cast import Cast
from tests.docs_portal.courses import (
    DAY,
    HOUR,
    MINUTE,
    by,
    course,
    deliver,
    published_page,
    read,
    revise,
    told,
    waiting,
)
from tickets import actions as tickets
from tickets.actions import TicketDraft

pytestmark = pytest.mark.django_db
Clients = Any


def test_a_document_course_asks_each_for_the_pages_of_their_role(
    cast: Cast, now: dt.datetime
) -> None:
    """Read in the material version: a rewording keeps the completion, a change of meaning asks
    again and keeps what was proved."""
    common = published_page(cast, now, "拜访的总则")
    mine = published_page(cast, now, "代表怎么填", "crm_representative")
    others = published_page(cast, now, "主管怎么审", "crm_director")
    row = course(cast, now, CourseForm.DOCUMENT, minutes=20)
    with pytest.raises(NothingToLearn):
        actions.publish_course(row, **by(cast.linzhixia, now))
    actions.set_course_pages(row, [common, mine, others], **by(cast.linzhixia, now))
    row = actions.publish_course(row, **by(cast.linzhixia, now))
    actions.assign_course(
        row, AssignmentDraft(departments=[cast.departments["sales"]], due_days=7),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    deliver(now + MINUTE)
    assert told("training.assigned") == sorted((cast.wangke.pk, cast.liuyang.pk, cast.emma.pk))
    progress = progress_of(row, cast.liuyang, now.date())
    assert [step.label for step in progress.steps] == ["拜访的总则", "代表怎么填"]
    assert progress.for_others == 1

    read(common, cast.liuyang, now + HOUR)
    assert actions.settle_course(row, **by(cast.liuyang, now + HOUR)) is None
    read(mine, cast.liuyang, now + HOUR)
    assert actions.settle_reading(now + HOUR) == 1
    assert actions.settle_reading(now + HOUR) == 0
    done = Completion.objects.get(course=row)
    assert (done.user, done.content_version, done.seconds) == (cast.liuyang, 1, 1200)
    assert cast.liuyang.pk not in waiting(row)

    revise(cast, common, now + DAY, is_material=False)
    assert actions.follow_course_content(now + DAY) == 0
    revise(cast, mine, now + DAY, is_material=True)
    assert actions.follow_course_content(now + DAY) == 1
    assert actions.follow_course_content(now + DAY) == 0
    row.refresh_from_db()
    assert row.content_version == 2
    deliver(now + DAY)
    assert told("training.renewed") == [cast.liuyang.pk]
    assert cast.liuyang.pk in waiting(row)
    enrolment = Enrolment.objects.get(course=row, user=cast.liuyang)
    assert enrolment.due_on == (now + 15 * DAY).date()
    read(mine, cast.liuyang, now + 2 * DAY)
    actions.settle_reading(now + 2 * DAY)
    versions = Completion.objects.filter(user=cast.liuyang).values_list("content_version", "pk")
    assert dict(versions)[1] == done.pk
    assert set(dict(versions)) == {1, 2}


def test_who_has_no_page_of_it_is_never_done_by_doing_nothing(cast: Cast, now: dt.datetime) -> None:
    page = published_page(cast, now, "主管怎么审", "crm_director")
    row = course(cast, now, CourseForm.DOCUMENT)
    actions.set_course_pages(row, [page], **by(cast.linzhixia, now))
    row = actions.publish_course(row, **by(cast.linzhixia, now))
    actions.join_course(row, **by(cast.zhaoyi, now))
    assert actions.settle_course(row, **by(cast.zhaoyi, now)) is None
    # The role comes, and with it the page.
    role = cast.roles["crm_director"]
    except_role(cast.zhaoyi, role, ExceptionKind.ALSO, now.date(), None, **by(cast.admin, now))
    read(page, cast.zhaoyi, now)
    assert actions.settle_course(row, **by(cast.zhaoyi, now)) is not None


def test_an_assignment_follows_who_comes_and_goes(cast: Cast, now: dt.datetime) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    director = cast.roles["crm_director"]
    assignment = actions.assign_course(
        row, AssignmentDraft(roles=[director], people=[cast.hesiyuan], due_days=10),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    deliver(now)
    assert waiting(row) == {cast.wangke.pk, cast.hesiyuan.pk}
    later = now + 3 * DAY
    except_role(
        cast.zhaoyi, director, ExceptionKind.ALSO, later.date(), None, **by(cast.admin, later)
    )
    except_role(
        cast.wangke, director, ExceptionKind.NOT, later.date(), None, **by(cast.admin, later)
    )
    assert actions.enrol_audience(assignment.pk, now=later) == 1
    assert waiting(row) == {cast.zhaoyi.pk, cast.hesiyuan.pk}
    assert Enrolment.objects.get(user=cast.zhaoyi).due_on == (later + 10 * DAY).date()
    actions.end_assignment(assignment, **by(cast.linzhixia, later))
    assert waiting(row) == set()
    for nobody in (
        AssignmentDraft(),
        AssignmentDraft(people=[cast.emma], due_on=dt.date(2020, 1, 1)),
    ):
        with pytest.raises(BadInput):
            actions.assign_course(row, nobody, **by(cast.linzhixia, later))
    with pytest.raises(NotAllowed):
        actions.assign_course(row, AssignmentDraft(people=[cast.emma]), **by(cast.wangke, later))


def test_reminders_go_out_by_themselves_and_by_hand_once_a_day(
    cast: Cast, now: dt.datetime
) -> None:
    due = (now + 10 * DAY).date()
    days = [reminder_day(due, due + dt.timedelta(days=n)) for n in (-4, -3, -1, 0, 6, 7, 200)]
    week = dt.timedelta(weeks=1)
    assert days == [
        None, due - 3 * DAY, due - 3 * DAY, due, due, due + week, due + 4 * week,
    ]  # fmt: skip
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    actions.assign_course(
        row, AssignmentDraft(people=[cast.wangke, cast.emma], due_on=due), **by(cast.linzhixia, now)
    )
    deliver(now)
    sent = [actions.remind_due(now + n * DAY) for n in range(12)]
    assert sent == [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0]
    later = now + 12 * DAY
    assert actions.remind_course(row, **by(cast.linzhixia, later)) == 2
    with pytest.raises(RemindedToday):
        actions.remind_course(row, **by(cast.linzhixia, later + HOUR))
    enrolment = Enrolment.objects.get(user=cast.emma)
    actions.excuse_from_course(enrolment, "休产假", **by(cast.linzhixia, later))
    assert actions.remind_course(row, **by(cast.linzhixia, later + DAY)) == 1
    shown = enrolments_shown(row, User.objects.all(), later.date())
    assert {name: rows.count() for name, rows in shown.items()} == {
        "asked": 1, "completed": 0, "waiting": 1, "overdue": 1, "excused": 1,
    }  # fmt: skip


def reject(cast: Cast, person: User, now: dt.datetime, *, confidential: bool = False) -> Any:
    draft = TicketDraft(cast.products["crm"], "打不开")
    ticket = tickets.submit_ticket(draft, **by(person, now))
    if confidential:
        tickets.edit_ticket(ticket, {"confidential": True}, **by(cast.gaoyuan, now))
    return tickets.reject_ticket(ticket, "不是问题", **by(cast.linzhixia, now))


def test_a_rule_assigns_to_whom_it_keeps_happening(cast: Cast, now: dt.datetime) -> None:
    """What the preview shows is who is asked; taken-back, confidential and old ones count not."""
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    rule = actions.create_training_rule(
        row, RuleDraft("ticket_rejected", threshold=2, days=30, due_days=5),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    for day in (1, 2):
        reject(cast, cast.wangke, now + day * DAY)
    reject(cast, cast.emma, now - 40 * DAY)
    reject(cast, cast.emma, now + DAY)
    reject(cast, cast.liuyang, now + DAY)
    tickets.restore_ticket(
        reject(cast, cast.liuyang, now + DAY), **by(cast.linzhixia, now + 2 * DAY)
    )
    later = now + 3 * DAY
    hits = hits_of(rule, later)
    assert [(hit.person, hit.times, hit.would_be_asked) for hit in hits] == [(cast.wangke, 2, True)]
    assert actions.run_training_rules(later) == 0, "it is off"
    actions.switch_training_rule(rule, True, **by(cast.linzhixia, later))
    assert actions.run_training_rules(later) == 1
    assert actions.run_training_rules(later) == 0
    enrolment = Enrolment.objects.get(course=row)
    assert (enrolment.user, enrolment.source, enrolment.times, enrolment.due_on) == (
        cast.wangke, EnrolmentSource.RULE, 2, (later + 5 * DAY).date(),
    )  # fmt: skip
    assert not hits_of(rule, later)[0].would_be_asked
    deliver(later + MINUTE)
    assert told("training.assigned") == [cast.wangke.pk]
    for bad in (RuleDraft("no_such", 2, 30, 5), RuleDraft("ticket_rejected", 0, 30, 5)):
        with pytest.raises(BadInput):
            actions.create_training_rule(row, bad, **by(cast.linzhixia, now))


def test_a_declined_push_is_charged_to_who_pushed_and_named_to_managers_only(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    row = actions.publish_course(course(cast, now), **by(cast.linzhixia, now))
    for _turn in range(2):
        cause = tickets.open_cause(
            title="照片传不上去", product=cast.products["crm"], module=cast.modules["visits"],
            **by(cast.zhoumin, now),
        )  # fmt: skip
        tickets.push_cause(cause, cast.hesiyuan, **by(cast.zhoumin, now))
        tickets.decline_cause(cause, "incomplete", "缺日志", **by(cast.hesiyuan, now + MINUTE))
    rule = TrainingRule(course=row, trouble="push_declined", threshold=2, days=30)
    assert [(hit.person, hit.times) for hit in hits_of(rule, now + HOUR)] == [(cast.zhoumin, 2)]
    url = reverse("training_rule_preview", args=[row.pk])
    asked = {"trouble": "push_declined", "threshold": "2", "days": "365"}
    writer = client_of(cast.linzhixia).post(url, asked).content.decode()
    assert "周敏" not in writer
    catalog_actions.grant_role(cast.linzhixia, PermissionRole.MANAGER, **by(cast.admin, now))
    manager = client_of(cast.linzhixia).post(url, asked).content.decode()
    assert "周敏" in manager


def test_pages_show_each_person_their_own_and_nobody_a_stranger(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    hidden = course(cast, now, is_open=False)
    hidden = actions.publish_course(hidden, **by(cast.linzhixia, now))
    for_east = actions.create_course(
        CourseDraft("华东专场", CourseForm.ON_SITE, product=cast.products["crm"],
                    departments=[cast.departments["east"]]),
        **by(cast.linzhixia, now),
    )  # fmt: skip
    for_east = actions.publish_course(for_east, **by(cast.linzhixia, now))
    wangke, emma = client_of(cast.wangke), client_of(cast.emma)
    assert "华东专场" in wangke.get("/training/").content.decode()
    assert "华东专场" not in emma.get("/training/").content.decode()
    assert wangke.get(f"/training/{for_east.pk}/").status_code == 200
    assert emma.get(f"/training/{for_east.pk}/").status_code == 404
    assert wangke.get(f"/training/{hidden.pk}/").status_code == 404
    assert emma.post(f"/training/{for_east.pk}/join/").status_code == 404
    with pytest.raises(NotAllowed):
        actions.join_course(hidden, **by(cast.wangke, now))
    assert client_of(cast.gaoyuan).get(f"/training/{for_east.pk}/people/").status_code == 200
    assert wangke.get(f"/training/{for_east.pk}/people/").status_code == 403


def test_retired_and_draft_courses_ask_nobody(cast: Cast, now: dt.datetime) -> None:
    row = course(cast, now)
    actions.assign_course(row, AssignmentDraft(people=[cast.wangke]), **by(cast.linzhixia, now))
    deliver(now)
    assert not Enrolment.objects.exists()
    row = actions.publish_course(row, **by(cast.linzhixia, now))
    deliver(now)
    assert waiting(row) == {cast.wangke.pk}
    row = actions.retire_course(row, **by(cast.linzhixia, now))
    assert row.status == CourseStatus.RETIRED
    assert waiting(row) == set()
    with pytest.raises(WrongStatus):
        actions.join_course(row, **by(cast.emma, now))
