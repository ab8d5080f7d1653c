"""A worker killed in the middle of its rules: each acts exactly once, none is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from django.utils import timezone

from core.models import Event, OutboxRow
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tests.tickets.test_it_runs_rules import act, active, note
from tickets.choices import RunOutcome
from tickets.models import Comment, RuleRun, Ticket

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TICKETS = 40


def test_each_rule_acts_exactly_once_though_the_worker_is_killed(
    cast: Cast, real_worker: subprocess.Popen[bytes]
) -> None:
    now = timezone.now()
    first = active(cast, now, "标记", then=[act("add_tag", tag="新"), note("请在今天看")])
    changed = {"kind": "changed", "field": "tags"}
    second = active(cast, now, "接着", trigger=changed, then=[act("edit", urgency=3)])
    for _each in range(TICKETS):
        ladder.submitted(cast, timezone.now())
    until = time.monotonic() + 30
    while not 3 <= RuleRun.objects.count() < 2 * TICKETS and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(real_worker.pid, signal.SIGKILL)
    real_worker.wait(10)
    assert OutboxRow.objects.filter(name="ticket.event", done_at=None).exists(), (
        "the worker was too fast to be killed in the middle"
    )
    # The dead worker's lease runs out; and a row that was done before its mark comes again.
    OutboxRow.objects.filter(name="ticket.event").update(
        claimed_until=None, done_at=None, due_at=now
    )
    deliver_outbox()
    for rule in (first, second):
        runs = RuleRun.objects.filter(rule=rule, outcome=RunOutcome.ACTED)
        assert runs.count() == TICKETS
    for ticket in Ticket.objects.all():
        assert (ticket.tags, ticket.urgency) == (["新"], 3)
        assert Comment.objects.filter(ticket=ticket).count() == 1
        verbs = Event.objects.filter(subject="ticket", subject_id=ticket.pk).values_list(
            "verb", flat=True
        )
        assert sorted(verbs) == ["edit", "note", "submit", "tag"]
