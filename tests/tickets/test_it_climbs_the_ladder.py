"""A ticket's way up the levels, each move through its real action."""

from __future__ import annotations

import datetime as dt

import pytest

from core.events import history, unfolded
from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import (
    add_comment,
    ask_requester,
    auto_confirm_ticket,
    claim_ticket,
    confirm_ticket,
    decline_cause,
    deliver_cause,
    deliver_relay,
    drive_ticket,
    edit_ticket,
    move_up,
    name_owner,
    push_cause,
    relay_ticket,
    reopen_ticket,
    resolve_ticket,
    restore_ticket,
    return_relay,
    return_ticket,
    set_driver_state,
    withdraw_ticket,
)
from tickets.choices import DriverState, Level, Resolution, ReturnReason, Status, Type
from tickets.models import Cause, Ticket

HOUR = dt.timedelta(hours=1)


def fresh(ticket: Ticket) -> Ticket:
    """The row as the database has it, equal to the fold of its events."""
    row = Ticket.objects.get(pk=ticket.pk)
    assert unfolded(row) == {}
    return row


def test_submitting_needs_two_fields_and_derives_the_rest(cast: Cast, now: dt.datetime) -> None:
    ticket = fresh(ladder.submitted(cast, now, "导出客户清单缺一列。其他都正常。"))
    assert ticket.title == "导出客户清单缺一列"
    assert (ticket.status, ticket.level, ticket.impact) == (Status.NEW, Level.RELAY, 1)
    assert ticket.team == cast.teams["operations"]
    assert ticket.department == cast.departments["east"]
    assert ticket.response_due_at is not None
    assert ticket.resolution_due_at is not None


def test_a_how_to_is_answered_and_confirmed(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.answered(cast, now)
    assert fresh(ticket).status == Status.OPEN
    ticket = resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now + HOUR)
    assert ticket.resolved_level == Level.RESOLVE
    ticket = confirm_ticket(ticket, acting_user=cast.wangke, now=now + 2 * HOUR)
    row = fresh(ticket)
    assert (row.status, row.auto_confirmed) == (Status.CLOSED, False)


def test_a_relayed_ticket_is_solved_outside(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now, Type.DATA)
    team = cast.teams["crm_development"]
    ticket = relay_ticket(ticket, team, "请看同步任务", acting_user=cast.linzhixia, now=now)
    assert ticket.status == Status.ON_HOLD
    ticket = deliver_relay(ticket, "已补数", acting_user=cast.hesiyuan, now=now + HOUR)
    row = fresh(ticket)
    assert (row.status, row.resolution) == (Status.RESOLVED, Resolution.OUTSIDE)
    assert row.resolved_level == Level.RELAY


def test_an_outside_team_returns_a_relay_with_a_reason(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now, Type.DATA)
    ticket = relay_ticket(
        ticket, cast.teams["crm_development"], acting_user=cast.linzhixia, now=now
    )
    ticket = return_relay(
        ticket, ReturnReason.NOT_OUR_MODULE, "是 ERP 的", acting_user=cast.hesiyuan, now=now + HOUR
    )
    row = fresh(ticket)
    assert (row.status, row.bounces) == (Status.OPEN, 1)
    hand_over = row.hand_overs.get()
    assert (hand_over.reason, hand_over.sender) == (ReturnReason.NOT_OUR_MODULE, cast.linzhixia)


def test_a_push_is_declined_then_accepted_and_delivered(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.pushed(cast, now)
    cause = Cause.objects.get()
    assert (ticket.status, ticket.level) == (Status.ON_HOLD, Level.PUSH)
    assert ticket.promised_on == cause.promised_on
    decline_cause(
        cause, ReturnReason.NOT_REPRODUCIBLE, "未复现", acting_user=cast.hesiyuan, now=now + HOUR
    )
    assert fresh(ticket).status == Status.OPEN
    push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now + 2 * HOUR)
    assert fresh(ticket).status == Status.ON_HOLD
    cause = Cause.objects.get()
    assert (cause.bounces, cause.state) == (1, "pushed")
    day = now.date() + dt.timedelta(days=2)
    from tickets.actions import accept_cause

    accept_cause(cause, day, acting_user=cast.hesiyuan, now=now + 3 * HOUR)
    deliver_cause(cause, "视图按旧编码过滤，已改", acting_user=cast.hesiyuan, now=now + 4 * HOUR)
    assert fresh(ticket).status == Status.OPEN
    ticket = resolve_ticket(
        ticket, Resolution.FIXED, acting_user=cast.linzhixia, now=now + 5 * HOUR
    )
    assert fresh(ticket).resolved_level == Level.PUSH
    assert unfolded(Cause.objects.get()) == {}


def test_a_bug_is_driven_by_a_demand(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.screened(cast, now)
    ticket = drive_ticket(ticket, "D-1", acting_user=cast.linzhixia, now=now)
    assert (ticket.status, ticket.level) == (Status.ON_HOLD, Level.PRODUCT_DRIVE)
    for state in (DriverState.RELEASED, DriverState.VERIFIED):
        ticket = set_driver_state(ticket, "D-1", state, acting_user=None, now=now + HOUR)
    assert fresh(ticket).status == Status.OPEN
    ticket = resolve_ticket(ticket, Resolution.FIXED, acting_user=None, now=now + HOUR)
    assert fresh(ticket).resolved_level == Level.PRODUCT_DRIVE


def test_telling_the_driver_state_twice_is_once(cast: Cast, now: dt.datetime) -> None:
    ticket = drive_ticket(ladder.screened(cast, now), "D-1", acting_user=cast.linzhixia, now=now)
    for _ in range(2):
        set_driver_state(ticket, "D-1", DriverState.RELEASED, acting_user=None, now=now)
    assert history("ticket", ticket.pk).filter(verb="driver").count() == 1


def test_a_question_waits_for_the_requester(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    due = ticket.resolution_due_at
    ticket = ask_requester(ticket, "是哪一条记录？", acting_user=cast.linzhixia, now=now)
    assert ticket.status == Status.PENDING
    add_comment(ticket, "昨天那条", acting_user=cast.wangke, now=now + 2 * HOUR)
    row = fresh(ticket)
    assert row.status == Status.OPEN
    assert due is not None
    # 10:00 to 12:00 is two working hours that the desk did not have.
    assert row.resolution_due_at is not None
    assert row.resolution_due_at - due >= 2 * HOUR


def test_a_return_goes_down_with_its_reason(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.screened(cast, now)
    ticket = return_ticket(
        ticket, 1, ReturnReason.MISJUDGED, "是配置问题", acting_user=cast.zhoumin, now=now
    )
    row = fresh(ticket)
    assert (row.level, row.bounces) == (Level.RELAY, 1)


def test_reopening_forgets_how_it_was_resolved(cast: Cast, now: dt.datetime) -> None:
    ticket = resolve_ticket(
        ladder.answered(cast, now), Resolution.ANSWERED, acting_user=cast.linzhixia, now=now
    )
    ticket = reopen_ticket(ticket, "还是看不到", acting_user=cast.wangke, now=now + HOUR)
    row = fresh(ticket)
    assert (row.status, row.resolution, row.resolved_level) == (Status.OPEN, "", None)
    assert row.reopened_times == 1
    assert row.comments.last().body == "还是看不到"  # type: ignore[union-attr]


def test_a_withdrawn_ticket_comes_back_as_it_was(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.answered(cast, now)
    ticket = withdraw_ticket(ticket, acting_user=cast.wangke, now=now + HOUR)
    assert fresh(ticket).status == Status.CANCELLED
    ticket = restore_ticket(ticket, acting_user=cast.wangke, now=now + 2 * HOUR)
    assert fresh(ticket).status == Status.OPEN
    assert fresh(ticket).cancelled_at is None


def test_silence_is_not_counted_as_confirmed(cast: Cast, now: dt.datetime) -> None:
    ticket = resolve_ticket(
        ladder.answered(cast, now), Resolution.ANSWERED, acting_user=cast.linzhixia, now=now
    )
    auto_confirm_ticket(ticket, now=now + dt.timedelta(days=9), announced_elsewhere=True)
    row = fresh(ticket)
    assert (row.status, row.auto_confirmed) == (Status.CLOSED, True)


def test_claiming_never_changes_the_status(cast: Cast, now: dt.datetime) -> None:
    ticket = claim_ticket(ladder.submitted(cast, now), acting_user=cast.linzhixia, now=now)
    assert fresh(ticket).status == Status.NEW
    assert ticket.assignee == cast.linzhixia


def test_taking_in_hand_moves_a_new_ticket_to_open(cast: Cast, now: dt.datetime) -> None:
    ticket = move_up(ladder.routed(cast, now), 2, acting_user=cast.linzhixia, now=now)
    assert (fresh(ticket).status, ticket.level) == (Status.OPEN, Level.RESOLVE)


def test_the_requester_is_told_when_the_name_they_see_changes(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.answered(cast, now)
    OutboxRow.objects.all().delete()
    edit_ticket(ticket, {"impact": 3}, acting_user=cast.linzhixia, now=now)
    assert not OutboxRow.objects.filter(kind="notice").exists()
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)
    notice = OutboxRow.objects.get(kind="notice")
    assert (notice.name, notice.payload["recipient"]) == ("ticket.status", cast.wangke.pk)
    assert notice.due_at == now + dt.timedelta(seconds=20)


@pytest.mark.parametrize("bounces", [2, 3])
def test_from_the_third_bounce_only_the_manager_names_the_owner(
    cast: Cast, now: dt.datetime, bounces: int
) -> None:
    from core.errors import NotAllowed

    cause = ladder.cause(cast, now)
    Cause.objects.filter(pk=cause.pk).update(bounces=bounces)
    if bounces == 2:
        push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
    else:
        with pytest.raises(NotAllowed, match="owner"):
            push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
        name_owner(cause, cast.hesiyuan, acting_user=cast.gaoyuan, now=now)
