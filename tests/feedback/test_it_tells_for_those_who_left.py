"""Who hears for somebody who left, whose account is off, or who was imported."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.actions import deactivate_person, edit_department, mark_left
from accounts.models import User
from core.models import OutboxRow
from core.tasks import deliver_outbox
from feedback import actions
from feedback.access import get_demand_for_view, open_question, people_of_release
from feedback.choices import FeedbackSource, RoundKind, RoundState
from feedback.errors import NotAllowed, WrongState
from feedback.models import Demand, Release, Round
from opsdesk.demo.cast import Cast


def asked_by(cast: Cast, person: User, now: dt.datetime) -> Demand:
    """A demand that one person asked for, in testing, in a release through its gate."""
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    draft = actions.DemandDraft("拜访列表支持按填写人筛选", cast.products["crm"])
    demand = actions.create_demand(draft, **by)
    actions.add_feedback(
        product=cast.products["crm"], person=person, words="按部门筛选看不到我的人",
        source=FeedbackSource.INTERVIEW, demand=demand, **by,
    )  # fmt: skip
    actions.accept_demand(demand, "影响三个大区", **by)
    actions.schedule_demand(demand, now.date() + dt.timedelta(days=3), **by)
    actions.start_development(demand, **by)
    actions.start_testing(demand, **by)
    release = actions.create_release(cast.products["crm"], "5.8", **by)
    actions.put_in_release(demand, release, **by)
    gate = {"pages_unchanged": True, "announcement": "可按填写人筛选", "measures_nothing": True}
    actions.fill_gate(release, gate, **by)
    actions.see_people(release, **by)
    return demand


def question_of(demand: Demand, cast: Cast, now: dt.datetime) -> Round:
    """The round after the release was published and verified."""
    actions.publish_release(Release.objects.get(), acting_user=cast.linzhixia, now=now)
    actions.verify_demand(demand, acting_user=cast.zhoumin, now=now)
    return Round.objects.get(kind=RoundKind.RELEASE)


def notices_of(row: Round) -> list[int]:
    """Who the outbox tells about this round."""
    rows = OutboxRow.objects.filter(key__startswith=f"round:{row.pk}:")
    return [each.payload["recipient"] for each in rows]


def test_somebody_here_is_told_themselves(cast: Cast, now: dt.datetime) -> None:
    row = question_of(asked_by(cast, cast.liuyang, now), cast, now)
    assert row.state == RoundState.QUEUED
    assert notices_of(row) == [cast.liuyang.pk]


def test_the_successor_hears_sees_and_answers(cast: Cast, now: dt.datetime) -> None:
    demand = asked_by(cast, cast.liuyang, now)
    mark_left(cast.liuyang, now.date(), cast.emma, acting_user=cast.admin, now=now)
    row = question_of(demand, cast, now)
    assert row.obligation.person == cast.liuyang
    assert notices_of(row) == [cast.emma.pk]
    assert get_demand_for_view(cast.emma, demand.pk) == demand
    assert open_question(cast.emma, demand) == row
    with pytest.raises(NotAllowed):
        actions.answer_round(row, RoundState.CONFIRMED, acting_user=cast.wangke, now=now)
    answered = actions.answer_round(row, RoundState.CONFIRMED, acting_user=cast.emma, now=now)
    assert answered.state == RoundState.CONFIRMED
    with pytest.raises(WrongState):
        actions.answer_round(row, RoundState.NOT_SOLVED, "不行", acting_user=cast.emma, now=now)


def test_the_department_contact_hears_when_there_is_no_successor(
    cast: Cast, now: dt.datetime
) -> None:
    demand = asked_by(cast, cast.liuyang, now)
    edit_department(
        cast.departments["east"], {"contact_id": cast.wangke.pk}, acting_user=cast.admin, now=now
    )
    mark_left(cast.liuyang, now.date(), None, acting_user=cast.admin, now=now)
    assert notices_of(question_of(demand, cast, now)) == [cast.wangke.pk]


def test_with_nobody_to_hear_it_is_waived_and_counts_as_no_answer(
    cast: Cast, now: dt.datetime
) -> None:
    demand = asked_by(cast, cast.liuyang, now)
    mark_left(cast.liuyang, now.date(), None, acting_user=cast.admin, now=now)
    listed = people_of_release(Release.objects.get(), now.date())
    assert [(line.person, line.recipient) for line in listed] == [(cast.liuyang, None)]
    row = question_of(demand, cast, now)
    assert row.state == RoundState.WAIVED
    assert row.ended_at == now
    assert (row.queued_at, row.delivered_at) == (None, None)
    assert notices_of(row) == []


def test_an_imported_person_cannot_be_reached(cast: Cast, now: dt.datetime) -> None:
    demand = asked_by(cast, cast.liuyang, now)
    User.objects.filter(pk=cast.liuyang.pk).update(imported=True)
    row = question_of(demand, cast, now)
    assert (row.state, notices_of(row)) == (RoundState.UNREACHABLE, [])


def test_somebody_whose_account_is_off_is_told_nothing(cast: Cast, now: dt.datetime) -> None:
    demand = asked_by(cast, cast.liuyang, now)
    deactivate_person(cast.liuyang, acting_user=cast.admin, now=now)
    row = question_of(demand, cast, now)
    assert row.ended_at is not None
    assert notices_of(row) == []


def test_a_leaver_is_still_one_of_those_who_asked(cast: Cast, now: dt.datetime) -> None:
    demand = asked_by(cast, cast.liuyang, now)
    mark_left(cast.liuyang, now.date(), cast.emma, acting_user=cast.admin, now=now)
    question_of(demand, cast, now)
    deliver_outbox()
    assert list(demand.obligations.values_list("person_id", flat=True)) == [cast.liuyang.pk]
    assert list(demand.feedback.values_list("person_id", flat=True)) == [cast.liuyang.pk]
