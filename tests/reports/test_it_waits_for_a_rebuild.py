"""A report that falls due while all facts are made anew: never from what is half there."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import OperationalError, connection

from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import make_due_snapshots, rebuild_facts, send_due_reports, subscribe
from reports.choices import PeriodKind
from reports.models import Delivery, Snapshot, TicketFact

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MONDAY = dt.date(2026, 11, 9)


def test_the_next_run_makes_it(cast: Cast, now: dt.datetime) -> None:
    play_worked_week(cast, MONDAY)
    subscribe(cast.gaoyuan, PeriodKind.WEEK, acting_user=cast.gaoyuan, now=now)
    rebuild_facts(now)
    facts = TicketFact.objects.count()
    halfway, may_end = threading.Event(), threading.Event()

    def stop_here(_done: int) -> None:
        halfway.set()
        assert may_end.wait(60)

    def rebuild() -> None:
        try:
            rebuild_facts(now, on_batch=stop_here)
        finally:
            connection.close()

    rebuilding = threading.Thread(target=rebuild)
    rebuilding.start()
    try:
        assert halfway.wait(60)
        # Readers have the facts of before, whole; a report waits for the new ones, and gives up.
        assert TicketFact.objects.count() == facts > 0
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError):
            make_due_snapshots(now, [PeriodKind.WEEK])
        send_due_reports(now)
        assert not Snapshot.objects.exists()
        assert not Delivery.objects.exists()
    finally:
        may_end.set()
        rebuilding.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    made = make_due_snapshots(now, [PeriodKind.WEEK])
    assert [snapshot.period for snapshot in made] == ["2026-W46"]
    assert made[0].figures["created"]["value"] == 12
    send_due_reports(now)
    assert [each.snapshot_id for each in Delivery.objects.all()] == [made[0].pk]
