"""Subscribers get each new report once, what they may see of it, and never an old one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from core.errors import BadInput
from core.models import Notice, OutboxRow
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import (
    correct_snapshot,
    edit_conclusion,
    follow_deliveries,
    make_snapshot,
    send_due_reports,
    subscribe,
    unsubscribe,
)
from reports.models import Delivery, Snapshot
from reports.notifications import KINDS
from reports.policies.weeks import Week
from tests.guards.world import deliver

MONDAY = dt.date(2026, 11, 9)
WEEK = "2026-W46"
ClientOf = Callable[[User], Client]


@pytest.fixture
def snapshot(cast: Cast, now: dt.datetime) -> Snapshot:
    play_worked_week(cast, MONDAY)
    return make_snapshot(Week.of_day(MONDAY), now)


def failures() -> list[dict[str, Any]]:
    rows = OutboxRow.objects.filter(name="report.failed").order_by("pk")
    return [row.payload["params"] for row in rows]


def test_each_gets_it_once_and_is_seen_to_read_it(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    subscribe(cast.gaoyuan, "week", acting_user=cast.gaoyuan, now=now)
    gone = subscribe(cast.linzhixia, "week", acting_user=cast.gaoyuan, now=now)
    unsubscribe(gone, acting_user=cast.linzhixia, now=now)
    assert send_due_reports(now.replace(hour=7)) == 0  # nobody is woken
    assert send_due_reports(now) == 1
    assert send_due_reports(now) == 0
    deliver(now + dt.timedelta(minutes=1))
    follow_deliveries(now + dt.timedelta(minutes=2))
    delivery = Delivery.objects.get()
    assert (delivery.person, delivery.in_app, delivery.read_at) == (cast.gaoyuan, "done", None)
    client = client_of(cast.gaoyuan)
    assert client.get(f"/reports/weekly/{WEEK}/").status_code == 200
    delivery.refresh_from_db()
    assert delivery.read_at is not None
    log = client.get(f"/reports/weekly/{WEEK}/annex/").content.decode()
    assert cast.gaoyuan.name in log
    # A correction goes to them as well, and says so.
    correct_snapshot(snapshot, now + dt.timedelta(hours=1))
    assert send_due_reports(now + dt.timedelta(hours=1)) == 1
    deliver(now + dt.timedelta(hours=2))
    notice = Notice.objects.filter(kind="report.ready").latest("pk")
    told = KINDS["report.ready"].text(notice)
    assert told.title.startswith("更正：")
    assert "1" in told.body


def test_the_message_says_what_a_person_wrote(
    snapshot: Snapshot, cast: Cast, now: dt.datetime
) -> None:
    """The edited conclusion goes out in the reader's language; who reads a part gets the draft of
    their figures, because the words are about all of it."""
    erp = cast.products["erp"]
    grant_role(cast.emma, PermissionRole.ANALYST, acting_user=cast.admin, now=now, product=erp)
    edit_conclusion(
        snapshot, "先看移动审批。", "Approvals first.", acting_user=cast.gaoyuan, now=now
    )
    people = {"gaoyuan": cast.gaoyuan, "emma": User.objects.get(pk=cast.emma.pk)}
    for person in people.values():
        subscribe(person, "week", acting_user=person, now=now)
    send_due_reports(now)
    deliver(now + dt.timedelta(minutes=1))
    told = {}
    for name, person in people.items():
        notice = Notice.objects.get(kind="report.ready", recipient=person)
        told[name] = KINDS["report.ready"].text(notice).body
    assert "先看移动审批。" in told["gaoyuan"]
    assert "先看移动审批。" not in told["emma"]
    assert str(erp) in told["emma"]
    figures, _blank, conclusion = told["gaoyuan"].split("\n")
    assert conclusion == "先看移动审批。"
    assert " · " in figures


def test_nothing_leaves_while_the_report_is_missing(cast: Cast, now: dt.datetime) -> None:
    """No blank one, and not last week's; who answers for the reports is told once a day."""
    make_snapshot(Week.of_day(MONDAY).shift(-1), now)
    subscribe(cast.gaoyuan, "week", acting_user=cast.gaoyuan, now=now)
    assert send_due_reports(now.replace(hour=9)) == 0
    assert failures() == []
    late = now.replace(hour=11)
    assert send_due_reports(late) == send_due_reports(late + dt.timedelta(hours=1)) == 0
    assert failures() == [{"period": WEEK, "stage": "compute"}]
    assert not Delivery.objects.exists()
    make_snapshot(Week.of_day(MONDAY), late)
    assert send_due_reports(late + dt.timedelta(hours=2)) == 1


def test_a_mail_that_fails_is_in_the_log_and_told(
    snapshot: Snapshot, cast: Cast, now: dt.datetime
) -> None:
    subscribe(cast.linzhixia, "week", acting_user=cast.linzhixia, now=now)
    send_due_reports(now)
    deliver(now + dt.timedelta(minutes=1))
    key = f"report_ready:{snapshot.pk}:mail:{cast.linzhixia.pk}"
    OutboxRow.objects.filter(key=key).delete()
    row = OutboxRow.objects.create(
        kind="mail", name="report.ready", key=key, created_at=now, due_at=now
    )
    follow_deliveries(now)
    assert Delivery.objects.get().mail == "waiting"
    assert failures() == []
    row.failed_at = now
    row.save()
    follow_deliveries(now)
    follow_deliveries(now)
    assert Delivery.objects.get().mail == "failed"
    assert failures() == [{"period": WEEK, "stage": "send"}]
    # Sent again by hand, it is delivered after all.
    row.failed_at, row.done_at = None, now
    row.save()
    follow_deliveries(now)
    assert Delivery.objects.get().mail == "done"


def test_only_readers_subscribe(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    with pytest.raises(BadInput) as refused:
        subscribe(cast.wangke, "week", acting_user=cast.gaoyuan, now=now)
    assert refused.value.problems[0].value == cast.wangke.name
    with pytest.raises(BadInput):
        subscribe(cast.gaoyuan, "fortnight", acting_user=cast.gaoyuan, now=now)


def test_it_is_worded_for_the_readers_scope(
    snapshot: Snapshot, cast: Cast, now: dt.datetime
) -> None:
    finance = cast.departments["finance"]
    grant_role(
        cast.zhaoyi, PermissionRole.ANALYST, department=finance, acting_user=cast.admin, now=now
    )
    person = User.objects.get(pk=cast.zhaoyi.pk)
    subscribe(person, "week", acting_user=person, now=now)
    notice = Notice(recipient=person, kind="report.ready", params={"period": WEEK})
    body = KINDS["report.ready"].text(notice).body
    assert finance.name in body.splitlines()[0]
    whole = Notice(recipient=cast.gaoyuan, kind="report.ready", params={"period": WEEK})
    assert KINDS["report.ready"].text(whole).body != body
