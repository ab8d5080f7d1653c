"""Demands from a spreadsheet: judged row by row, imported once, named where they are wrong."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from core.models import Notice, OutboxRow
from core.tasks import deliver_outbox
from feedback.actions import DemandDraft, create_demand
from feedback.actions.importing import JOB, carry_out_import, go_on_with_import, start_import
from feedback.models import Demand, DemandImport, ImportRow
from feedback.search.columns import COLUMNS
from opsdesk.demo.cast import Cast

pytestmark = pytest.mark.django_db

HEADINGS = [
    "编号",
    "标题",
    "产品",
    "模块",
    "优先级",
    "工作量",
    "提出人",
    "计划上线时间",
    "状态",
    "备注",
]


def sheet(*rows: list[Any], headings: list[str] = HEADINGS) -> SimpleUploadedFile:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (headings, *rows):
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("需求.xlsx", file.getvalue())


def row(number: int | str, title: str, **more: Any) -> list[Any]:
    usual = {"产品": "星图 CRM", "模块": "", "优先级": "P2", "工作量": 2.5, "提出人": "",
             "计划上线时间": "", "状态": "", "备注": "不读"}  # fmt: skip
    return [number, title, *{**usual, **more}.values()]


def run_jobs(run: DemandImport, now: dt.datetime) -> DemandImport:
    """What a worker does, batch after batch."""
    for _turn in range(200):
        waiting = OutboxRow.objects.filter(name=JOB, done_at__isnull=True).order_by("pk").first()
        if waiting is None:
            break
        go_on_with_import(waiting.payload, now)
        waiting.done_at = now
        waiting.save()
    run.refresh_from_db()
    return run


def sent(cast: Cast, now: dt.datetime, upload: SimpleUploadedFile) -> DemandImport:
    run = start_import(
        upload, None, language="zh-hans", acting_user=cast.linzhixia, now=now
    )  # fmt: skip
    return run_jobs(run, now)


def outcomes(run: DemandImport) -> dict[int, str]:
    return dict(run.rows.values_list("line", "outcome"))


def test_good_rows_come_in_bad_cells_are_named_and_again_changes_nothing(
    cast: Cast, now: dt.datetime
) -> None:
    there = create_demand(
        DemandDraft("导出时记住所选列", cast.products["crm"]), acting_user=cast.linzhixia, now=now
    )
    rows = [
        row(
            "R-1",
            "批量导入联系人",
            模块="拜访管理",
            提出人="王珂",
            计划上线时间="2026-12-01",
            状态="已排期",
        ),
        row(there.ref, "导出时记住所选的列"),
        row("R-2", "坏的一行", 产品="没有的产品", 工作量="若干"),
        row("R-3", "工作量不对", 工作量="三天"),
        row("R-1", "同一编号又来一次"),
        row("R-4", "", 模块="拜访管理"),
        row("R-5", "已上线但没有日期", 状态="已上线"),
        row("R-6", "别的系统", 产品="禾账 ERP"),
    ]
    before = Demand.objects.count()
    run = sent(cast, now, sheet(*rows))
    assert run.state == run.State.JUDGED
    assert Demand.objects.count() == before, "a preview sets nothing"
    assert outcomes(run) == {
        2: "create", 3: "change", 4: "refused", 5: "refused", 6: "refused", 7: "refused",
        8: "refused", 9: "create",
    }  # fmt: skip
    named = {
        line: [(problem[0], problem[1]) for problem in problems]
        for line, problems in run.rows.filter(outcome="refused").values_list("line", "problems")
    }
    assert named == {
        4: [("产品", "没有的产品"), ("工作量", "若干")], 5: [("工作量", "三天")],
        6: [("编号", "R-1")], 7: [("标题", "")], 8: [("released", "")],
    }  # fmt: skip
    assert [heading for heading, key in run.headings if not key] == ["备注"]

    run = run_jobs(carry_out_import(run, acting_user=cast.linzhixia, now=now), now)
    assert run.state == run.State.DONE
    made = Demand.objects.get(title="批量导入联系人")
    assert (made.status, made.priority, str(made.effort), made.module, made.proposer) == (
        "scheduled", 2, "2.5", cast.modules["visits"], cast.wangke
    )  # fmt: skip
    there.refresh_from_db()
    assert there.title == "导出时记住所选的列"
    assert Demand.objects.matching("批量导入").count() == 1
    assert Demand.objects.count() == before + 2

    again = sent(cast, now, sheet(*rows))
    assert {line: what for line, what in outcomes(again).items() if what != "refused"} == {
        2: "same", 3: "same", 9: "same"
    }  # fmt: skip


def test_a_killed_batch_is_done_once(cast: Cast, now: dt.datetime) -> None:
    run = sent(cast, now, sheet(*[row(f"R-{n}", f"需求 {n}") for n in range(70)]))
    carry_out_import(run, acting_user=cast.linzhixia, now=now)
    first = OutboxRow.objects.filter(name=JOB, done_at__isnull=True).get()
    go_on_with_import(first.payload, now)
    # The worker died before it could say so: the same job comes again.
    go_on_with_import(first.payload, now)
    run_jobs(run, now)
    assert Demand.objects.filter(title__startswith="需求 ").count() == 70
    assert run.rows.filter(is_done=True).count() == 70


def test_what_was_exported_comes_back_unchanged(cast: Cast, now: dt.datetime) -> None:
    sent_first = sent(cast, now, sheet(
        row("R-1", "批量导入联系人", 模块="拜访管理", 提出人="王珂", 计划上线时间="2026-12-01",
            状态="已排期"),
        row("R-2", "导出时记住所选列"),
    ))  # fmt: skip
    run_jobs(carry_out_import(sent_first, acting_user=cast.linzhixia, now=now), now)
    client = Client()
    client.force_login(cast.linzhixia)
    columns = ",".join(COLUMNS)
    for kind in ("xlsx", "csv"):
        answer = client.get(f"/demands/export/{kind}/?scope=all&columns={columns}")
        assert answer.status_code == 200
        run = sent(cast, now, SimpleUploadedFile(f"demands.{kind}", answer.content))
        assert run.error == ""
        assert set(outcomes(run).values()) == {"same"}, list(
            run.rows.values_list("changes", "problems")
        )
    book = load_workbook(io.BytesIO(client.get("/demands/export/xlsx/?scope=all").content))
    page = book.active
    assert page is not None
    assert isinstance(page["H2"].value, (int, float)), "an effort is a number"


def test_a_table_too_large_for_one_file_says_so(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = sent(cast, now, sheet(row("R-1", "批量导入联系人"), row("R-2", "导出时记住所选列")))
    run_jobs(carry_out_import(imported, acting_user=cast.linzhixia, now=now), now)
    client = Client()
    client.force_login(cast.linzhixia)
    address = "/demands/export/csv/?scope=all"
    monkeypatch.setattr("feedback.rendering.sheet.ROWS_MAX", 2)
    assert client.get(address).status_code == 200
    monkeypatch.setattr("feedback.rendering.sheet.ROWS_MAX", 1)
    answer = client.get(address, follow=True)
    assert answer.redirect_chain == [("/demands/?scope=all", 302)]
    assert "此列表超过 1 条需求" in answer.content.decode()


def test_a_file_that_cannot_be_read_says_what_would_do(cast: Cast, now: dt.datetime) -> None:
    run = sent(cast, now, SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken"))
    assert run.state == run.State.FAILED
    assert run.error
    run = sent(cast, now, SimpleUploadedFile("b.csv", "某列,另一列\n1,2\n".encode()))
    assert run.state == run.State.FAILED
    deliver_outbox()
    assert Notice.objects.filter(recipient=cast.linzhixia, kind="demand.import").count() == 2


def test_the_pages_show_the_rows_and_import_them(cast: Cast, now: dt.datetime) -> None:
    client = Client()
    client.force_login(cast.linzhixia)
    answer = client.post(
        "/demands/import/",
        {"file": sheet(row("R-1", "批量导入联系人"), row("R-2", "坏", 工作量="x"))},
    )
    run = DemandImport.objects.get()
    assert answer.headers["Location"] == f"/demands/import/{run.pk}/"
    run_jobs(run, now)
    page = client.get(f"/demands/import/{run.pk}/").content.decode()
    assert "批量导入联系人" in page
    assert "工作量" in client.get(f"/demands/import/{run.pk}/refused.csv").content.decode()
    client.post(f"/demands/import/{run.pk}/carry-out/")
    run_jobs(run, now)
    assert ImportRow.objects.filter(demand__isnull=False).count() == 1
    # Another one's file is nobody else's business, and a requester imports nothing.
    client.force_login(cast.zhoumin)
    assert client.get(f"/demands/import/{run.pk}/").status_code == 404
    client.force_login(cast.wangke)
    assert client.get("/demands/import/").status_code == 403
