"""The page of a demand: what staff do there, and how refusals are shown."""

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
from feedback.models import Demand, FeedbackItem, Obligation, Round
from opsdesk.demo.cast import Cast
from tests.feedback import loop

ClientOf = Callable[[User], Client]


@pytest.fixture
def real_now() -> dt.datetime:
    """Views read the clock themselves; what they meet was made a little earlier."""
    return timezone.now() - dt.timedelta(hours=2)


def post(client: Client, name: str, pk: int, **data: Any) -> Any:
    return client.post(reverse(f"demand_{name}", args=[pk]), {FIELD: new_form_key(), **data})


def day(days: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


def test_it_goes_the_whole_way(cast: Cast, real_now: dt.datetime, client_of: ClientOf) -> None:
    demand = loop.collected(cast, real_now)
    staff = client_of(cast.linzhixia)
    way: list[tuple[str, dict[str, Any], str]] = [
        ("evaluate", {}, "evaluating"),
        ("accept", {"reason": "影响三个大区"}, "accepted"),
        ("schedule", {"planned_on": day(7)}, "scheduled"),
        ("develop", {}, "in_development"),
        ("date", {"planned_on": day(9)}, "in_development"),
        ("test", {}, "testing"),
        ("back_to_development", {}, "in_development"),
        ("test", {}, "testing"),
    ]
    for verb, data, status in way:
        assert post(staff, verb, demand.pk, **data).status_code == 302, verb
        demand.refresh_from_db()
        assert demand.status == status
    page = staff.get(reverse("demand", args=[demand.pk])).content.decode()
    assert loop.WORDS in page
    assert cast.wangke.name in page
    kinds = list(Round.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["decision", "date_change", "date_change"]


@pytest.mark.parametrize(
    ("verb", "data", "field", "kept"),
    [
        ("decline", {"reason": " "}, "reason", ""),
        ("defer", {"until": day(91), "reason": "明年再看"}, "until", "明年再看"),
        ("defer", {"until": day(10), "reason": ""}, "reason", day(10)),
        ("quote", {"person": "没有这个人", "words": "我也要", "source": "chat", "importance": "1"},
         "person", "我也要"),
        ("quote", {"person": "wangke", "words": "", "source": "chat", "importance": "1"},
         "words", "wangke"),
    ],
)  # fmt: skip
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    cast: Cast,
    real_now: dt.datetime,
    client_of: ClientOf,
    verb: str,
    data: dict[str, str],
    field: str,
    kept: str,
) -> None:
    demand = loop.collected(cast, real_now)
    version = Demand.objects.get(pk=demand.pk).version
    answer = post(client_of(cast.linzhixia), verb, demand.pk, **data)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert kept in answer.content.decode()
    assert Demand.objects.get(pk=demand.pk).version == version
    good = {
        "decline": {"reason": "明年换系统"}, "defer": {"until": day(90), "reason": "明年再看"},
        "quote": {"person": "liuyang", "words": "我也要", "source": "chat", "importance": "1"},
    }[verb]  # fmt: skip
    assert post(client_of(cast.linzhixia), verb, demand.pk, **good).status_code == 302


def test_a_move_the_table_does_not_allow_is_refused(
    cast: Cast, real_now: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, real_now)
    answer = post(client_of(cast.linzhixia), "schedule", demand.pk, planned_on=day(3))
    assert answer.status_code == 422
    assert Demand.objects.get(pk=demand.pk).status == "collected"
    assert (
        client_of(cast.linzhixia).get(reverse("demand_schedule", args=[demand.pk])).status_code
        == 403
    )


def test_a_stale_page_is_answered_with_both_sides(
    cast: Cast, real_now: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, real_now)
    version = Demand.objects.get(pk=demand.pk).version
    post(client_of(cast.linzhixia), "evaluate", demand.pk)
    words = "我这边也整理了一段理由"
    answer = post(client_of(cast.zhoumin), "accept", demand.pk, reason=words, version=version)
    assert answer.status_code == 409
    assert words in answer.content.decode()
    again = post(client_of(cast.zhoumin), "accept", demand.pk, reason=words, version=version + 1)
    assert again.status_code == 302


def test_one_form_acts_once(cast: Cast, real_now: dt.datetime, client_of: ClientOf) -> None:
    demand = loop.collected(cast, real_now)
    data = {
        FIELD: new_form_key(), "person": "liuyang", "words": "我也要", "source": "chat",
        "importance": "1",
    }  # fmt: skip
    client, url = client_of(cast.linzhixia), reverse("demand_quote", args=[demand.pk])
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    assert FeedbackItem.objects.filter(demand=demand, person=cast.liuyang).count() == 1
    assert Obligation.objects.filter(demand=demand).count() == 2


def test_only_product_operations_verifies_and_only_after_the_release(
    cast: Cast, real_now: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, real_now)
    loop.planned(cast, real_now, demand)
    assert (
        client_of(cast.zhoumin).get(reverse("demand_verify", args=[demand.pk])).status_code == 403
    )
    other = loop.collected(cast, real_now, "导出客户清单")
    loop.published(cast, real_now, other, "5.9")
    assert post(client_of(cast.gaoyuan), "verify", other.pk).status_code == 403
    assert post(client_of(cast.zhoumin), "verify", other.pk).status_code == 302
    other.refresh_from_db()
    assert other.verified_by == cast.zhoumin


@pytest.mark.parametrize("verb", ["accept", "decline", "schedule", "quote", "carry", "verify"])
def test_who_is_owed_word_decides_nothing(
    cast: Cast, real_now: dt.datetime, client_of: ClientOf, verb: str
) -> None:
    demand = loop.collected(cast, real_now)
    url = reverse(f"demand_{verb}", args=[demand.pk])
    assert client_of(cast.wangke).get(url).status_code == 403
    assert client_of(cast.liuyang).get(url).status_code == 404
    data = {
        "reason": "不", "planned_on": day(3), "person": "liuyang", "words": "我也要",
        "source": "chat", "importance": "1",
    }  # fmt: skip
    assert post(client_of(cast.wangke), verb, demand.pk, **data).status_code in (403, 409)
    demand.refresh_from_db()
    assert demand.status == "collected"
    assert demand.obligations.count() == 1


def test_new_demands_are_opened_with_a_form(
    cast: Cast, real_now: dt.datetime, client_of: ClientOf
) -> None:
    crm = cast.products["crm"]
    data = {
        "title": "按客户导出拜访记录", "product": crm.pk, "module": cast.modules["visits"].pk,
        "kind": "new", "initiated_by": "business", "problem": "现在要手工抄", "proposal": "",
    }  # fmt: skip
    client, url = client_of(cast.linzhixia), reverse("demand_new")
    refused = client.post(url, {**data, "title": "", FIELD: new_form_key()})
    assert refused.status_code == 422
    assert "现在要手工抄" in refused.content.decode()
    answer = client.post(url, {**data, FIELD: new_form_key()})
    made = Demand.objects.get()
    assert answer["Location"] == reverse("demand", args=[made.pk])
    assert (made.title, made.module, made.product_owner) == (
        data["title"], cast.modules["visits"], crm.owner,
    )  # fmt: skip
    assert client_of(cast.wangke).get(url).status_code == 403
