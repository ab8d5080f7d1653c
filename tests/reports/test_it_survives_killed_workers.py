"""Invariant 8 by SIGKILL: a process dies anywhere in a rebuild or an increment, and the roll-ups
equal recomputation. A process of its own each time, with its own connection, like a worker's."""

from __future__ import annotations

import datetime as dt
import os
import random
import select
import signal
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from core.models import Touched
from opsdesk.demo.cast import Cast
from reports.actions import facts, follow_touched, rebuild_facts, rebuilding
from reports.policies.verifying import CHECKS
from tests.reports.histories import ZONE
from tests.reports.test_it_keeps_rollups_exact import stored
from tickets.actions.history import record_history
from tickets.actions.history_rules import Happening, TicketHistory
from tickets.models import Ticket

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TICKETS = 240
SUMS = ("roll-ups equal recomputation", "live cells equal their rows")
HELD = ("facts are current", *SUMS, "roll-ups add up to the backlog")


def recorded(cast: Cast, now: dt.datetime) -> None:
    """Tickets of a month that were submitted, resolved and some reopened."""
    dice = random.Random(3)
    start = dt.datetime(2022, 3, 1, 9, tzinfo=ZONE)
    histories = []
    for number in range(TICKETS):
        at = start + dt.timedelta(hours=3 * number)
        first = {
            "title": f"{number}", "description": "-", "level": None, "channel": "import",
            "product_id": dice.choice([cast.products["crm"].pk, cast.products["erp"].pk]),
            "requester_id": cast.wangke.pk, "submitted_by_id": cast.wangke.pk,
            "department_id": cast.wangke.department_id,
        }  # fmt: skip
        happenings = [Happening(at, first)]
        for status in ("resolved", "open", "resolved", "closed")[: dice.randint(0, 4)]:
            at += dt.timedelta(hours=dice.randint(1, 60))
            happenings.append(Happening(at, {"status": status}))
        histories.append(TicketHistory("hand", str(number), happenings))
    assert record_history(histories, acting_user=None, now=now).refused == []


def killed(work: Callable[[], object], after: float) -> bool:
    """Run `work` in a process of its own and kill it after so many seconds; whether it was hit.

    Processes it started must end with it.
    """
    connection.close()  # the child must not share, nor close, the parent's
    left, held = os.pipe()  # reads to its end once nobody holds the other one
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.close(held)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    ended, _, _ = select.select([left], [], [], 20)
    os.close(left)
    assert ended, "a process outlived the one that started it"
    return os.WIFSIGNALED(status)


def follow_all(now: dt.datetime, limit: int) -> None:
    while follow_touched(now, limit=limit):
        pass


@pytest.mark.parametrize(
    "rounds", [10, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_rollups_equal_recomputation_after_kills(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    monkeypatch.setattr(facts, "BATCH", 40)
    monkeypatch.setattr(rebuilding, "SPAN", 30)
    recorded(cast, now)
    follow_all(now, 2000)
    started = time.monotonic()
    rebuild_facts(now, processes=2)
    whole = time.monotonic() - started
    kept, dice, hits = stored(), random.Random(rounds), 0
    pks = list(Ticket.objects.values_list("pk", flat=True))
    for number in range(rounds):
        after, before = dice.uniform(0.02, whole), stored()
        if number % 2:
            hits += killed(partial(rebuild_facts, now, processes=1 + number % 4 // 2), after)
            assert stored() == before, number
        else:
            touched = [Touched(subject="ticket", subject_id=pk) for pk in dice.sample(pks, 120)]
            Touched.objects.bulk_create(touched)
            hits += killed(lambda: follow_all(now, 15), after / 2)
        # Between two batches of increments every sum is what its rows say.
        for name in SUMS:
            assert list(CHECKS[name]()) == [], number
    assert hits > rounds / 3
    follow_all(now, 50)
    assert stored() == kept
    for name in HELD:
        assert list(CHECKS[name]()) == [], name
