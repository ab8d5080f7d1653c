"""A dry run says what a rule would have done at which event, and writes nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps

from core.models import Event, OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tests.tickets.test_it_runs_rules import act, active, deliver, note
from tickets.actions import add_comment, edit_ticket, resolve_ticket
from tickets.actions import rehearsing as rehearsing_module
from tickets.actions.rehearsing import JOB, rehearse, start_trial
from tickets.actions.rules import RuleDraft
from tickets.choices import RunOutcome, TrialState
from tickets.models import RuleRun, RuleTrial, Ticket

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def rows_of_every_table() -> dict[str, int]:
    return {m._meta.label: m._default_manager.count() for m in apps.get_models()}


def tried(cast: Cast, now: dt.datetime, trigger: Any, when: Any = (), then: Any = ()) -> RuleTrial:
    draft = RuleDraft("试", trigger, list(when), list(then) or [note()])
    trial = start_trial(draft, acting_user=cast.admin, now=now)
    while rows := list(OutboxRow.objects.filter(name=JOB, done_at=None)):
        for row in rows:
            deliver_row(row, now)
            row.refresh_from_db()
            assert row.done_at is not None, row.last_error
    trial.refresh_from_db()
    assert trial.state == TrialState.DONE
    return trial


def test_it_judges_the_ticket_as_it_stood_and_writes_nothing(cast: Cast, now: dt.datetime) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now + HOUR}
    ticket = ladder.submitted(cast, now)
    edit_ticket(ticket, {"type": "bug", "urgency": 3}, **agent)
    edit_ticket(ticket, {"type": "how_to", "urgency": 1}, **agent)
    old = ladder.submitted(cast, now - 40 * DAY)
    before, rows = rows_of_every_table(), list(Ticket.objects.order_by("pk").values())
    change = {"kind": "changed", "field": "urgency"}
    trial = tried(
        cast, now + DAY, change, ["type:is:bug", "urgency:is:3", "product:is:crm"],
        [act("assign", assignee=cast.zhoumin.pk)],
    )  # fmt: skip
    # Today it is a how-to; at its second version it was an urgent bug.
    assert [(hit["ticket"], hit["version"]) for hit in trial.hits] == [(ticket.pk, 2)]
    assert (trial.considered, trial.matched, trial.done) == (2, 1, trial.total)
    after = rows_of_every_table()
    changed = {label for label in after if after[label] != before[label]}
    assert changed == {"tickets.RuleTrial", "core.OutboxRow"}
    assert list(Ticket.objects.order_by("pk").values()) == rows
    assert tried(cast, now + DAY, {"kind": "submitted"}).matched == 1
    assert old.pk not in [hit["ticket"] for hit in trial.hits]


def test_it_agrees_with_what_the_rule_then_does(cast: Cast, now: dt.datetime) -> None:
    """The same tickets: once with the rule at work, once tried afterwards over the same time."""
    when = ["product:is:crm", "urgency:atleast:2", "tags:empty", "assignee:empty"]
    rule = active(cast, now, "真", when=when, then=[act("add_tag", tag="一线")])
    for n in range(6):
        ladder.submitted(cast, now + n * HOUR, urgency=1 + n % 3, module=(
            cast.modules["visits"] if n % 2 else None))  # fmt: skip
        deliver(now + n * HOUR)
    acted = RuleRun.objects.filter(rule=rule, outcome=RunOutcome.ACTED)
    trial = tried(cast, now + DAY, {"kind": "submitted"}, when)
    assert acted.count() == 4
    assert {hit["ticket"] for hit in trial.hits} == set(acted.values_list("ticket", flat=True))


def test_it_finds_the_moments_of_time(cast: Cast, now: dt.datetime) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia}
    slow = ladder.submitted(cast, now)  # Monday 10:00
    quick = ladder.submitted(cast, now)
    add_comment(quick, "好的", **agent, now=now + HOUR)
    add_comment(slow, "抱歉，才看到", **agent, now=now + DAY)
    trial = tried(cast, now + 2 * DAY, {"kind": "in_status", "status": "new", "hours": 4})
    assert [(hit["ticket"], hit["version"]) for hit in trial.hits] == [(slow.pk, 1)]
    # 10:00 and four working hours, the lunch hour between them.
    assert dt.datetime.fromisoformat(trial.hits[0]["at"]) == now + 5 * HOUR


def test_it_says_where_an_act_would_have_been_refused(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.answered(cast, now)
    resolve_ticket(ticket, "answered", acting_user=cast.linzhixia, now=now + HOUR)
    trial = tried(
        cast, now + DAY, {"kind": "status", "status": "resolved"}, (),
        [note(), act("assign", assignee=cast.zhoumin.pk)],
    )  # fmt: skip
    assert [hit["in_the_way"] for hit in trial.hits] == ["assign"]


def test_slices_delivered_twice_count_once(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsing_module, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(rehearsing_module, "BATCH", 1)
    for n in range(3):
        ladder.submitted(cast, now + n * HOUR)
    draft = RuleDraft("慢慢试", {"kind": "submitted"}, [], [note()])
    trial = start_trial(draft, acting_user=cast.admin, now=now + DAY)
    monkeypatch.setattr(rehearsing_module, "SLICE_SECONDS", 0.05)
    rehearse(trial.pk, 0, now)
    rehearse(trial.pk, 0, now)
    while rows := list(OutboxRow.objects.filter(name=JOB, done_at=None)):
        for row in rows:
            deliver_row(row, now)
            rehearse(row.payload["trial_id"], row.payload["cursor"], now)
    trial.refresh_from_db()
    assert (trial.state, trial.matched, trial.total) == (TrialState.DONE, 3, 3)
    assert Event.objects.filter(subject="rule").count() == 0
