"""The report through the API, as a PDF, and on the command line in every format."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import correct_snapshot, make_snapshot
from reports.models import Snapshot
from reports.policies.weeks import Week

MONDAY = dt.date(2026, 11, 9)
WEEK = "2026-W46"
ClientOf = Callable[[User], Client]


@pytest.fixture
def snapshot(cast: Cast, now: dt.datetime) -> Snapshot:
    play_worked_week(cast, MONDAY)
    return make_snapshot(Week.of_day(MONDAY), now)


def test_the_api_gives_the_figures_and_exactly_their_rows(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.gaoyuan)
    listed = client.get("/api/v1/reports?kind=week").json()["results"]
    assert [row["period"] for row in listed] == [WEEK]
    found = client.get(f"/api/v1/reports/{WEEK}").json()
    assert (found["figures"]["created"], found["scope"], found["corrects"]) == (12, [], None)
    assert found["definition_version"] == snapshot.definition_version
    assert set(found["definitions"]) == set(snapshot.figures) & set(found["definitions"])
    rows = client.get(f"/api/v1/reports/{WEEK}/created").json()
    assert rows["count"] == len(rows["results"]) == 12
    met = client.get(f"/api/v1/reports/{WEEK}/relay_only?part=met").json()
    assert met["count"] == 1
    correct_snapshot(snapshot, now + dt.timedelta(hours=1))
    assert client.get(f"/api/v1/reports/{WEEK}").json()["corrects"] is not None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("reports/2026-W47", 404), ("reports/2026-13", 404), ("reports/2026-W46/nonsense", 404),
        ("reports?kind=fortnight", 400), ("reports/2026-W46/created?part=some", 400),
        ("reports/2026-W46/created?after=-1", 400),
    ],
)  # fmt: skip
def test_the_api_refuses_by_name(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf, path: str, status: int
) -> None:
    assert client_of(cast.gaoyuan).get(f"/api/v1/{path}").status_code == status
    assert client_of(cast.liuyang).get(f"/api/v1/{path}").status_code == 403


def test_the_pdf_is_one(snapshot: Snapshot, cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.gaoyuan).get(f"/reports/files/{WEEK}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert client_of(cast.gaoyuan).get(f"/reports/files/{WEEK}.exe").status_code == 404


def test_the_command_writes_each_format(snapshot: Snapshot, tmp_path: Path) -> None:
    for kind, start in (("pdf", b"%PDF-"), ("xlsx", b"PK"), ("html", b"<!doctype")):
        file = tmp_path / f"report.{kind}"
        call_command("weekly_report", "--week", WEEK, "--format", kind, "--output", str(file))
        assert file.read_bytes().lower().startswith(start.lower()), kind
    with pytest.raises(CommandError, match=r"report\.pdf"):
        call_command("weekly_report", "--week", WEEK, "--format", "pdf")


def test_the_command_says_whether_it_agrees(snapshot: Snapshot) -> None:
    out, said = StringIO(), StringIO()
    call_command("weekly_report", "--week", WEEK, "--as-of", stdout=out, stderr=said)
    assert json.loads(out.getvalue())["figures"]["created"] == 12
    assert "agrees" in said.getvalue()
    Snapshot.objects.update(definition_version="0", figures={"created": {"value": 13, "n": 13}})
    said = StringIO()
    call_command("weekly_report", "--week", WEEK, "--as-of", stdout=StringIO(), stderr=said)
    assert "created: frozen 13, now 12" in said.getvalue()
    assert "the frozen report has 0" in said.getvalue()
