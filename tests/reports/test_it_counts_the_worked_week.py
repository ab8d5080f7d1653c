"""The worked week of domain.md, through the real actions, gives exactly its figures."""

from __future__ import annotations

import datetime as dt

from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import make_snapshot
from reports.policies.verifying import CHECKS
from reports.policies.weeks import Week

MONDAY = dt.date(2026, 11, 9)


def test_the_worked_week(cast: Cast, now: dt.datetime) -> None:
    tickets = play_worked_week(cast, MONDAY)
    assert len(tickets) == 12
    failed = OutboxRow.objects.exclude(last_error="").filter(done_at=None)
    assert list(failed.values_list("name", "last_error")) == []
    snapshot = make_snapshot(Week.of_day(MONDAY), now)
    figures = {name: figure["value"] for name, figure in snapshot.figures.items()}
    expected = {
        "created": 12, "cancelled": 2, "resolved": 9, "level_1": 1, "level_2": 4, "level_3": 3,
        "level_4": 1, "bounces": 1, "research": 2, "unresolved_at_end": 1, "reopened": 0,
        "waiting_for_demand": 1, "unlevelled": 0, "unresolved_at_start": 0,
    }  # fmt: skip
    assert {name: figures[name] for name in expected} == expected
    assert snapshot.figures["level_3"]["causes"] == 1
    assert (snapshot.figures["relay_only"]["met"], snapshot.figures["relay_only"]["n"]) == (1, 9)
    listed = snapshot.rows.of_figure("research").values_list("subject_id", flat=True)
    assert set(listed) == {tickets["T1"].pk, tickets["T3"].pk}
    assert set(snapshot.rows.of_figure("level_4").values_list("subject_id", flat=True)) == {
        tickets["T9"].pk
    }
    for name, check in CHECKS.items():
        assert list(check()) == [], name
