"""A worker killed in the middle of a bulk run: the run goes on, and no ticket is acted on twice."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import time
from collections import Counter

import pytest
from django.utils import timezone

from core.events import unfolded
from core.models import Event, OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets import actions
from tickets.actions.acts import Act
from tickets.actions.bulk import counts_of
from tickets.models import BulkRun, Ticket

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TICKETS = 200


def test_a_killed_run_goes_on_where_it_stood(
    cast: Cast, now: dt.datetime, real_worker: subprocess.Popen[bytes]
) -> None:
    tickets = [submitted(cast, now, f"第 {number} 张") for number in range(TICKETS)]
    started = timezone.now()
    run = actions.start_bulk_run(
        Act("add_tag", {"tag": "大促"}), [(ticket.pk, ticket.version) for ticket in tickets],
        acting_user=cast.linzhixia, now=started,
    )  # fmt: skip
    killed_at = _kill_in_the_middle(run, real_worker)
    assert 0 < killed_at < TICKETS

    # The lease of the dead worker runs out, and another one finds the row.
    later = timezone.now() + dt.timedelta(minutes=2)
    for _each in range(TICKETS):
        jobs = OutboxRow.objects.filter(kind=OutboxRow.Kind.JOB, done_at=None, failed_at=None)
        job = jobs.filter(name="tickets.bulk").first()
        if job is None:
            break
        deliver_row(job, later)
    run.refresh_from_db()
    assert run.finished_at is not None
    assert counts_of(run)["done"] == TICKETS
    made = Counter(Event.objects.filter(verb="tag").values_list("subject_id", flat=True))
    assert made == Counter({ticket.pk: 1 for ticket in tickets})
    assert all(unfolded(ticket) == {} for ticket in Ticket.objects.filter(pk__in=made))
    # Done by the worker that died is done once: nothing is undone or repeated by the second.
    back = actions.undo_bulk_run(run, acting_user=cast.linzhixia, now=later)
    while actions.continue_bulk_run(back, now=later):
        pass
    assert counts_of(back)["done"] == TICKETS
    assert set(map(tuple, Ticket.objects.values_list("tags", flat=True))) == {()}


def _kill_in_the_middle(run: BulkRun, worker: subprocess.Popen[bytes]) -> int:
    """SIGKILL to the worker and its children once some tickets are done; how many were."""
    until = time.monotonic() + 60
    while not (done := counts_of(run)["done"]):
        assert time.monotonic() < until, "the worker did nothing"
        time.sleep(0.01)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(timeout=10)
    assert done
    return counts_of(run)["done"]
