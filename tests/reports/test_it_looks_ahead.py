"""An outlook is reckoned once a week from the live weeks, and each reader sees their part."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from reports.access import scope_of
from reports.actions import follow_touched, make_due_outlook, make_outlook
from reports.models import Outlook, OutlookSeries
from reports.policies.ahead.history import series_until
from reports.policies.ahead.reckoning import Findings, ReckoningFailed, reckon
from reports.policies.ahead.series import Weekly
from reports.policies.weeks import Week
from reports.rendering.ahead import series_in_scope
from tests.guards.world import deliver
from tests.reports.histories import ZONE
from tickets.actions import accept_cause, deliver_cause, open_cause, push_cause
from tickets.actions.history import record_history
from tickets.actions.history_rules import Happening, TicketHistory
from tickets.models import Cause, Ticket

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
#: Twenty weeks of 2026 up to the one before the cast's now; with a holiday week in October.
LAST = Week.named("2026-W46")
CALM = [3, 2, 4, 3, 2, 3, 4, 3, 3, 2, 4, 3, 0, 3, 2, 3, 4, 2, 3]


def submitted(
    cast: Cast, product: str, counts: Sequence[int], now: dt.datetime, module: str = "",
    *, confidential: bool = False,
) -> None:  # fmt: skip
    """As many tickets a week as `counts` say, the last of them in `LAST`."""
    person = cast.wangke
    histories = []
    for place, count in enumerate(counts):
        monday = LAST.shift(place - len(counts) + 1).monday
        for number in range(count):
            at = dt.datetime.combine(monday + dt.timedelta(days=number % 5), dt.time(10), ZONE)
            name = f"{product} {module} {monday} {number} {confidential} {now}"
            first = {
                "title": name, "description": name, "level": None, "channel": "import",
                "product_id": cast.products[product].pk, "requester_id": person.pk,
                "submitted_by_id": person.pk, "department_id": person.department_id,
                "confidential": confidential,
            }  # fmt: skip
            if module:
                first["module_id"] = cast.modules[module].pk
            histories.append(TicketHistory("ahead", name, [Happening(at, first)]))
    result = record_history(histories, acting_user=None, now=now)
    assert [found.problem for found in result.refused] == []
    while follow_touched(now):
        pass


@pytest.fixture
def outlook(cast: Cast, now: dt.datetime) -> Outlook:
    """Calm weeks of CRM; its visits module is silent but for one week of twenty tickets; ERP is
    new; three tickets of CRM are confidential."""
    submitted(cast, "crm", [*CALM, 3], now)
    submitted(cast, "crm", [1] + [0] * 18 + [20], now, "visits")
    submitted(cast, "erp", [2, 3], now)
    submitted(cast, "crm", [3], now, confidential=True)
    return make_outlook(LAST, now, reckon)


def series_of(outlook: Outlook, cast: Cast, product: str = "", module: str = "") -> OutlookSeries:
    found = outlook.series.filter(
        product_id=cast.products[product].pk if product else None,
        module_id=cast.modules[module].pk if module else None,
    )
    one: OutlookSeries = found.order_by("confidential")[0]
    return one


def test_series_are_the_tickets_of_their_weeks(outlook: Outlook, cast: Cast) -> None:
    crm = [series for series in series_until(LAST) if series.product_id == cast.products["crm"].pk]
    whole, with_confidential, visits = crm
    assert list(whole.weekly.counts) == [4, *CALM[1:], 23]
    assert list(with_confidential.weekly.counts) == [4, *CALM[1:], 26]
    assert (with_confidential.confidential, visits.confidential) == (True, False)
    assert list(visits.weekly.counts) == [1, *[0] * 18, 20]
    # 1–7 October 2026 are off; Saturday the 10th makes up for one of them.
    mondays = [LAST.shift(n - 19).monday for n in range(21)]
    days = dict(zip(mondays, whole.weekly.days, strict=True))
    assert days[dt.date(2026, 9, 28)] == 3
    assert days[dt.date(2026, 10, 5)] == 3
    assert days[dt.date(2026, 11, 9)] == days[dt.date(2026, 11, 16)] == 5
    assert Ticket.objects.count() == sum(whole.weekly.counts) + 3 + 5


def test_what_it_found(outlook: Outlook, cast: Cast) -> None:
    visits = series_of(outlook, cast, "crm", "visits")
    assert visits.spike["is_spike"]
    assert visits.spike["count"] == 20
    erp = series_of(outlook, cast, "erp")
    assert (erp.forecast["weeks"], erp.forecast["model"]) == (2, "")
    assert erp.spike["chance"] is None
    crm = series_of(outlook, cast, "crm").forecast
    assert crm["low"] <= crm["value"] <= crm["high"]
    assert crm["origins"] == 12


def test_it_is_reckoned_once(outlook: Outlook, cast: Cast, now: dt.datetime) -> None:
    def never(series: Sequence[Weekly]) -> Findings:
        raise AssertionError(len(series))

    before = list(outlook.series.order_by("pk").values())
    submitted(cast, "erp", [5], now + dt.timedelta(minutes=1))
    assert make_outlook(LAST, now, never) == outlook
    assert make_due_outlook(now) is None
    assert list(outlook.series.order_by("pk").values()) == before
    with pytest.raises(ValueError, match="2026-W47 is not over"):
        make_outlook(LAST.shift(1), now, never)


def test_the_clock_reckons_in_a_process_of_its_own(cast: Cast, now: dt.datetime) -> None:
    monday = dt.datetime.combine(LAST.sunday + dt.timedelta(days=1), dt.time(0, 30), ZONE)
    assert make_due_outlook(now) is None  # nothing has happened here yet
    submitted(cast, "crm", CALM, now)
    due = make_due_outlook(monday)
    assert due is not None
    # Late commits of Sunday night may still come: half an hour later it is the week before.
    assert due.period == LAST.shift(-1).name
    assert make_due_outlook(now) is not None


@pytest.fixture
def _held(now: dt.datetime) -> Iterator[None]:
    """The clock stands: a page says which week is missing now."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.mark.usefixtures("_held")
def test_who_answers_is_told_when_it_fails(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    """Once a day; the next run tries again, and nothing half-reckoned is stored."""
    submitted(cast, "crm", CALM, now)
    make_outlook(LAST.shift(-1), now, reckon)

    def fails(series: Sequence[Weekly]) -> Findings:
        raise ReckoningFailed("exit code 137")

    for minutes in (0, 15):
        assert make_due_outlook(now + dt.timedelta(minutes=minutes), fails) is None
    told = OutboxRow.objects.filter(name="report.failed")
    assert [row.payload["params"] for row in told] == [{"period": LAST.name, "stage": "ahead"}]
    deliver(now + dt.timedelta(minutes=1))
    inbox = html.unescape(client_of(cast.gaoyuan).get("/inbox/").content.decode())
    assert f"{LAST.name} 的前瞻未能算出" in inbox
    page = client_of(cast.gaoyuan).get(f"/reports/ahead/{LAST.shift(-1).name}/").content.decode()
    assert f"{LAST.name} 的前瞻还没有算出" in page
    assert make_due_outlook(now + dt.timedelta(minutes=30), reckon) is not None
    page = client_of(cast.gaoyuan).get(f"/reports/ahead/{LAST.name}/").content.decode()
    assert "还没有算出" not in page


def test_the_api_says_what_the_page_says(
    outlook: Outlook, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.gaoyuan)
    assert client.get("/api/v1/outlooks").json()["results"][0]["period"] == LAST.name
    assert client.get(f"/api/v1/outlooks?before={LAST.name}").json()["results"] == []
    assert client.get("/api/v1/outlooks?befor=x").status_code == 400
    found = client.get(f"/api/v1/outlooks/{LAST.name}").json()
    series = {(one["product_id"], one["module_id"]): one for one in found["series"]}
    crm, erp = (cast.products[code].pk for code in ("crm", "erp"))
    visits = series[crm, cast.modules["visits"].pk]
    assert visits["spike"]["is_spike"]
    assert visits["counts"][-1] == {"week": LAST.name, "created": 20}
    assert series[erp, None]["forecasts"] == []
    weeks = series[crm, None]["forecasts"]
    assert [each["week"] for each in weeks] == [LAST.shift(n).name for n in (1, 2, 3, 4)]
    assert all(each["low"] <= each["value"] <= each["high"] for each in weeks)
    # The last horizon has had three weeks less to be judged by.
    assert [each["origins"] for each in weeks] == [12, 11, 10, 9]
    stored = series_of(outlook, cast, "crm").forecast
    assert len(stored["further"]) == 3
    # An agent sees nothing confidential, a user nothing at all.
    theirs = client_of(cast.linzhixia).get(f"/api/v1/outlooks/{LAST.name}").json()["series"]
    assert {one["counts"][-1]["created"] for one in theirs if one["product_id"] == crm} == {23, 20}
    assert client_of(cast.wangke).get(f"/api/v1/outlooks/{LAST.name}").status_code == 403


def test_each_reader_sees_their_part(
    outlook: Outlook, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    def keys(user: User) -> list[tuple[str, bool]]:
        return [(one.full_label, one.row.confidential) for one in
                series_in_scope(outlook, scope_of(user))]  # fmt: skip

    crm, erp = (cast.products[name].name for name in ("crm", "erp"))
    visits = f"{crm} · {cast.modules['visits'].name}"
    company = str(series_in_scope(outlook, scope_of(cast.gaoyuan))[0].label)
    assert keys(cast.gaoyuan)[0] == (company, True)
    assert set(keys(cast.gaoyuan)) == {(company, True), (crm, True), (visits, False), (erp, False)}
    assert (crm, False) in keys(cast.linzhixia)  # agents see nothing confidential
    one = cast.people["liuyang"]
    grant_role(
        one, PermissionRole.ANALYST, product=cast.products["erp"], department=None,
        acting_user=cast.chenlu, now=now,
    )  # fmt: skip
    assert keys(one) == [(erp, False)]
    page = client_of(one).get(f"/reports/ahead/{LAST.name}/").content.decode()
    assert erp in page
    assert crm not in page
    assert client_of(cast.wangke).get(f"/reports/ahead/{LAST.name}/").status_code == 403
    assert client_of(cast.wangke).get("/reports/ahead/").status_code == 403


def test_the_page_and_its_files(outlook: Outlook, cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.gaoyuan)
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    assert client.get("/reports/ahead/").headers["Location"].endswith(f"/{LAST.name}/")
    page = client.get(f"/reports/ahead/{LAST.name}/").content.decode()
    assert "Not enough history: 2 weeks of the 8 needed." in page
    assert "under 1 in 10,000" in page
    product, module = cast.products["crm"].pk, cast.modules["visits"].pk
    chosen = client.get(f"/reports/ahead/{LAST.name}/?of={product}-{module}").content.decode()
    assert f"Tickets created: {cast.products['crm'].name} · {cast.modules['visits'].name}" in chosen
    workbook = load_workbook(
        BytesIO(client.get(f"/reports/ahead/{LAST.name}.xlsx").getvalue()), read_only=True
    )
    weeks, sheet = workbook.worksheets[:2]  # a sheet's name is cut at 31 letters
    coming = [LAST.shift(number).name for number in (1, 2, 3, 4)]
    assert [row[0] for row in weeks.iter_rows(min_row=2, values_only=True)][-4:] == coming
    values = [row for row in sheet.iter_rows(values_only=True) if row and "ERP" in str(row[0])]
    assert [value[2] for value in values] == [3]
    assert client.get(f"/reports/ahead/{LAST.name}.pdf").status_code == 404
    assert client.get("/reports/ahead/2020-W01/").status_code == 404
    assert client.get("/reports/ahead/nonsense/").status_code == 404


def test_modules_at_risk_with_their_evidence(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    """More tickets, a cause that came back, and one that is older than eight weeks ago."""
    submitted(cast, "crm", [2] * 9 + [4] * 8, now, "visits")
    long_ago = now - dt.timedelta(weeks=20)
    old = open_cause(
        title="列表越来越慢", product=cast.products["crm"], module=cast.modules["visits"],
        category="", text="", acting_user=cast.linzhixia, now=long_ago,
    )  # fmt: skip
    outlook = make_outlook(LAST.shift(-1), now, reckon)
    risk = series_of(outlook, cast, "crm", "visits").risk
    assert risk is not None
    assert (risk["signs"], risk["oldest"]) == (["trend", "age"], [old.pk])
    assert risk["age"] - risk["age_before"] == pytest.approx(56)
    came_back(old, cast, now - dt.timedelta(weeks=3))
    again = make_outlook(LAST, now, reckon)
    risk = series_of(again, cast, "crm", "visits").risk
    assert risk is not None
    assert risk["signs"] == ["trend", "returns", "age"]
    page = client_of(cast.gaoyuan).get(f"/reports/ahead/{LAST.name}/").content.decode()
    assert f'href="/causes/{old.pk}/"' in page


def came_back(cause: Cause, cast: Cast, at: dt.datetime) -> None:
    """Pushed, fixed, and pushed again because it is there again."""
    push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=at)
    promised = at.date() + dt.timedelta(days=5)
    accept_cause(cause, promised, acting_user=cast.hesiyuan, now=at)
    deliver_cause(cause, "改了索引", acting_user=cast.hesiyuan, now=at)
    push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=at)


def test_weekly_takes_new_keys() -> None:
    weekly = Weekly("", [1, 2], [5.0, 5.0, 4.0])
    assert replace(weekly, key="7").weights == [1.0, 1.0, 0.8]


def test_before_anything_is_reckoned_it_says_when(cast: Cast, client_of: ClientOf) -> None:
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    page = client_of(cast.gaoyuan).get("/reports/ahead/").content.decode()
    assert "Nothing is reckoned yet" in page
    assert "within a quarter of an hour" in page
