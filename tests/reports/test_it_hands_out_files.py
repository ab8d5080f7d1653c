"""The report as XLSX and CSV: the page's own figures as real numbers, and nothing that acts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from core.sheets import Column, Table, csv_lines, xlsx_bytes
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import make_snapshot
from reports.models import Snapshot
from reports.policies.weeks import Week

MONDAY = dt.date(2026, 11, 9)
WEEK = "2026-W46"
ClientOf = Callable[[User], Client]


@pytest.fixture
def snapshot(cast: Cast, now: dt.datetime) -> Snapshot:
    play_worked_week(cast, MONDAY)
    return make_snapshot(Week.of_day(MONDAY), now)


def sheets_in(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_the_workbook_holds_the_figures_as_numbers(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    answer = client_of(cast.gaoyuan).get(f"/reports/files/{WEEK}.xlsx")
    assert answer["Content-Disposition"] == f'attachment; filename="opsdesk-{WEEK}.xlsx"'
    sheets = sheets_in(answer.content)
    assert list(sheets) == [
        "Figures", "By product", "Slowest steps", "Week by week", "Causes", "Pushed to owners",
        "Longest past their agreed date", "Manual debt", "By module", "By department", "By type",
        "The ladder of each team",
    ]  # fmt: skip
    figures = {row[0]: row for row in sheets["Figures"][1:]}
    assert figures["Created"][1] == 12
    assert figures["Resolved on level 2"][1] == 4
    assert figures["Relay only"][1] == pytest.approx(1 / 9)
    assert figures["Relay only"][7] == "share"
    assert figures["Responded on time"][4] == pytest.approx(0.95)
    # The cause of T6 to T8 was declined by its first owner, then pushed to the next.
    assert sum(row[2] for row in sheets["Pushed to owners"][1:]) == 2
    assert sum(row[4] for row in sheets["Pushed to owners"][1:]) == 1
    teams = {row[0]: row[1:] for row in sheets["The ladder of each team"][1:]}
    assert sum(row[0] for row in teams.values()) == 9
    assert [sum(row[level] for row in teams.values()) for level in (1, 2, 3, 4)] == [1, 4, 3, 1]
    hours = snapshot.figures["resolution"]["value"] / 3600
    assert figures["Resolution time P50"][1] == pytest.approx(hours)


def test_the_rows_of_a_figure_are_as_many_as_it_counts(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.gaoyuan)
    [rows] = sheets_in(client.get(f"/reports/files/{WEEK}/created.xlsx").content).values()
    assert len(rows) == 1 + snapshot.figures["created"]["n"]
    assert all(isinstance(row[2], dt.datetime) for row in rows[1:])
    text = client.get(f"/reports/files/{WEEK}/created.csv").content.decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == [row[0] for row in rows[1:]]
    met = client.get(f"/reports/files/{WEEK}/relay_only.csv?part=met").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(met)))) == 1 + snapshot.figures["relay_only"]["met"]


def test_a_stranger_and_a_wrong_name_get_nothing(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    manager = client_of(cast.gaoyuan)
    for url in (f"/reports/files/{WEEK}.xlsx", f"/reports/files/{WEEK}/created.csv"):
        assert client_of(cast.wangke).get(url).status_code == 403
        assert manager.get(url).status_code == 200
    for url in ("/reports/files/2026-W99.xlsx", f"/reports/files/{WEEK}/nothing.csv",
                f"/reports/files/{WEEK}/created.exe"):  # fmt: skip
        assert manager.get(url).status_code == 404


def test_what_people_typed_is_never_a_formula() -> None:
    words = ["=x\x07", "=1+1", "+86 21", "-1", "@SUM(A1)", "\tx", "＝1+1", "＠a",
             'a "quoted", word', "控制\x07符"]  # fmt: skip
    table = Table("a/b: c", [Column(words[0])], [(word,) for word in words[1:]])
    book = load_workbook(io.BytesIO(xlsx_bytes([table])))
    cells = [row[0] for row in book.worksheets[0].iter_rows()]
    assert [cell.value for cell in cells] == [word.replace("\x07", "") for word in words]
    assert {cell.data_type for cell in cells} == {"s"}
    found = list(csv.reader(io.StringIO("".join(csv_lines(table)).lstrip("\ufeff"))))
    assert [row[0] for row in found] == [
        "'=x", "'=1+1", "'+86 21", "'-1", "'@SUM(A1)", "'\tx", "'＝1+1", "'＠a",
        'a "quoted", word', "控制符",
    ]  # fmt: skip


def test_several_tables_are_one_file_that_spreadsheets_know_for_utf8() -> None:
    tables = [Table(title, [Column("周")], [(1,)]) for title in ('=甲 "A", B', "乙")]
    text = "".join(csv_lines(*tables))
    assert text.startswith("\ufeff")
    assert text.count("\ufeff") == 1
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert rows == [['\'=甲 "A", B'], ["周"], ["1"], [], ["乙"], ["周"], ["1"]]


def test_the_command_writes_a_workbook(snapshot: Snapshot, tmp_path: Path) -> None:
    file = tmp_path / "week.xlsx"
    call_command(
        "weekly_report", "--week", WEEK, "--format", "xlsx", "--output", str(file),
        "--language", "en",
    )  # fmt: skip
    assert sheets_in(file.read_bytes())["Figures"][0][0] == "Figure"
