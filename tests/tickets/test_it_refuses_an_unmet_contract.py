"""Each required contract row is removed in turn; the move is refused by name, nothing written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core.models import Event, OutboxRow
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import (
    describe_cause,
    drive_ticket,
    edit_ticket,
    move_up,
    push_ticket,
    resolve_ticket,
)
from tickets.choices import CauseState, Impact, Resolution, Status, Type
from tickets.errors import ContractUnmet, LevelDoesNotApply, WrongState
from tickets.models import Cause, Ticket
from tickets.policies import contract_of

Make = Callable[[Cast, dt.datetime], Ticket]

#: A ticket ready for the move, the move, and each row whose absence must stop it.
LEVEL_1 = ("type", "module", "team")


def image(ticket: Ticket) -> tuple[dict[str, Any], int, int]:
    """Everything a refused move could have written."""
    row = Ticket.objects.filter(pk=ticket.pk).values().get()
    return dict(row), Event.objects.count(), OutboxRow.objects.count()


def remove(ticket: Ticket, **columns: Any) -> Ticket:
    """Take one row out behind the actions' back, as if it had never been filled."""
    Ticket.objects.filter(pk=ticket.pk).update(**columns)
    return Ticket.objects.get(pk=ticket.pk)


MISSING: dict[str, dict[str, Any]] = {
    "type": {"type": ""},
    "module": {"module": None, "module_not_sure": False},
    "team": {"team": None},
    "answer": {"first_response_at": None},
    "answer_page": {"answer_page": None, "answer_gap": False},
    "suspected_module": {"suspected_module": None},
    "suspected_cause": {"suspected_cause": ""},
    "evidence": {"evidence": ""},
    "quote": {"quote": ""},
    "scenario": {"scenario": ""},
    "frequency": {"frequency": ""},
    "driver": {"driver": ""},
    "driver_state": {"driver_state": "released"},
}


@pytest.mark.parametrize("row", LEVEL_1)
def test_leaving_level_1(cast: Cast, now: dt.datetime, row: str) -> None:
    ticket = remove(ladder.routed(cast, now), **MISSING[row])
    before = image(ticket)
    with pytest.raises(ContractUnmet) as refusal:
        move_up(ticket, 2, acting_user=cast.linzhixia, now=now)
    assert [problem.field for problem in refusal.value.problems] == [row]
    assert image(ticket) == before


def test_leaving_level_1_complete(cast: Cast, now: dt.datetime) -> None:
    assert move_up(ladder.routed(cast, now), 2, acting_user=cast.linzhixia, now=now).level == 2


@pytest.mark.parametrize("row", ["suspected_module", "suspected_cause", "evidence"])
def test_leaving_level_2(cast: Cast, now: dt.datetime, row: str) -> None:
    ticket = remove(ladder.screened(cast, now), **MISSING[row])
    # Opened in the same act, the cause fills no row, whatever it says.
    cause = ladder.cause(cast, now)
    describe_cause(cause, {"evidence": "日志"}, acting_user=cast.linzhixia, now=now)
    before = image(ticket)
    with pytest.raises(ContractUnmet) as refusal:
        push_ticket(ticket, cause, acting_user=cast.linzhixia, now=now)
    assert [problem.field for problem in refusal.value.problems] == [row]
    assert image(ticket) == before


@pytest.mark.parametrize("row", ["suspected_module", "suspected_cause", "evidence"])
def test_what_was_on_the_cause_before_fills_the_row(cast: Cast, now: dt.datetime, row: str) -> None:
    ticket = remove(ladder.screened(cast, now), **MISSING[row])
    cause = ladder.cause(cast, now)
    describe_cause(cause, {"evidence": "日志"}, acting_user=cast.linzhixia, now=now)
    later = now + dt.timedelta(minutes=1)
    assert push_ticket(ticket, cause, acting_user=cast.linzhixia, now=later).level == 3


def test_leaving_level_2_complete(cast: Cast, now: dt.datetime) -> None:
    ticket = push_ticket(
        ladder.screened(cast, now), ladder.cause(cast, now), acting_user=cast.linzhixia, now=now
    )
    assert (ticket.level, ticket.status) == (3, Status.ON_HOLD)


@pytest.mark.parametrize("row", [*LEVEL_1, "answer", "answer_page"])
def test_resolving_a_usage_ticket(cast: Cast, now: dt.datetime, row: str) -> None:
    ticket = remove(ladder.answered(cast, now), **MISSING[row])
    before = image(ticket)
    with pytest.raises(ContractUnmet) as refusal:
        resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)
    assert row in [problem.field for problem in refusal.value.problems]
    assert image(ticket) == before


@pytest.mark.parametrize("row", ["suspected_module", "suspected_cause", "evidence"])
def test_resolving_a_technical_ticket_on_level_2(cast: Cast, now: dt.datetime, row: str) -> None:
    ticket = remove(ladder.screened(cast, now), **MISSING[row])
    before = image(ticket)
    with pytest.raises(ContractUnmet) as refusal:
        resolve_ticket(ticket, Resolution.FIXED, acting_user=cast.linzhixia, now=now)
    assert [problem.field for problem in refusal.value.problems] == [row]
    assert image(ticket) == before


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("cause_text", {"state": CauseState.ACCEPTED}),
        ("cause_text", {"text": ""}),
        ("owner", {"owner": None}),
        ("promised_on", {"promised_on": None}),
    ],
)
def test_resolving_on_level_3(
    cast: Cast, now: dt.datetime, row: str, columns: dict[str, Any]
) -> None:
    ticket = ladder.pushed(cast, now)
    Cause.objects.update(**{"state": CauseState.DELIVERED, "text": "旧编码", **columns})
    before = image(ticket)
    with pytest.raises(ContractUnmet) as refusal:
        resolve_ticket(ticket, Resolution.FIXED, acting_user=cast.linzhixia, now=now)
    assert row in [problem.field for problem in refusal.value.problems]
    assert image(ticket) == before


def driven_bug(cast: Cast, now: dt.datetime) -> Ticket:
    ticket = drive_ticket(ladder.screened(cast, now), "D-1", acting_user=cast.linzhixia, now=now)
    return remove(ticket, driver_state="verified", status="open")


@pytest.mark.parametrize("row", ["driver", "driver_state"])
def test_resolving_a_bug_on_level_4(cast: Cast, now: dt.datetime, row: str) -> None:
    ticket = remove(driven_bug(cast, now), **MISSING[row])
    before = image(ticket)
    with pytest.raises(ContractUnmet) as refusal:
        resolve_ticket(ticket, Resolution.FIXED, acting_user=cast.linzhixia, now=now)
    assert row in [problem.field for problem in refusal.value.problems]
    assert image(ticket) == before


def driven_request(cast: Cast, now: dt.datetime) -> Ticket:
    fields = {"quote": "每次都要手工改", "scenario": "主管每周五汇总", "frequency": "每周一次"}
    ticket = ladder.routed(cast, now, Type.IMPROVEMENT)
    ticket = edit_ticket(ticket, fields, acting_user=cast.linzhixia, now=now)
    ticket = drive_ticket(ticket, "D-1", acting_user=cast.linzhixia, now=now)
    return remove(ticket, first_response_at=now)


@pytest.mark.parametrize("row", ["quote", "scenario", "frequency", "driver", "answer"])
def test_moving_a_request_to_a_demand(cast: Cast, now: dt.datetime, row: str) -> None:
    ticket = remove(driven_request(cast, now), **MISSING[row])
    before = image(ticket)
    with pytest.raises(ContractUnmet) as refusal:
        resolve_ticket(ticket, Resolution.MOVED_TO_DEMAND, acting_user=cast.linzhixia, now=now)
    assert [problem.field for problem in refusal.value.problems] == [row]
    assert image(ticket) == before


def test_a_request_is_moved_to_a_demand_once_told(cast: Cast, now: dt.datetime) -> None:
    ticket = resolve_ticket(
        driven_request(cast, now), Resolution.MOVED_TO_DEMAND, acting_user=cast.linzhixia, now=now
    )
    # It counts as level 4 only when the demand is released and verified.
    assert ticket.resolved_level == 1


def test_business_stopped_acts_first_and_owes_the_rows(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now, Type.BUG, impact=Impact.BUSINESS_STOPPED)
    ticket = remove(ticket, module=None)
    ticket = move_up(ticket, 2, acting_user=cast.linzhixia, now=now)
    assert ticket.level == 2
    assert ticket.contract_owed_until == dt.datetime(2026, 11, 17, 2, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("type_", "level"), [(Type.HOW_TO, 3), (Type.HOW_TO, 4), (Type.IMPROVEMENT, 2)]
)
def test_a_level_without_work_for_the_type(
    cast: Cast, now: dt.datetime, type_: str, level: int
) -> None:
    ticket = ladder.routed(cast, now, type_)
    with pytest.raises(LevelDoesNotApply):
        move_up(ticket, level, acting_user=cast.linzhixia, now=now)
    states = {row.state for row in contract_of(ticket, level)}
    assert "open" not in states


def test_a_row_that_changed_unseen_stops_the_move(cast: Cast, now: dt.datetime) -> None:
    from core.errors import StaleWrite

    ticket = ladder.routed(cast, now)
    seen = ticket.version
    edit_ticket(ticket, {"impact": 3}, acting_user=cast.zhoumin, now=now)
    with pytest.raises(StaleWrite) as refusal:
        move_up(ticket, 2, acting_user=cast.linzhixia, now=now, seen_version=seen)
    assert [(c.field, c.before, c.now) for c in refusal.value.conflicts] == [("impact", 2, 3)]


def test_an_unrelated_change_does_not_stop_the_move(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    seen = ticket.version
    edit_ticket(ticket, {"title": "新标题"}, acting_user=cast.zhoumin, now=now)
    ticket = move_up(ticket, 2, acting_user=cast.linzhixia, now=now, seen_version=seen)
    assert ticket.level == 2


def test_no_reply_needs_a_question_first(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    with pytest.raises(WrongState, match="resolution"):
        resolve_ticket(ticket, Resolution.NO_REPLY, acting_user=cast.linzhixia, now=now)
