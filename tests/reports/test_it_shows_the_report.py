"""The page, its links, and who sees which figures."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import make_snapshot
from reports.models import Snapshot
from reports.policies.weeks import Week
from tickets.models import Ticket

MONDAY = dt.date(2026, 11, 9)
WEEK = "2026-W46"
ClientOf = Callable[[User], Client]
TOTAL = re.compile(r"(\d+) rows?, as counted")


@pytest.fixture
def snapshot(cast: Cast, now: dt.datetime) -> Snapshot:
    play_worked_week(cast, MONDAY)
    return make_snapshot(Week.of_day(MONDAY), now)


def page_of(client: Client, url: str) -> str:
    client.cookies["opsdesk_language"] = "en"
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def total_of(client: Client, figure: str, query: str = "") -> int:
    found = TOTAL.search(page_of(client, f"/reports/weekly/{WEEK}/{figure}/{query}"))
    assert found is not None
    return int(found[1])


def test_every_figure_opens_as_many_rows(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    client = client_of(cast.gaoyuan)
    page = page_of(client, f"/reports/weekly/{WEEK}/")
    links = set(re.findall(rf'/reports/weekly/{WEEK}/(\w+)/(\?[^"#]*)?"', page))
    assert len(links) > 20
    for figure, query in links - {("annex", "")}:
        found = snapshot.figures.get(figure, {"n": 0})
        rows = found["n"] + found.get("queue", 0)
        if not query:
            assert total_of(client, figure) == rows, figure
    assert total_of(client, "relay_only", "?part=met") == 1
    crm = str(cast.products["crm"].pk)
    by_product = snapshot.breakdowns["product"][crm]["created"]["value"]
    assert total_of(client, "created", f"?product={crm}") == by_product


def test_the_page_costs_few_queries(snapshot: Snapshot, cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.gaoyuan)
    page_of(client, f"/reports/weekly/{WEEK}/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_of(client, f"/reports/weekly/{WEEK}/")
    # Ten: whoever was sent it has read it now, and what the outlook adds.
    assert len(queries) <= 10


def test_a_narrower_scope_gets_figures_of_its_rows(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    """An analyst of one department: the same page over the rows of that department."""
    who = cast.zhaoyi
    finance = cast.departments["finance"]
    grant_role(who, PermissionRole.ANALYST, department=finance, acting_user=cast.admin, now=now)
    who = User.objects.get(pk=who.pk)
    who.language = "en"
    who.save(update_fields=["language"])
    client = client_of(who)
    page = page_of(client, f"/reports/weekly/{WEEK}/")
    assert f"only {finance.name}" in page
    expected = snapshot.rows.of_figure("created").filter(department_id=finance.pk).count()
    assert 0 < expected < snapshot.figures["created"]["value"]
    assert total_of(client, "created") == expected
    listed = page_of(client, f"/reports/weekly/{WEEK}/created/")
    for pk in Ticket.objects.exclude(department=finance).values_list("pk", flat=True):
        assert f"OPS-{pk}<" not in listed


def test_who_works_on_nothing_reads_no_report(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    for url in ("/reports/weekly/", f"/reports/weekly/{WEEK}/", f"/reports/weekly/{WEEK}/created/"):
        assert client_of(cast.gaoyuan).get(url).status_code in (200, 302)
        assert client_of(cast.liuyang).get(url).status_code == 403
        assert client_of(cast.hesiyuan).get(url).status_code == 403


@pytest.mark.parametrize(
    "path", ["2026-46/", "2026-W60/", f"{WEEK}/nonsense/", "2026-W01/created/"]
)
def test_what_is_not_there_is_not_found(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf, path: str
) -> None:
    assert client_of(cast.gaoyuan).get(f"/reports/weekly/{path}").status_code == 404


def test_a_missing_report_can_be_ordered_by_a_manager(cast: Cast, client_of: ClientOf) -> None:
    url = "/reports/weekly/2026-W40/"
    assert "2026-W40/compute/" in page_of(client_of(cast.gaoyuan), url)
    assert "2026-W40/compute/" not in page_of(client_of(cast.linzhixia), url)
    assert client_of(cast.linzhixia).post(f"{url}compute/").status_code == 403
    assert not OutboxRow.objects.filter(name="reports.make_snapshot").exists()
    assert client_of(cast.gaoyuan).post(f"{url}compute/").status_code == 302
    assert OutboxRow.objects.get(name="reports.make_snapshot").payload["period"] == "2026-W40"


def printed(*words: str) -> str:
    out = StringIO()
    call_command("weekly_report", *words, stdout=out)
    return out.getvalue()


def test_the_command_prints_json_and_html(snapshot: Snapshot) -> None:
    found = json.loads(printed("--week", WEEK))
    assert found["week"] == WEEK
    assert found["definition_version"] == snapshot.definition_version
    assert found["figures"]["created"] == 12
    assert found["figures"]["level_3_causes"] == 1
    assert json.loads(printed("--week", WEEK, "--as-of")) == found
    assert {line["name"] for line in found["breakdowns"]["product"]} >= {"星图 CRM"}
    assert "<h1>Weekly report, week 46</h1>" in printed(
        "--week", WEEK, "--format", "html", "--language", "en"
    )


def test_the_command_refuses_by_name() -> None:
    with pytest.raises(CommandError, match="2016-60"):
        printed("--week", "2016-60")
    with pytest.raises(CommandError, match="yesterday"):
        printed("--week", WEEK, "--as-of", "yesterday")


def test_a_report_of_an_earlier_definition_still_shows(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf
) -> None:
    """Frozen before some figures were reckoned: they are left out, nothing breaks."""
    later = {
        "first_judgement", "decline_rate", "recurrence", "symptom_only", "satisfaction", "rated",
        "self_service",
    }  # fmt: skip
    assert later & snapshot.figures.keys(), "no figure of the later definition is named here"
    Snapshot.objects.filter(pk=snapshot.pk).update(
        definition_version="1",
        figures={name: value for name, value in snapshot.figures.items() if name not in later},
    )
    client = client_of(cast.gaoyuan)
    for path in (f"/reports/weekly/{WEEK}/", f"/reports/weekly/{WEEK}/annex/"):
        assert client.get(path).status_code == 200
    for kind in ("xlsx", "json"):
        assert client.get(f"/reports/files/{WEEK}.{kind}").status_code == 200
    assert client.get(f"/api/v1/reports/{WEEK}").status_code == 200
