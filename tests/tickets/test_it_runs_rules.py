"""Rules act once per occasion, in order, within their guards, and say what they did and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.errors import BadInput, NotAllowed
from core.models import Event, Notice, OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import add_comment, assign_ticket, edit_ticket
from tickets.actions.automating import consider_event
from tickets.actions.rules import (
    RuleDraft,
    activate_rule,
    create_rule,
    edit_rule,
    order_rules,
    switch_off_rule,
)
from tickets.actions.rules_of_time import consider_time
from tickets.choices import CHAIN_MAX, FAILURES_MAX, RuleState, RunOutcome, WhyPaused
from tickets.models import Rule, RuleRun, Ticket

MINUTE = dt.timedelta(minutes=1)
SUBMITTED: dict[str, Any] = {"kind": "submitted"}


def act(verb: str, **params: Any) -> dict[str, Any]:
    return {"verb": verb, "params": params}


def note(words: str = "请看一下") -> dict[str, Any]:
    return act("note", body=words)


def active(
    cast: Cast, now: dt.datetime, name: str, *, trigger: Any = None, when: Any = (), then: Any,
    **more: Any,
) -> Rule:  # fmt: skip
    draft = RuleDraft(name, trigger or SUBMITTED, list(when), list(then), **more)
    rule = create_rule(draft, acting_user=cast.admin, now=now)
    return activate_rule(rule, acting_user=cast.admin, now=now)


def deliver(now: dt.datetime) -> int:
    """What a worker does with the news of events, until none is left."""
    count = 0
    while rows := list(OutboxRow.objects.filter(name="ticket.event", done_at=None).order_by("pk")):
        for row in rows:
            deliver_row(row, now)
            row.refresh_from_db()
            assert row.done_at is not None, row.last_error
            count += 1
    return count


def events(ticket: Ticket) -> list[Event]:
    return list(Event.objects.filter(subject="ticket", subject_id=ticket.pk).order_by("version"))


def test_it_acts_once_as_itself_and_the_run_tells_the_truth(cast: Cast, now: dt.datetime) -> None:
    rule = active(
        cast, now, "移动端先分派", when=["product:is:crm", "text:contains:拜访"],
        then=[act("edit", urgency=3), act("assign", assignee=cast.zhoumin.pk)],
    )  # fmt: skip
    ticket = ladder.submitted(cast, now)
    assert deliver(now) > 0
    ticket.refresh_from_db()
    assert (ticket.urgency, ticket.assignee_id) == (3, cast.zhoumin.pk)
    run = RuleRun.objects.get(rule=rule, ticket=ticket)
    assert (run.outcome, run.rule_version, run.occasion) == (
        RunOutcome.ACTED, rule.version, "event:1",
    )  # fmt: skip
    assert [one["held"] for one in run.judged] == [True, True]
    done = {version for one in run.done for version in one["versions"]}
    by_rule = [event for event in events(ticket) if "rule" in event.data]
    assert {event.version for event in by_rule} == done == {2, 3}
    assert all(event.actor_id is None and event.data["rule"]["id"] == rule.pk for event in by_rule)
    # Delivered again, by news or by hand: nothing more.
    before = Event.objects.count()
    OutboxRow.objects.filter(name="ticket.event").update(done_at=None)
    deliver(now)
    assert consider_event(ticket.pk, 1, now) == 0
    assert Event.objects.count() == before


def test_a_condition_that_fails_is_named_with_its_value(cast: Cast, now: dt.datetime) -> None:
    rule = active(cast, now, "ERP", when=["product:is:crm", "level:is:2"], then=[note()])
    ticket = ladder.submitted(cast, now)
    deliver(now)
    run = RuleRun.objects.get(rule=rule, ticket=ticket)
    assert run.outcome == RunOutcome.NOT_MATCHED
    assert [(one["condition"], one["held"], one["value"]) for one in run.judged] == [
        ("product:is:crm", True, cast.products["crm"].pk),
        ("level:is:2", False, 1),
    ]
    assert len(events(ticket)) == 1


def test_only_rules_that_wait_for_the_event_are_considered(cast: Cast, now: dt.datetime) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now + MINUTE}
    replied = active(cast, now, "回复", trigger={"kind": "requester_replied"}, then=[note()])
    ticket = ladder.submitted(cast, now)
    changed = active(
        cast, now + MINUTE, "紧急", trigger={"kind": "changed", "field": "urgency"}, then=[note()]
    )
    edit_ticket(ticket, {"impact": 2}, **agent)
    add_comment(ticket, "我们看一下", **agent)
    deliver(now + MINUTE)
    assert not RuleRun.objects.exists()
    edit_ticket(ticket, {"urgency": 3}, **agent)
    add_comment(ticket, "怎么样了？", acting_user=cast.wangke, now=now + MINUTE)
    deliver(now + MINUTE)
    assert set(RuleRun.objects.values_list("rule", flat=True)) == {replied.pk, changed.pk}


def test_a_rule_knows_nothing_of_what_was_before_it(cast: Cast, now: dt.datetime) -> None:
    active(cast, now, "其他", then=[note()])
    ticket = ladder.submitted(cast, now)
    late = active(cast, now + MINUTE, "新规则", then=[note()])
    deliver(now + MINUTE)
    assert not RuleRun.objects.filter(rule=late, ticket=ticket).exists()


def test_rules_run_in_their_order_and_each_sees_the_one_before(
    cast: Cast, now: dt.datetime
) -> None:
    first = active(
        cast, now, "先", when=["urgency:is:3"], then=[act("assign", assignee=cast.zhoumin.pk)]
    )
    second = active(cast, now, "后", then=[act("edit", urgency=3)])
    ticket = ladder.submitted(cast, now)
    deliver(now)
    assert RuleRun.objects.get(rule=first).outcome == RunOutcome.NOT_MATCHED
    order_rules([second.pk, first.pk], acting_user=cast.admin, now=now)
    other = ladder.submitted(cast, now + MINUTE)
    deliver(now + MINUTE)
    other.refresh_from_db()
    ticket.refresh_from_db()
    assert (ticket.assignee_id, other.assignee_id) == (None, cast.zhoumin.pk)


def test_two_rules_that_undo_each_other_stop_after_one_turn(cast: Cast, now: dt.datetime) -> None:
    change = {"kind": "changed", "field": "urgency"}
    up = active(
        cast, now, "升", trigger=change, when=["urgency:is:1"], then=[act("edit", urgency=3)]
    )
    down = active(
        cast, now, "降", trigger=change, when=["urgency:is:3"], then=[act("edit", urgency=1)]
    )
    ticket = ladder.submitted(cast, now)
    edit_ticket(ticket, {"urgency": 3}, acting_user=cast.linzhixia, now=now + MINUTE)
    assert deliver(now + MINUTE) < 10
    acted = RuleRun.objects.filter(ticket=ticket, outcome=RunOutcome.ACTED)
    assert sorted(acted.values_list("rule", flat=True)) == sorted([up.pk, down.pk])
    assert RuleRun.objects.filter(ticket=ticket, rule=down, outcome=RunOutcome.IN_CHAIN).exists()


def test_a_chain_ends_after_a_few_rules(cast: Cast, now: dt.datetime) -> None:
    change = {"kind": "changed", "field": "tags"}
    rules = [
        active(cast, now, f"第{n}环", trigger=change, when=[f"tags:any:t{n}"],
               then=[act("add_tag", tag=f"t{n + 1}")])
        for n in reversed(range(CHAIN_MAX + 2))
    ]  # fmt: skip
    active(cast, now, "起", then=[act("add_tag", tag="t0")])
    ticket = ladder.submitted(cast, now)
    deliver(now)
    ticket.refresh_from_db()
    assert ticket.tags == [f"t{n}" for n in range(CHAIN_MAX)]
    too_deep = RuleRun.objects.filter(outcome=RunOutcome.TOO_DEEP)
    assert too_deep.values_list("rule", flat=True).distinct().count() == len(rules)


def test_a_rule_too_busy_on_one_ticket_pauses_and_tells_its_owner(
    cast: Cast, now: dt.datetime
) -> None:
    rule = active(
        cast, now, "跟帖", trigger={"kind": "requester_replied"}, then=[note()], hourly_cap=2
    )
    other = active(cast, now, "照常", trigger={"kind": "requester_replied"}, then=[note()])
    ticket = ladder.submitted(cast, now)
    for n in range(4):
        add_comment(ticket, f"补充 {n}", acting_user=cast.wangke, now=now + n * MINUTE)
        deliver(now + n * MINUTE)
    rule.refresh_from_db()
    other.refresh_from_db()
    assert (rule.state, rule.why_paused) == (RuleState.PAUSED, WhyPaused.LOOPS)
    assert other.state == RuleState.ACTIVE
    outcomes = RuleRun.objects.filter(rule=rule).order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == [RunOutcome.ACTED, RunOutcome.ACTED, RunOutcome.TOO_OFTEN]
    told = OutboxRow.objects.get(name="rule.paused")
    deliver_row(told, now)
    assert Notice.objects.get(kind="rule.paused").recipient == cast.admin
    activate_rule(rule, acting_user=cast.admin, now=now + 90 * MINUTE)
    add_comment(ticket, "还在吗", acting_user=cast.wangke, now=now + 90 * MINUTE)
    deliver(now + 90 * MINUTE)
    assert RuleRun.objects.filter(rule=rule, outcome=RunOutcome.ACTED).count() == 3


def test_a_refusal_leaves_nothing_and_several_in_a_row_pause_the_rule(
    cast: Cast, now: dt.datetime
) -> None:
    rule = active(
        cast, now, "错派", then=[note("不会留下"), act("assign", assignee=cast.wangke.pk)]
    )
    for n in range(FAILURES_MAX):
        ticket = ladder.submitted(cast, now + n * MINUTE)
        deliver(now + n * MINUTE)
        assert len(events(ticket)) == 1
        run = RuleRun.objects.get(rule=rule, ticket=ticket)
        assert run.outcome == RunOutcome.REFUSED
        assert run.done[0]["act"]["verb"] == "assign"
        assert cast.wangke.name in run.done[0]["refusal"][0]["value"]
    rule.refresh_from_db()
    assert (rule.state, rule.why_paused) == (RuleState.PAUSED, WhyPaused.FAILS)


def test_what_a_rule_may_hold_is_checked_part_by_part(cast: Cast, now: dt.datetime) -> None:
    said: dict[str, Any] = {"acting_user": cast.admin, "now": now}
    bad = RuleDraft(
        " ", {"kind": "in_status", "status": "gone", "hours": 0}, ["colour:is:red"],
        [act("assign"), act("dance"), act("claim")],
    )  # fmt: skip
    with pytest.raises(BadInput) as refused:
        create_rule(bad, **said)
    assert {problem.field for problem in refused.value.problems} == {
        "name", "trigger_status", "trigger_hours", "if_0", "then_0_assignee", "then_1_verb",
        "then_2_verb",
    }  # fmt: skip
    good = RuleDraft("好", SUBMITTED, [], [note()])
    with pytest.raises(NotAllowed):
        create_rule(good, acting_user=cast.linzhixia, now=now)
    rule = create_rule(good, **said)
    assert rule.state == RuleState.DRAFT
    ladder.submitted(cast, now)
    assert not OutboxRow.objects.filter(name="ticket.event").exists()
    edited = edit_rule(rule, RuleDraft("更好", {"kind": "reopened"}, [], [note()]), **said)
    assert (edited.trigger_kind, edited.version) == ("reopened", 2)
    activate_rule(edited, **said)
    assert switch_off_rule(edited, **said).state == RuleState.OFF


def test_time_in_a_status_counts_working_hours_and_acts_once_per_wait(
    cast: Cast, now: dt.datetime
) -> None:
    rule = active(
        cast, now, "催一下", trigger={"kind": "in_status", "status": "new", "hours": 4},
        then=[act("tell", user=None, team=None, words="四小时没人接")],
    )  # fmt: skip
    ticket = ladder.submitted(cast, now)  # Monday 10:00; the lunch hour does not count
    assert consider_time(now + dt.timedelta(hours=4, minutes=59)) == 0
    assert consider_time(now + dt.timedelta(hours=5)) == 1
    assert consider_time(now + dt.timedelta(hours=6)) == 0
    assert OutboxRow.objects.filter(name="ticket.told").count() > 1
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now + dt.timedelta(hours=6)}
    assign_ticket(ticket, cast.zhoumin, **agent)
    assert consider_time(now + dt.timedelta(days=3)) == 0
    assert RuleRun.objects.filter(rule=rule).count() == 1


def test_silence_starts_anew_with_each_reply(cast: Cast, now: dt.datetime) -> None:
    active(cast, now, "安静", trigger={"kind": "silent", "hours": 8}, then=[note()])
    ticket = ladder.submitted(cast, now)
    day = dt.timedelta(days=1)
    assert consider_time(now + day) == 1
    add_comment(ticket, "在吗", acting_user=cast.wangke, now=now + day)
    assert consider_time(now + day) == 0
    assert consider_time(now + 2 * day) == 1
