"""Live rows and their cells: equal to recomputation, and to what a reader counts by hand."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from core.models import Touched
from opsdesk.demo.cast import Cast
from reports.actions import follow_touched, rebuild_facts
from reports.models import LiveCell, LiveRow
from reports.policies.verifying import CHECKS
from tests.reports.test_it_keeps_rollups_exact import live_on

pytestmark = pytest.mark.django_db


def stored(model: Any) -> list[tuple[str, ...]]:
    rows = model.objects.values()
    return sorted(tuple(str(v) for name, v in row.items() if name != "id") for row in rows)


def test_cells_follow_rows_step_by_step(cast: Cast, now: dt.datetime) -> None:
    dice = random.Random(3)
    Touched.objects.all().delete()
    for number in range(12):
        moment = now + dt.timedelta(days=4 * number)
        for _ in range(3):
            live_on(cast, dice, moment)
        while follow_touched(moment, limit=5):
            pass
    assert list(CHECKS["live cells equal their rows"]()) == []
    kept = {model: stored(model) for model in (LiveRow, LiveCell)}
    assert len(kept[LiveRow]) > 100
    LiveCell.objects.update(rows=77)
    LiveRow.objects.filter(figure="created").delete()
    assert list(CHECKS["live cells equal their rows"]()) != []
    rebuild_facts(now)
    for model, rows in kept.items():
        assert stored(model) == rows
