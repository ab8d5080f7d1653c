"""Demands for the people who use a product: plain words, no strangers' words, support counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from feedback.actions import (
    DemandDraft,
    accept_demand,
    add_feedback,
    create_demand,
    schedule_demand,
)
from feedback.models import Demand, FeedbackItem, Obligation
from opsdesk.demo.cast import Cast

pytestmark = pytest.mark.django_db


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def planned(cast: Cast, now: dt.datetime, product: str = "crm", title: str = "批量导出") -> Demand:
    by: dict[str, Any] = {"acting_user": cast.chenlu, "now": now}
    draft = DemandDraft(title, cast.products[product], problem="某客户的合同金额")
    demand = create_demand(draft, **by)
    add_feedback(
        product=demand.product, person=cast.liuyang, words="只有我们的秘密客户需要",
        source="chat", demand=demand, **by,
    )  # fmt: skip
    accept_demand(demand, "三个大区都要", **by)
    return schedule_demand(demand, now.date() + dt.timedelta(days=7), **by)


def test_a_user_reads_what_is_planned_and_no_strangers_words(cast: Cast, now: dt.datetime) -> None:
    demand = planned(cast, now)
    client = signed_in(cast.wangke)
    page = client.get("/my/demands/").content.decode()
    assert demand.title in page
    for secret in ("秘密客户", "合同金额", cast.liuyang.name):
        assert secret not in page
    assert client.get(f"/demands/{demand.pk}/").status_code == 404, "its page is for who is owed"
    assert demand.title not in client.get("/my/demands/?show=building").content.decode()


def test_a_product_one_does_not_use_shows_nothing(cast: Cast, now: dt.datetime) -> None:
    demand = planned(cast, now)
    stranger = signed_in(cast.zhaoyi)
    assert demand.title not in stranger.get("/my/demands/").content.decode()
    assert stranger.get(f"/my/demands/{demand.pk}/support/").status_code == 404
    answer = stranger.post(
        f"/my/demands/{demand.pk}/support/", {"words": "我也要", "importance": "1"}
    )
    assert answer.status_code == 404
    assert not Obligation.objects.filter(person=cast.zhaoyi).exists()


def test_support_keeps_the_words_and_owes_word(cast: Cast, now: dt.datetime) -> None:
    demand = planned(cast, now)
    client = signed_in(cast.wangke)
    address = f"/my/demands/{demand.pk}/support/"
    refused = client.post(address, {"words": "", "importance": "2"})
    assert refused.status_code == 422
    answer = client.post(
        address, {"words": "月底要给总部看", "importance": "2", "hours_per_week": "1.5"}
    )
    assert answer.headers["Location"] == f"/demands/{demand.pk}/"
    item = FeedbackItem.objects.get(person=cast.wangke)
    assert (item.words, item.importance, str(item.hours_per_week)) == ("月底要给总部看", 2, "1.5")
    assert Obligation.objects.get(person=cast.wangke, demand=demand).reason == "voted"
    assert demand.title in client.get("/my/demands/?show=mine").content.decode()
    assert client.get(f"/demands/{demand.pk}/").status_code == 200


def test_what_is_not_decided_yet_is_not_announced(cast: Cast, now: dt.datetime) -> None:
    draft = DemandDraft("也许会做的事", cast.products["crm"])
    demand = create_demand(draft, acting_user=cast.chenlu, now=now)
    client = signed_in(cast.wangke)
    for show in ("planned", "building", "live", "mine"):
        assert demand.title not in client.get(f"/my/demands/?show={show}").content.decode()
    assert client.get(f"/my/demands/{demand.pk}/support/").status_code == 404
