"""A wrong file is taken back whole: what nobody touched since goes, what moved is kept and told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import BadInput
from core.events import history
from feedback.actions import add_feedback, evaluate_demand, start_import
from feedback.actions.editing import Cell, edit_cells
from feedback.actions.importing import carry_out_import, take_back_import
from feedback.models import Demand, DemandImport, FeedbackItem, ImportRow
from opsdesk.demo.cast import Cast
from tests.feedback.test_it_reads_spreadsheets import row, run_jobs, sent, sheet

pytestmark = pytest.mark.django_db


def _imported(cast: Cast, now: dt.datetime, *rows: list[object]) -> DemandImport:
    run = sent(cast, now, sheet(*rows))
    carry_out_import(run, acting_user=cast.linzhixia, now=now)
    return run_jobs(run, now)


def _taken_back(run: DemandImport, cast: Cast, now: dt.datetime) -> DemandImport:
    take_back_import(run, acting_user=cast.linzhixia, now=now)
    return run_jobs(run, now)


def test_what_nobody_touched_goes_and_what_moved_is_kept_with_why(
    cast: Cast, now: dt.datetime
) -> None:
    rows = [row(f"R-{n}", f"第 {n} 条：导出记住所选列") for n in range(1, 6)]
    before = Demand.objects.count()
    run = _imported(cast, now, *rows)
    made = {one.cells["ref"]: one.demand for one in run.rows.select_related("demand")}
    assert Demand.objects.count() == before + 5
    later = now + dt.timedelta(hours=1)
    evaluated, asked = made["R-2"], made["R-3"]
    assert evaluated is not None
    assert asked is not None
    evaluate_demand(evaluated, acting_user=cast.linzhixia, now=later)
    add_feedback(
        product=cast.products["crm"], person=cast.wangke, words="每周手工导出", source="chat",
        demand=asked, acting_user=cast.linzhixia, now=later,
    )  # fmt: skip
    gone = made["R-1"]
    assert gone is not None
    run = _taken_back(run, cast, later)
    assert run.state == DemandImport.State.UNDONE
    assert Demand.objects.count() == before + 2
    assert set(Demand.objects.order_by("-pk")[:2]) == {evaluated, asked}
    kept = {one.cells["ref"]: one.kept for one in run.rows.exclude(kept=[])}
    assert set(kept) == {"R-2", "R-3"}
    assert cast.linzhixia.name in kept["R-2"][0][0]
    assert all(remedy for told in kept.values() for _message, remedy in told)
    assert run.rows.filter(is_taken_back=True).count() == 3
    last = history("demand", gone.pk).last()
    assert last is not None
    assert (last.verb, last.data["import_id"]) == ("take_back", run.pk)


def test_the_same_file_brings_it_back(cast: Cast, now: dt.datetime) -> None:
    rows = [row("R-1", "导出记住所选列"), row("R-2", "批量审批")]
    before = Demand.objects.count()
    _taken_back(_imported(cast, now, *rows), cast, now)
    assert Demand.objects.count() == before
    again = _imported(cast, now, *rows)
    assert set(again.rows.values_list("outcome", flat=True)) == {ImportRow.Outcome.CREATE}
    assert Demand.objects.count() == before + 2


def test_cells_it_changed_are_set_back_unless_somebody_changed_them_since(
    cast: Cast, now: dt.datetime
) -> None:
    _imported(cast, now, row("R-1", "甲", 工作量=1), row("R-2", "乙", 工作量=1))
    run = _imported(cast, now, row("R-1", "甲", 工作量=8), row("R-2", "乙", 工作量=8))
    first, second = (one.demand for one in run.rows.select_related("demand"))
    assert first is not None
    assert second is not None
    edit_cells(
        [Cell(second.pk, "effort", "13")], acting_user=cast.linzhixia,
        now=now + dt.timedelta(minutes=5),
    )  # fmt: skip
    run = _taken_back(run, cast, now + dt.timedelta(minutes=9))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.effort, second.effort) == (Decimal(1), Decimal(13))
    assert [one.demand for one in run.rows.exclude(kept=[])] == [second]


def test_words_that_came_in_are_taken_back_too(cast: Cast, now: dt.datetime) -> None:
    text = "原话,来源,反馈人,产品\n录音要能转成文字,走访,王珂,星图 CRM\n"
    run = start_import(
        SimpleUploadedFile("said.csv", text.encode()), None, language="zh-hans",
        kind=DemandImport.Kind.FEEDBACK, acting_user=cast.linzhixia, now=now,
    )  # fmt: skip
    run = run_jobs(run, now)
    before = FeedbackItem.objects.count()
    carry_out_import(run, acting_user=cast.linzhixia, now=now)
    run = run_jobs(run, now)
    assert FeedbackItem.objects.count() == before + 1
    _taken_back(run, cast, now)
    assert FeedbackItem.objects.count() == before


def test_only_its_sender_and_only_before_its_week_is_reported(cast: Cast, now: dt.datetime) -> None:
    run = _imported(cast, now, row("R-1", "导出记住所选列"))
    with pytest.raises(BadInput):
        take_back_import(run, acting_user=cast.zhoumin, now=now)
    with pytest.raises(BadInput) as refused:
        take_back_import(run, acting_user=cast.linzhixia, now=now + dt.timedelta(days=7))
    assert refused.value.problems[0].remedy
    run = _taken_back(run, cast, now + dt.timedelta(days=6))
    assert run.state == DemandImport.State.UNDONE
    with pytest.raises(BadInput):
        take_back_import(run, acting_user=cast.linzhixia, now=now)
