"""The list: filters, pages by key in both directions, and the same cost for 2 rows and for 50."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from opsdesk.demo.cast import Cast
from tests.api.calling import Api, fields_of
from tests.tickets import ladder
from tickets.actions import TicketDraft, assign_ticket, submit_ticket
from tickets.api import paging
from tickets.choices import Type


def refs(response: Any) -> list[int]:
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["results"]]


def test_filters(cast: Cast, now: dt.datetime) -> None:
    new = ladder.submitted(cast, now, "导出 Excel 时报 E-4032")
    bug = ladder.screened(cast, now)
    assign_ticket(bug, cast.linzhixia, acting_user=cast.linzhixia, now=now)
    erp = submit_ticket(
        TicketDraft(product=cast.products["erp"], description="凭证录入很慢"),
        acting_user=cast.zhaoyi,
        now=now,
    )
    desk = Api(cast.linzhixia)
    assert refs(desk.get("/tickets")) == [erp.pk, bug.pk, new.pk]
    assert refs(desk.get("/tickets", status="new")) == [erp.pk, new.pk]
    assert refs(desk.get("/tickets", status="open,on_hold")) == [bug.pk]
    assert refs(desk.get("/tickets", level=2)) == [bug.pk]
    assert refs(desk.get("/tickets", product=cast.products["erp"].pk)) == [erp.pk]
    assert refs(desk.get("/tickets", module=cast.modules["visits"].pk)) == [bug.pk]
    assert refs(desk.get("/tickets", assignee="me")) == [bug.pk]
    assert refs(desk.get("/tickets", assignee="nobody")) == [erp.pk, new.pk]
    assert refs(desk.get("/tickets", assignee=cast.linzhixia.pk)) == [bug.pk]
    assert refs(desk.get("/tickets", q="e-4032 导出")) == [new.pk]
    assert refs(desk.get("/tickets", q="证")) == [erp.pk]
    assert refs(desk.get("/tickets", q="没有这样的话")) == []
    assert refs(Api(cast.wangke).get("/tickets")) == [bug.pk, new.pk]
    assert refs(Api(cast.emma).get("/tickets")) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "done"), ("level", "9"), ("level", "x"), ("product", "crm"),
        ("product", "9" * 30), ("module", "-1"), ("assignee", "you"), ("assignee", "٣"),
        ("before", "0"), ("after", "x"), ("q", "a\x00b"), ("q", "x" * 201), ("statuss", "new"),
    ],
)  # fmt: skip
def test_odd_filters_are_named(cast: Cast, name: str, value: str) -> None:
    response = Api(cast.linzhixia).get("/tickets", **{name: value})
    assert response.status_code == 400
    (problem,) = response.json()["problems"]
    assert problem["field"] == name
    assert problem["message"]
    assert problem["value"] == value[:200]


def test_pages_lead_both_ways(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 3)
    pks = [ladder.submitted(cast, now, f"第 {n} 条").pk for n in range(7)][::-1]
    desk = Api(cast.linzhixia)
    page = desk.client.get("/api/v1/tickets?status=new").json()
    seen, forward = [], [page]
    while page["next"]:
        page = desk.client.get(page["next"]).json()
        forward.append(page)
    for page in forward:
        seen += [row["id"] for row in page["results"]]
    assert seen == pks
    assert [len(page["results"]) for page in forward] == [3, 3, 1]
    assert forward[0]["previous"] is None
    back = []
    address = forward[-1]["previous"]
    while address:
        page = desk.client.get(address).json()
        back.append(page["results"])
        address = page["previous"]
    assert back == [forward[1]["results"], forward[0]["results"]]


def test_a_ticket_submitted_meanwhile_moves_no_page(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    pks = [ladder.submitted(cast, now, f"第 {n} 条").pk for n in range(4)][::-1]
    desk = Api(cast.linzhixia)
    first = desk.get("/tickets").json()
    ladder.submitted(cast, now, "晚到的一条")
    assert [row["id"] for row in desk.client.get(first["next"]).json()["results"]] == pks[2:]


def queries(api: Api, path: str) -> int:
    api.get(path)  # the session and the person's rights are read anew each time; warm the rest
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert api.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("who", ["linzhixia", "gaoyuan", "wangke", "hesiyuan"])
def test_the_list_costs_the_same_for_2_and_for_20(cast: Cast, now: dt.datetime, who: str) -> None:
    user: User = getattr(cast, who)
    api = Api(user)
    for _ in range(2):
        ladder.pushed(cast, now)
    few = queries(api, "/tickets")
    for n in range(18):
        ladder.pushed(cast, now) if n % 2 else ladder.submitted(cast, now, f"第 {n} 条")
    assert len(api.get("/tickets").json()["results"]) >= 11
    assert queries(api, "/tickets") == few
    # session, person, grants, teams, the page (and, for who reads by role, the notes' scope)
    assert few <= 6


def test_the_ticket_costs_the_same_for_2_and_for_20_comments(cast: Cast, now: dt.datetime) -> None:
    from tickets.actions import add_comment

    ticket = ladder.routed(cast, now, Type.HOW_TO)
    api = Api(cast.linzhixia)

    def talk(times: int) -> tuple[int, int]:
        for n in range(times):
            add_comment(ticket, f"第 {n} 句", acting_user=cast.wangke, now=now)
        return (
            queries(api, f"/tickets/{ticket.pk}"),
            queries(api, f"/tickets/{ticket.pk}/comments"),
        )

    few = talk(2)
    assert talk(18) == few
    assert few[0] <= 8
    assert few[1] <= 7


def test_causes_are_listed_at_the_same_cost(cast: Cast, now: dt.datetime) -> None:
    api = Api(cast.hesiyuan)
    causes = [ladder.cause(cast, now) for _ in range(2)]
    few = queries(api, "/causes")
    causes += [ladder.cause(cast, now) for _ in range(18)]
    assert refs(api.get("/causes", owner="me", state="pushed")) == [c.pk for c in causes][::-1]
    assert queries(api, "/causes") == few
    assert fields_of(api.get("/causes", state="lost")) == ["state"]
    assert refs(Api(cast.wangke).get("/causes")) == []
