"""The API knows the desk's filter, its orders and its saved views."""

import datetime as dt
from typing import Any

import pytest

from opsdesk.demo.cast import Cast
from tests.api.calling import Api, fields_of
from tests.tickets.ladder import routed, submitted
from tickets.api import tickets as listed
from tickets.models import SavedView


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["results"]]


def test_conditions_narrow_what_the_desk_may_see(cast: Cast, now: dt.datetime) -> None:
    low, ready = submitted(cast, now), routed(cast, now)
    desk = Api(cast.linzhixia)
    assert desk.verb(ready, "tag", {"add": ["月结"]}).json()["tags"] == ["月结"]
    assert ids(desk.get("/tickets", f="tags:any:月结")) == [ready.pk]
    assert ids(desk.get("/tickets", f=["contract:is:complete", "level:is:1"])) == [ready.pk]
    assert ids(desk.get("/tickets", f="missing:is:type", status="new")) == [low.pk]
    refused = desk.get("/tickets", f=["level:is:1", "colour:is:red"])
    assert refused.status_code == 400
    assert fields_of(refused) == ["colour"]
    # Conditions ask for what only the desk knows; its requester sees the ticket without them.
    requester = Api(cast.wangke)
    assert requester.get("/tickets", f="missing:is:type").status_code == 403
    assert set(ids(requester.get("/tickets"))) == {low.pk, ready.pk}


@pytest.mark.parametrize("sort", ["priority", "-due", "assignee", "oldest"])
def test_an_order_of_ones_own_goes_on_by_next(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(listed, "PAGE_SIZE", 2)
    tickets = [submitted(cast, now).pk for _n in range(5)]
    desk, found = Api(cast.linzhixia), []
    answer = desk.get("/tickets", sort=sort)
    while True:
        found += ids(answer)
        if answer.json()["next"] is None:
            break
        answer = desk.client.get(answer.json()["next"])
    assert sorted(found) == sorted(tickets)
    assert fields_of(desk.get("/tickets", sort=sort, behind="x")) == ["behind"]
    assert fields_of(desk.get("/tickets", sort="beauty")) == ["sort"]


def test_views_are_kept_changed_shared_and_brought_back(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    routed(cast, now)
    desk, colleague = Api(cast.linzhixia), Api(cast.zhoumin)
    made = desk.post("/views", {"name": "未分类", "filters": ["type:empty"], "queue": "all"})
    assert made.status_code == 201, made.json()
    view = made.json()
    assert ids(desk.get("/tickets", view=view["id"])) == [ticket.pk]
    assert colleague.get("/tickets", view=view["id"]).status_code == 404
    path = f"/views/{view['id']}"
    assert desk.patch(path, {"is_for_everyone": True}).status_code == 428
    assert desk.patch(path, {"is_for_everyone": True}, seen=1).status_code == 200
    assert [row["name"] for row in colleague.get("/views").json()["results"]] == ["未分类"]
    assert colleague.patch(path, {"name": "我的"}, seen=2).status_code == 403
    refused = desk.patch(path, {"filters": ["colour:is:red"]}, seen=2)
    assert (refused.status_code, fields_of(refused)) == (400, ["colour"])
    deleted = desk.client.delete(f"/api/v1{path}", headers={"If-Match": '"2"'})
    assert deleted.status_code == 204
    assert desk.get("/views").json()["results"] == []
    assert desk.post(f"{path}/restore").status_code == 200
    assert SavedView.objects.get().is_active
    assert fields_of(desk.post("/views", {"filters": []})) == ["name"]
