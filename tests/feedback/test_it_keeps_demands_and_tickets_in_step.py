"""Moves that come late, twice or from an unusual side leave no ticket and nobody behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.models import Notice, OutboxRow
from core.registry import job_named
from feedback import actions
from feedback.choices import RoundState
from feedback.errors import BadInput, GateUnmet
from feedback.models import Demand, Release, Round
from opsdesk.demo.cast import Cast
from tests.feedback.test_it_closes_the_loop import WORDS, asked, built, deliver, demand_of
from tests.tickets import ladder
from tickets.actions import confirm_ticket, reopen_ticket, return_ticket
from tickets.choices import ReturnReason
from tickets.models import Ticket

HOUR = dt.timedelta(hours=1)


def test_staff_who_appeal_are_owed_word_too(cast: Cast, now: dt.datetime) -> None:
    demand, _ticket = demand_of(cast, now)
    actions.decline_demand(demand, "明年换系统", acting_user=cast.linzhixia, now=now)
    actions.appeal_demand(demand, "业务量变了", acting_user=cast.zhoumin, now=now)
    owed = set(demand.obligations.values_list("person_id", flat=True))
    assert owed == set(demand.feedback.values_list("person_id", flat=True))
    assert cast.zhoumin.pk in owed


def test_a_declined_demand_drives_nothing_new(cast: Cast, now: dt.datetime) -> None:
    demand, _ticket = demand_of(cast, now)
    actions.decline_demand(demand, "明年换系统", acting_user=cast.linzhixia, now=now)
    demand.refresh_from_db()
    ticket = ladder.screened(cast, now)
    drive: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    with pytest.raises(BadInput):
        actions.drive_by_demand(ticket, demand, WORDS, **drive)
    actions.appeal_demand(demand, "业务量变了", acting_user=cast.wangke, now=now)
    demand.refresh_from_db()
    assert actions.drive_by_demand(ticket, demand, WORDS, **drive).driver == demand.ref


def test_a_returned_ticket_comes_back_to_its_demand(cast: Cast, now: dt.datetime) -> None:
    demand, ticket = demand_of(cast, now)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    back = return_ticket(ticket, 2, ReturnReason.MISJUDGED, "再看一下", **by)
    again = actions.drive_by_demand(back, demand, WORDS, **by)
    assert again.driver == demand.ref
    assert demand.feedback.count() == 1


def test_a_demand_put_in_later_makes_the_list_unseen(cast: Cast, now: dt.datetime) -> None:
    _demand, _ticket, release = built(cast, now)
    other, _its_ticket = demand_of(cast, now - dt.timedelta(days=1))
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    actions.accept_demand(other, "同意", **by)
    actions.schedule_demand(other, now.date(), **by)
    actions.start_development(other, **by)
    actions.start_testing(other, **by)
    actions.put_in_release(other, release, **by)
    with pytest.raises(GateUnmet) as refusal:
        actions.publish_release(release, **by)
    assert [problem.field for problem in refusal.value.problems] == ["people_seen"]
    actions.see_people(release, **by)
    assert actions.publish_release(release, **by).status == "released"


def test_a_job_that_comes_late_does_not_turn_the_ticket_back(cast: Cast, now: dt.datetime) -> None:
    _demand, ticket, _question = asked(cast, now)
    late = OutboxRow.objects.filter(kind="job", payload__ticket_id=ticket.pk).order_by("pk")
    old = [row for row in late if row.payload["state"] in ("pending", "released")]
    assert old
    for row in old:
        job_named(row.name)(row.payload, now + HOUR)
        ticket.refresh_from_db()
        assert (ticket.driver_state, ticket.status) == ("verified", "resolved")


@pytest.mark.parametrize("closed", [False, True])
def test_reopening_after_confirming_reopens_the_demand(
    cast: Cast, now: dt.datetime, closed: bool
) -> None:
    demand, ticket, question = asked(cast, now)
    confirm_ticket(ticket, acting_user=cast.wangke, now=now + HOUR)
    deliver(now + HOUR)
    if closed:
        actions.close_demand(demand, "工单少了一半", acting_user=cast.linzhixia, now=now + HOUR)
    reopen_ticket(ticket, "又出现了", acting_user=cast.wangke, now=now + 2 * HOUR)
    deliver(now + 2 * HOUR)
    demand.refresh_from_db()
    ticket.refresh_from_db()
    question.refresh_from_db()
    assert (demand.status, demand.reopened_times) == ("in_development", 1)
    assert (ticket.status, ticket.driver_state) == ("open", "pending")
    # What they said then stays what they said then.
    assert question.state == RoundState.CONFIRMED
    assert demand.feedback.filter(words="又出现了").count() == 1


def test_verification_tells_the_requester_one_thing(cast: Cast, now: dt.datetime) -> None:
    demand, _ticket, release = built(cast, now)
    actions.publish_release(release, acting_user=cast.linzhixia, now=now)
    deliver(now)
    before = Notice.objects.filter(recipient=cast.wangke).count()
    actions.verify_demand(demand, acting_user=cast.zhoumin, now=now + HOUR)
    deliver(now + HOUR)
    new = Notice.objects.filter(recipient=cast.wangke).order_by("pk")[before:]
    assert [notice.kind for notice in new] == ["demand.release"]


def test_a_late_joiner_of_a_closed_demand_is_asked(cast: Cast, now: dt.datetime) -> None:
    demand, ticket, _question = asked(cast, now)
    confirm_ticket(ticket, acting_user=cast.wangke, now=now + HOUR)
    deliver(now + HOUR)
    actions.close_demand(demand, "工单少了一半", acting_user=cast.linzhixia, now=now + HOUR)
    actions.add_feedback(
        product=demand.product, person=cast.emma, words="我也想要", source="chat",
        demand=Demand.objects.get(pk=demand.pk), acting_user=cast.linzhixia, now=now + 2 * HOUR,
    )  # fmt: skip
    row = Round.objects.get(obligation__person=cast.emma)
    assert (row.kind, row.state) == ("release", RoundState.QUEUED)
    assert row.release == Release.objects.get()


def test_days_are_those_of_the_company(cast: Cast) -> None:
    """07:00 in Shanghai is still yesterday in UTC."""
    early = dt.datetime(2026, 11, 16, 23, 0, tzinfo=dt.UTC)
    demand, _ticket = demand_of(cast, early)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": early}
    with pytest.raises(BadInput):
        actions.defer_demand(demand, dt.date(2026, 11, 17), "以后再说", **by)
    actions.defer_demand(demand, dt.date(2026, 11, 18), "以后再说", **by)
    assert Ticket.objects.filter(driver=demand.ref).count() == 1
