"""A ticket's way through a demand: driven, released, verified, asked, answered."""

from __future__ import annotations

import datetime as dt

import pytest

from core import outbox
from core.events import unfolded
from core.models import Notice, OutboxRow
from core.tasks import deliver_row
from feedback.actions import (
    DemandDraft,
    accept_demand,
    answer_round,
    create_demand,
    create_release,
    decline_demand,
    drive_by_demand,
    fill_gate,
    publish_release,
    put_in_release,
    roll_back_release,
    schedule_demand,
    see_people,
    start_development,
    start_testing,
    verify_demand,
)
from feedback.choices import RoundKind, RoundState
from feedback.errors import GateUnmet, NotAllowed
from feedback.models import Demand, Obligation, Release, Round
from feedback.periodic import expire_silent, note_delivered
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import confirm_ticket, reopen_ticket
from tickets.models import Ticket

HOUR = dt.timedelta(hours=1)
WORDS = "我们组 6 个人填的拜访记录，我这边一条都没有"


def deliver(now: dt.datetime) -> None:
    """What a worker would do with everything that is due an hour later."""
    later = now + HOUR
    while rows := outbox.claim(later):
        for row in rows:
            deliver_row(row, later)
    assert not OutboxRow.objects.exclude(last_error="").exists()


def demand_of(cast: Cast, now: dt.datetime) -> tuple[Demand, Ticket]:
    """A demand that drives a bug of 王珂."""
    demand = create_demand(
        DemandDraft("主管视图按现任下属取数", cast.products["crm"], kind="defect"),
        acting_user=cast.linzhixia,
        now=now,
    )
    ticket = drive_by_demand(
        ladder.screened(cast, now), demand, WORDS, acting_user=cast.linzhixia, now=now
    )
    return demand, ticket


def built(cast: Cast, now: dt.datetime) -> tuple[Demand, Ticket, Release]:
    """The same, in testing, in a release whose gate is complete."""
    demand, ticket = demand_of(cast, now)
    staff = cast.linzhixia
    accept_demand(demand, "影响三个大区", acting_user=staff, now=now)
    schedule_demand(demand, now.date() + dt.timedelta(days=7), acting_user=staff, now=now)
    start_development(demand, acting_user=staff, now=now)
    start_testing(demand, acting_user=staff, now=now)
    release = create_release(cast.products["crm"], "5.8", acting_user=staff, now=now)
    put_in_release(demand, release, acting_user=staff, now=now)
    gate = {"pages_unchanged": True, "announcement": "主管能看到现任下属", "measures_nothing": True}
    fill_gate(release, gate, acting_user=staff, now=now)
    see_people(release, acting_user=staff, now=now)
    return demand, ticket, release


def asked(cast: Cast, now: dt.datetime) -> tuple[Demand, Ticket, Round]:
    """Released and verified; the person is asked."""
    demand, ticket, release = built(cast, now)
    publish_release(release, acting_user=cast.linzhixia, now=now)
    verify_demand(demand, acting_user=cast.zhoumin, now=now)
    deliver(now)
    question = Round.objects.get(obligation__demand=demand, kind=RoundKind.RELEASE)
    return Demand.objects.get(pk=demand.pk), Ticket.objects.get(pk=ticket.pk), question


def test_the_requester_is_owed_word_once(cast: Cast, now: dt.datetime) -> None:
    demand, ticket = demand_of(cast, now)
    second = drive_by_demand(
        ladder.screened(cast, now), demand, "又出现了", acting_user=cast.linzhixia, now=now
    )
    assert Obligation.objects.get().person == cast.wangke
    assert {ticket.driver, second.driver} == {demand.ref}
    assert list(demand.feedback.values_list("words", flat=True)) == [WORDS, "又出现了"]


@pytest.mark.parametrize(
    ("missing", "row"),
    [
        ({"pages_unchanged": False}, "pages_note"),
        ({"announcement": ""}, "announcement"),
        ({"measures_nothing": False}, "measures"),
    ],
)
def test_the_gate_names_what_is_missing(
    cast: Cast, now: dt.datetime, missing: dict[str, object], row: str
) -> None:
    _demand, _ticket, release = built(cast, now)
    fill_gate(release, missing, acting_user=cast.linzhixia, now=now)
    with pytest.raises(GateUnmet) as refusal:
        publish_release(release, acting_user=cast.linzhixia, now=now)
    assert [problem.field for problem in refusal.value.problems] == [row]
    assert Release.objects.get().status == "planned"


def test_the_gate_opens_again_when_somebody_joins(cast: Cast, now: dt.datetime) -> None:
    demand, _ticket, release = built(cast, now)
    drive_by_demand(
        ladder.screened(cast, now), demand, "新来的", acting_user=cast.linzhixia, now=now
    )
    assert publish_release(release, acting_user=cast.linzhixia, now=now).status == "released"
    # 王珂 was on the list; somebody new is not.
    other = create_release(cast.products["crm"], "5.9", acting_user=cast.linzhixia, now=now)
    assert other.people_seen_at is None


def test_release_and_verification_resolve_the_ticket_and_ask(cast: Cast, now: dt.datetime) -> None:
    demand, ticket, release = built(cast, now)
    publish_release(release, acting_user=cast.linzhixia, now=now)
    deliver(now)
    ticket.refresh_from_db()
    assert (ticket.driver_state, ticket.status) == ("released", "on_hold")
    assert not Round.objects.filter(kind=RoundKind.RELEASE).exists()
    verify_demand(demand, acting_user=cast.zhoumin, now=now)
    deliver(now)
    ticket.refresh_from_db()
    assert (ticket.driver_state, ticket.status, ticket.resolved_level) == (
        "verified",
        "resolved",
        4,
    )
    questions = Notice.objects.filter(recipient=cast.wangke, kind="demand.release")
    assert questions.count() == 1
    # Asked once: the ticket does not ask a second time.
    assert not Notice.objects.filter(
        recipient=cast.wangke, kind="ticket.status", params__status="resolved"
    ).exists()


def test_only_product_operations_verifies(cast: Cast, now: dt.datetime) -> None:
    demand, _ticket, release = built(cast, now)
    publish_release(release, acting_user=cast.linzhixia, now=now)
    with pytest.raises(NotAllowed):
        verify_demand(demand, acting_user=cast.gaoyuan, now=now)
    assert verify_demand(demand, acting_user=cast.zhoumin, now=now).verified_by == cast.zhoumin


def test_confirming_the_ticket_confirms_the_round(cast: Cast, now: dt.datetime) -> None:
    _demand, ticket, question = asked(cast, now)
    confirm_ticket(ticket, acting_user=cast.wangke, now=now + 2 * HOUR)
    deliver(now + 2 * HOUR)
    question.refresh_from_db()
    assert question.state == RoundState.CONFIRMED
    assert unfolded(question) == {}


def test_confirming_the_round_confirms_the_ticket(cast: Cast, now: dt.datetime) -> None:
    _demand, ticket, question = asked(cast, now)
    answer_round(question, RoundState.CONFIRMED, acting_user=cast.wangke, now=now + 2 * HOUR)
    deliver(now + 2 * HOUR)
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    assert Round.objects.filter(kind=RoundKind.RELEASE).count() == 1


@pytest.mark.parametrize("through", ["ticket", "round"])
def test_not_solved_reopens_the_same_demand(cast: Cast, now: dt.datetime, through: str) -> None:
    demand, ticket, question = asked(cast, now)
    later = now + 2 * HOUR
    if through == "ticket":
        reopen_ticket(ticket, "还是空的", acting_user=cast.wangke, now=later)
    else:
        answer_round(
            question, RoundState.NOT_SOLVED, "还是空的", acting_user=cast.wangke, now=later
        )
    deliver(later)
    demand.refresh_from_db()
    ticket.refresh_from_db()
    question.refresh_from_db()
    assert (demand.status, demand.reopened_times) == ("in_development", 1)
    assert question.state == RoundState.NOT_SOLVED
    assert (ticket.status, ticket.reopened_times) == ("open", 1)
    assert demand.feedback.filter(words="还是空的").count() == 1
    assert unfolded(demand) == {}
    assert unfolded(ticket) == {}


def test_declining_gives_the_ticket_back_and_tells_why(cast: Cast, now: dt.datetime) -> None:
    demand, ticket = demand_of(cast, now)
    decline_demand(demand, "明年换系统", acting_user=cast.linzhixia, now=now)
    deliver(now)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.driver_state) == ("open", "declined")
    told = Notice.objects.get(recipient=cast.wangke, kind="demand.decision")
    assert told.params["reason"] == "明年换系统"


def test_a_round_is_delivered_when_it_was_shown(cast: Cast, now: dt.datetime) -> None:
    _demand, _ticket, question = asked(cast, now)
    assert note_delivered(now + HOUR) == 0
    shown = now + 2 * HOUR
    Notice.objects.filter(kind="demand.release").update(seen_at=shown)
    note_delivered(shown)
    question.refresh_from_db()
    assert (question.state, question.delivered_at) == (RoundState.DELIVERED, shown)


def test_silence_is_not_a_confirmation(cast: Cast, now: dt.datetime) -> None:
    _demand, _ticket, question = asked(cast, now)
    Notice.objects.filter(kind="demand.release").update(seen_at=now)
    note_delivered(now)
    assert expire_silent(now + dt.timedelta(days=7)) == 0
    assert expire_silent(now + dt.timedelta(days=8)) == 1
    question.refresh_from_db()
    assert question.state == RoundState.EXPIRED


def test_a_rollback_tells_who_was_told_and_reopens(cast: Cast, now: dt.datetime) -> None:
    demand, ticket, _question = asked(cast, now)
    release = Release.objects.get()
    roll_back_release(release, "审批页报错", acting_user=cast.linzhixia, now=now + 2 * HOUR)
    deliver(now + 2 * HOUR)
    demand.refresh_from_db()
    ticket.refresh_from_db()
    assert demand.status == "in_development"
    assert (ticket.status, ticket.driver_state) == ("open", "pending")
    assert Round.objects.get(kind=RoundKind.ROLLBACK).state == RoundState.QUEUED


def test_who_left_with_nobody_to_hear_is_waived(cast: Cast, now: dt.datetime) -> None:
    demand, _ticket, release = built(cast, now)
    cast.wangke.left_on = now.date()
    cast.wangke.save(update_fields=["left_on"])
    publish_release(release, acting_user=cast.linzhixia, now=now)
    verify_demand(demand, acting_user=cast.zhoumin, now=now)
    question = Round.objects.get(kind=RoundKind.RELEASE)
    assert (question.state, question.reason) == (RoundState.WAIVED, "left")
