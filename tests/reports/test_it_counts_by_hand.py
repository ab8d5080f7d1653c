"""Small histories with figures worked out by hand; what comes later never moves a snapshot."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions import create_module
from opsdesk.demo.cast import Cast
from reports.actions import correct_snapshot, follow_touched, make_due_snapshots, make_snapshot
from reports.models import Snapshot, SnapshotRow
from reports.policies.report import compute_report
from reports.policies.verifying import CHECKS
from reports.policies.weeks import Week
from tests.reports.histories import written
from tests.tickets.ladder import routed
from tickets.actions import relay_ticket, reopen_ticket, return_relay, undo_act
from tickets.models import Ticket

WEEK = "2022-W10"  # Monday 2022-03-07


@pytest.fixture
def tickets(cast: Cast, now: dt.datetime) -> dict[str, Ticket]:
    """Six tickets over three weeks; in week 10:

    a  open since February, resolved on Monday, reopened on Tuesday, resolved again on Friday
    b  submitted on Monday, resolved on Wednesday, closed on Thursday
    c  submitted on Tuesday, cancelled on Wednesday, restored on Thursday, still open
    d  resolved the week before, cancelled in week 10: it was not part of the backlog
    e  submitted on Saturday night of week 10, nothing else
    f  open since February, moved from CRM to ERP on Friday
    """
    erp = cast.products["erp"].pk
    stories: dict[str, tuple[str, list[tuple[str, dict[str, Any]]]]] = {
        "a": ("02-22 10:00", [
            ("03-07 10:00", {"status": "resolved"}), ("03-08 10:00", {"status": "open"}),
            ("03-11 10:00", {"status": "resolved"}),
        ]),
        "b": ("03-07 09:00", [
            ("03-09 11:00", {"status": "resolved"}), ("03-10 11:00", {"status": "closed"}),
        ]),
        "c": ("03-08 09:00", [
            ("03-09 09:00", {"status": "cancelled"}), ("03-10 09:00", {"status": "new"}),
        ]),
        "d": ("02-28 09:00", [
            ("03-03 09:00", {"status": "resolved"}), ("03-09 09:00", {"status": "cancelled"}),
        ]),
        "e": ("03-12 23:59", []),
        "f": ("02-23 09:00", [("03-11 15:00", {"product_id": erp, "module_id": None})]),
    }  # fmt: skip
    return {
        name: written(cast, name, submitted, steps, now=now)
        for name, (submitted, steps) in stories.items()
    }


EXPECTED = {
    "created": 3, "resolved": 3, "reopened": 1, "closed": 1, "cancelled": 2,
    "cancelled_unresolved": 1, "restored": 1, "restored_unresolved": 1,
    "unresolved_at_start": 2, "unresolved_at_end": 3, "open_at_end": 4, "over_7_days": 1,
    "moved_in": 1, "moved_out": 1, "unlevelled": 3, "level_1": 0,
}  # fmt: skip


def values(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name]["value"] for name in EXPECTED}


def test_the_week_is_as_worked_out(tickets: dict[str, Ticket], now: dt.datetime) -> None:
    snapshot = make_snapshot(Week.named(WEEK), now)
    assert values(snapshot.figures) == EXPECTED
    # a: Tue 22 Feb 10:00 to Fri 11 Mar 10:00; b: Mon 09:00 to Wed 11:00.
    assert snapshot.figures["resolution_wall"]["n"] == 2
    rows = snapshot.rows.of_figure("resolution").order_by("subject_id")
    # 13 days of eight hours, one hour less and one more: ten to ten. Two days and two hours.
    assert [row.seconds for row in rows] == [13 * 8 * 3600, (2 * 8 + 2) * 3600]


def test_the_backlog_adds_up_in_each_breakdown(
    tickets: dict[str, Ticket], cast: Cast, now: dt.datetime
) -> None:
    parts = make_snapshot(Week.named(WEEK), now).breakdowns["product"]
    crm, erp = (parts[str(cast.products[key].pk)] for key in ("crm", "erp"))
    assert (crm["unresolved_at_start"]["value"], crm["unresolved_at_end"]["value"]) == (2, 2)
    assert erp["unresolved_at_end"]["value"] == erp["moved_in"]["value"] == 1
    make_due_snapshots(now)
    for name, check in CHECKS.items():
        assert list(check()) == [], name


def test_what_comes_later_never_moves_a_snapshot(
    tickets: dict[str, Ticket], cast: Cast, now: dt.datetime
) -> None:
    snapshot = make_snapshot(Week.named(WEEK), now)
    rows = list(SnapshotRow.objects.filter(snapshot=snapshot).order_by("id").values())
    reopen_ticket(tickets["a"], "又来了", acting_user=cast.linzhixia, now=now)
    create_module(cast.products["crm"], "新模块", None, acting_user=cast.admin, now=now)
    # Recorded after the snapshot was made, whatever the clock of this machine says.
    late = written(cast, "late", "03-09 10:00", [], now=snapshot.as_of + dt.timedelta(days=1))
    follow_touched(now)
    again = make_snapshot(Week.named(WEEK), now)
    assert again.pk == snapshot.pk
    assert again.figures == snapshot.figures
    assert list(SnapshotRow.objects.filter(snapshot=again).order_by("id").values()) == rows
    # As of what it knew, it is computed again to the same figures; knowing more, one is created.
    same = compute_report(Week.named(WEEK), snapshot.as_of)
    assert same.figures == snapshot.figures
    correction = correct_snapshot(snapshot, now)
    assert correction.replaces == snapshot
    assert correction.figures["created"]["value"] == 4
    listed = correction.rows.of_figure("created").values_list("subject_id", flat=True)
    assert late.pk in listed
    assert Snapshot.objects.in_force().of_periods([WEEK]).get() == correction
    assert make_snapshot(Week.named(WEEK), now) == correction


def test_a_return_that_was_undone_is_nobodys(cast: Cast, now: dt.datetime) -> None:
    """A slip of the hand, taken back; the return after it counts."""
    week = Week.of(now).shift(-1)
    at = week.starts_at + dt.timedelta(days=1, hours=10)
    minute = dt.timedelta(minutes=1)
    agent, outside = cast.linzhixia, cast.hesiyuan
    ticket = relay_ticket(
        routed(cast, at), cast.teams["crm_development"], acting_user=agent, now=at + minute
    )
    said: dict[str, Any] = {"reason": "misjudged", "note": "不是我们", "acting_user": outside}
    slip = return_relay(ticket, now=at + 2 * minute, **said)
    returned = slip.version - 1  # the note of the return is an event of its own
    undo_act(ticket, returned, acting_user=outside, now=at + 3 * minute)
    as_of = timezone.now() + dt.timedelta(days=1)  # recorded by the clock of this machine
    assert compute_report(week, as_of).figures["bounces"]["value"] == 0
    return_relay(ticket, now=at + 4 * minute, **said)
    assert compute_report(week, as_of).figures["bounces"]["value"] == 1


def test_a_week_that_is_not_over_has_no_snapshot(cast: Cast, now: dt.datetime) -> None:
    with pytest.raises(ValueError, match="not over"):
        make_snapshot(Week.of(now), now)
