"""From a ticket's page to its demand: near ones offered, a new one opened, the words kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.formkeys import FIELD, new_form_key
from feedback.actions import publish_insight
from feedback.models import Demand, Insight, Obligation
from opsdesk.demo.cast import Cast
from tests.feedback import loop
from tests.tickets import ladder
from tickets.choices import Type
from tickets.models import Ticket

ClientOf = Callable[[User], Client]


@pytest.fixture
def earlier() -> dt.datetime:
    return timezone.now() - dt.timedelta(hours=2)


def drive(client: Client, ticket: Ticket, **data: Any) -> Any:
    url = reverse("demand_drive", args=[ticket.pk])
    sent = {
        FIELD: new_form_key(), "demand": "new", "title": "主管视图", "kind": "defect",
        "words": loop.WORDS, "importance": "2", **data,
    }  # fmt: skip
    return client.post(url, sent)


def test_a_new_demand_is_opened_from_the_ticket(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    ticket = ladder.screened(cast, earlier)
    staff = client_of(cast.linzhixia)
    form = staff.get(reverse("demand_drive", args=[ticket.pk])).content.decode()
    assert ticket.description in form
    assert drive(staff, ticket).status_code == 302
    demand = Demand.objects.get()
    ticket.refresh_from_db()
    assert (ticket.driver, ticket.level, ticket.status) == (demand.ref, 4, "on_hold")
    assert demand.feedback.get().words == loop.WORDS
    assert Obligation.objects.get().person == cast.wangke
    page = staff.get(reverse("ticket_related", args=[ticket.pk])).content.decode()
    assert reverse("demand", args=[demand.pk]) in page
    mine = client_of(cast.wangke).get(reverse("my_ticket", args=[ticket.pk])).content.decode()
    assert reverse("demand", args=[demand.pk]) in mine


def test_a_near_demand_is_offered_and_chosen(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    near = loop.collected(cast, earlier, "拜访记录提交后主管能看到")
    far = loop.collected(cast, earlier, "发票识别新版字体")
    ticket = ladder.screened(cast, earlier)
    staff = client_of(cast.linzhixia)
    page = staff.get(reverse("ticket_related", args=[ticket.pk])).content.decode()
    assert near.title in page
    assert far.title not in page
    assert drive(staff, ticket, demand=near.ref).status_code == 302
    ticket.refresh_from_db()
    assert ticket.driver == near.ref
    assert Demand.objects.count() == 2
    other = ladder.screened(cast, earlier)
    assert drive(staff, other, demand="other", ref=f"d-{far.pk}").status_code == 302


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"words": ""}, "words"),
        ({"title": ""}, "title"),
        ({"demand": "other", "ref": "D-999999"}, "ref"),
        ({"demand": "D-999999"}, "demand"),
        ({"importance": "9"}, "importance"),
    ],
)
def test_a_refusal_opens_nothing(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf, data: dict[str, str], field: str
) -> None:
    ticket = ladder.screened(cast, earlier)
    staff = client_of(cast.linzhixia)
    refused = drive(staff, ticket, **data)
    assert refused.status_code == 422
    assert field in refused.context["form"].errors
    assert not Demand.objects.exists()
    assert drive(staff, ticket).status_code == 302


def test_an_unmet_contract_opens_no_demand(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    ticket = ladder.submitted(cast, earlier)
    refused = drive(client_of(cast.linzhixia), ticket)
    assert refused.status_code == 422
    assert not Demand.objects.exists()
    assert not Obligation.objects.exists()


def test_a_request_brings_scenario_and_frequency(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    ticket = ladder.routed(cast, earlier, Type.IMPROVEMENT)
    staff = client_of(cast.linzhixia)
    rows = {"scenario": "周会前看下属拜访", "frequency": "每周"}
    assert drive(staff, ticket, **rows, version=ticket.version).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.scenario, ticket.frequency, ticket.quote) == (*rows.values(), loop.WORDS)


def test_only_staff_drive(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    ticket = ladder.screened(cast, earlier)
    assert drive(client_of(cast.wangke), ticket).status_code == 403
    assert drive(client_of(cast.liuyang), ticket).status_code == 404
    assert not Demand.objects.exists()
    assert drive(client_of(cast.zhoumin), ticket).status_code == 302


def test_insights_cite_tickets_by_reference(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    first, second = ladder.submitted(cast, earlier), ladder.submitted(cast, earlier)
    data = {
        "title": "主管习惯按人找记录", "product": cast.products["crm"].pk,
        "body": "**场景**：周会前", "tickets": f"{first.ref}，ops-{second.pk}",
    }  # fmt: skip
    staff, url = client_of(cast.linzhixia), reverse("insight_new")
    wrong = staff.post(url, {**data, "tickets": "OPS-1x, OPS-999999", FIELD: new_form_key()})
    assert wrong.status_code == 422
    said = str(wrong.context["form"].errors["tickets"])
    assert "OPS-1x" in said
    assert "OPS-999999" in said
    assert "周会前" in wrong.content.decode()
    assert staff.post(url, {**data, FIELD: new_form_key()}).status_code == 302
    insight = Insight.objects.get()
    assert set(insight.tickets.all()) == {first, second}
    page = staff.get(reverse("insight", args=[insight.pk])).content.decode()
    assert "<strong>场景</strong>" in page
    assert first.ref in page
    assert insight.title in staff.get(reverse("insights")).content.decode()
    assert client_of(cast.wangke).get(reverse("insight", args=[insight.pk])).status_code == 404


def test_a_cited_ticket_says_so_on_its_fifth_stair(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    ticket = ladder.submitted(cast, earlier)
    staff, url = client_of(cast.linzhixia), reverse("ticket", args=[ticket.pk])
    assert "研究结论" not in staff.get(url).content.decode()
    publish_insight(
        "主管习惯按人找记录", "场景", cast.products["crm"], [ticket], acting_user=cast.linzhixia,
        now=earlier,
    )  # fmt: skip
    assert "研究结论" in staff.get(url).content.decode()
