"""An import can be run again: after it went well, after the log grew, after a kill -9."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from core import events
from core.models import Event
from stack.places import PROJECT
from tests.tickets.imports import import_log, write_log, write_mapping
from tickets.models import Ticket

ROWS = (
    "A1,Open,2020-01-06 09:00,Ann,Mail,low",
    "A1,Wait,2020-01-06 11:00,Bob,Mail,low",
    "A1,Done,2020-01-07 09:00,Bob,Mail,high",
)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_mapping(tmp_path)


@pytest.mark.django_db
def test_the_same_log_again_changes_nothing(tmp_path: Path, mapping: Path) -> None:
    log = write_log(tmp_path, *ROWS)
    import_log(log, mapping)
    before = Event.objects.count()

    told = import_log(log, mapping)

    assert "0 new, 0 continued, 1 unchanged" in told
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_a_log_that_grew_adds_the_new_events_only(tmp_path: Path, mapping: Path) -> None:
    import_log(write_log(tmp_path, *ROWS[:2]), mapping)
    assert Ticket.objects.get(external_id="A1").status == "pending"

    told = import_log(write_log(tmp_path, *ROWS), mapping)

    ticket = Ticket.objects.get(external_id="A1")
    assert "0 new, 1 continued" in told
    assert (ticket.status, ticket.impact, ticket.version) == ("resolved", 3, 4)
    assert events.unfolded(ticket) == {}
    assert [e.version for e in events.history("ticket", ticket.pk)] == [1, 2, 3, 4]


@pytest.mark.django_db
def test_a_log_that_tells_it_differently_is_refused(tmp_path: Path, mapping: Path) -> None:
    import_log(write_log(tmp_path, *ROWS), mapping)
    before = Event.objects.count()

    told = import_log(write_log(tmp_path, ROWS[0], ROWS[1].replace("11:00", "11:30")), mapping)

    assert "1 left out" in told
    assert "differs from the one imported before" in told
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_a_ticket_that_was_worked_on_here_is_left_alone(tmp_path: Path, mapping: Path) -> None:
    import_log(write_log(tmp_path, *ROWS[:2]), mapping)
    ticket = Ticket.objects.get(external_id="A1")
    events.change(ticket, "edit", actor_id=None, now=ticket.updated_at, fields={"urgency": 3})

    told = import_log(write_log(tmp_path, *ROWS), mapping)

    assert "was worked on here" in told
    assert Ticket.objects.get(external_id="A1").status == "pending"
    assert "1 unchanged" in import_log(write_log(tmp_path, *ROWS[:2]), mapping)


def many_rows(cases: int) -> list[str]:
    return [
        f"K{case},{activity},2020-01-{day:02} 09:00,Agent {case % 40},Mail,low"
        for case in range(cases)
        for day, activity in ((6, "Open"), (7, "Wait"), (8, "Done"), (9, "Closed"))
    ]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_is_completed_without_a_duplicate(
    tmp_path: Path, mapping: Path, product_environment: dict[str, str]
) -> None:
    log = write_log(tmp_path, *many_rows(6000))
    process = subprocess.Popen(
        [
            sys.executable, str(PROJECT / "manage.py"), "import_tickets", str(log),
            "--mapping", str(mapping), "--no-progress",
        ],
        env=product_environment,
        start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while Ticket.objects.count() == 0:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    kept = Ticket.objects.count()
    assert 0 < kept < 6000
    assert kept % 500 == 0

    told = import_log(log, mapping)

    assert f"{6000 - kept} new, 0 continued, {kept} unchanged" in told
    assert Ticket.objects.filter(external_source="small").count() == 6000
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT (subject_id, data->>'line', version))"
            " FROM core_event WHERE subject = 'ticket'"
        )
        written, distinct = cursor.fetchone()
    assert written == distinct
    sample = Ticket.objects.order_by("-pk")[:50]
    assert all(events.unfolded(ticket) == {} for ticket in sample)
