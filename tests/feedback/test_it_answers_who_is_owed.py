"""The page of a demand for who is owed word: plain words, the question, the appeal."""

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
from feedback.actions import add_feedback, decline_demand
from feedback.choices import RoundKind, RoundState
from feedback.models import Demand, Round
from opsdesk.demo.cast import Cast
from tests.feedback import loop

ClientOf = Callable[[User], Client]


@pytest.fixture
def earlier() -> dt.datetime:
    return timezone.now() - dt.timedelta(hours=2)


def post(client: Client, name: str, pk: int, **data: Any) -> Any:
    return client.post(reverse(f"demand_{name}", args=[pk]), {FIELD: new_form_key(), **data})


def test_they_read_plain_words_and_never_who_else_asked(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    add_feedback(
        product=demand.product, person=cast.emma, words="I need it as well", source="chat",
        demand=demand, acting_user=cast.linzhixia, now=earlier,
    )  # fmt: skip
    url = reverse("demand", args=[demand.pk])
    page = client_of(cast.wangke).get(url).content.decode()
    assert loop.WORDS in page
    assert "Emma" not in page
    assert "I need it as well" not in page
    assert "Emma" in client_of(cast.linzhixia).get(url).content.decode()
    assert client_of(cast.liuyang).get(url).status_code == 404


def test_programs_read_no_more_than_the_page_tells(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    loop.planned(cast, earlier, demand)
    api = f"/api/v1/demands/{demand.pk}"
    mine, staffs = (client_of(one).get(api).json() for one in (cast.wangke, cast.linzhixia))
    assert {name for name in mine if mine[name] != staffs[name]} == {"product_owner", "release"}
    assert mine["product_owner"] is None
    assert mine["release"] is None
    [listed] = client_of(cast.wangke).get("/api/v1/demands").json()["results"]
    assert listed == mine


def test_opening_the_page_reads_what_was_told(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    loop.tested(cast, earlier, demand)
    url = reverse("demand", args=[demand.pk])
    client = client_of(cast.wangke)
    states = Round.objects.order_by("pk").values_list("state", flat=True)
    client.get(url, headers={"Sec-Purpose": "prefetch;prerender"})
    client.head(url)
    client_of(cast.linzhixia).get(url)
    assert set(states.all()) == {RoundState.QUEUED}
    client.get(url)
    assert set(states.all()) == {RoundState.INFORMED}


def test_it_works_confirms_the_round(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    demand = loop.asked(cast, earlier, loop.collected(cast, earlier))
    client = client_of(cast.wangke)
    assert "answer" in client.get(reverse("demand", args=[demand.pk])).content.decode()
    assert post(client, "answer", demand.pk, answer="confirmed").status_code == 302
    question = Round.objects.get(kind=RoundKind.RELEASE)
    assert question.state == RoundState.CONFIRMED
    again = post(client, "answer", demand.pk, answer="confirmed")
    assert again.status_code == 409


def test_it_does_not_needs_a_because(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    demand = loop.asked(cast, earlier, loop.collected(cast, earlier))
    client = client_of(cast.wangke)
    refused = post(client, "answer", demand.pk, answer="not_solved", words="  ")
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["words"]
    assert Round.objects.get(kind=RoundKind.RELEASE).ended_at is None
    sent = post(client, "answer", demand.pk, answer="not_solved", words="还是空的")
    assert sent.status_code == 302
    demand.refresh_from_db()
    assert (demand.status, demand.reopened_times) == ("in_development", 1)
    assert demand.feedback.filter(words="还是空的", person=cast.wangke).exists()


def test_nobody_answers_for_others(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    demand = loop.asked(cast, earlier, loop.collected(cast, earlier))
    for stranger, status in ((cast.liuyang, 404), (cast.linzhixia, 409)):
        assert (
            post(client_of(stranger), "answer", demand.pk, answer="confirmed").status_code == status
        )
    assert Round.objects.get(kind=RoundKind.RELEASE).ended_at is None
    assert post(client_of(cast.wangke), "answer", demand.pk, answer="confirmed").status_code == 302


def test_the_contact_of_the_department_answers_for_who_left(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    assert not Demand.objects.visible_to(cast.liuyang).exists()
    department = cast.wangke.department
    assert department is not None
    type(department).objects.filter(pk=department.pk).update(contact=cast.liuyang)
    assert not Demand.objects.visible_to(cast.liuyang).exists()
    User.objects.filter(pk=cast.wangke.pk).update(left_on=earlier.date(), is_active=False)
    loop.asked(cast, earlier, demand)
    page = client_of(cast.liuyang).get(reverse("demand", args=[demand.pk]))
    assert cast.wangke.name in page.content.decode()
    assert post(client_of(cast.liuyang), "answer", demand.pk, answer="confirmed").status_code == 302
    assert Round.objects.get(kind=RoundKind.RELEASE).state == RoundState.CONFIRMED


def test_a_declined_demand_is_appealed(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    assert post(client_of(cast.wangke), "appeal", demand.pk, words="还是要").status_code == 422
    decline_demand(demand, "明年换系统", acting_user=cast.linzhixia, now=earlier)
    page = client_of(cast.wangke).get(reverse("demand", args=[demand.pk])).content.decode()
    assert "明年换系统" in page
    refused = post(client_of(cast.wangke), "appeal", demand.pk, words="")
    assert refused.status_code == 422
    assert post(client_of(cast.wangke), "appeal", demand.pk, words="明年太晚").status_code == 302
    demand.refresh_from_db()
    assert demand.status == "evaluating"
