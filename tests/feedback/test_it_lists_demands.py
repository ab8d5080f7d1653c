"""The demand table: filters, words, pages by key, and a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.registry import search_providers, suggestion_providers
from feedback import search
from feedback.actions import add_feedback, decline_demand, evaluate_demand
from feedback.models import Demand
from feedback.search import DemandSearch, table_page, told_of
from feedback.suggest import DemandSuggestions
from opsdesk.demo.cast import Cast
from tests.feedback import loop

ClientOf = Callable[[User], Client]


@pytest.fixture
def earlier() -> dt.datetime:
    return timezone.now() - dt.timedelta(hours=2)


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_rows_cost_no_queries(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    client = client_of(cast.linzhixia)
    counts = []
    for wanted in (2, 20):
        while Demand.objects.count() < wanted:
            demand = loop.collected(cast, earlier, f"需求 {Demand.objects.count()}")
            if demand.pk % 2:
                loop.asked(cast, earlier, demand, f"6.{demand.pk}")
        urls = [
            reverse("demands"), reverse("releases"),
            reverse("demand", args=[Demand.objects.latest("pk").pk]),
        ]  # fmt: skip
        counts.append([queries_of(client, url) for url in urls])
    assert counts[0][:2] == counts[1][:2]
    assert max(counts[1]) <= 25


def test_people_and_words_cost_no_queries(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    release = loop.planned(cast, earlier, demand)
    client = client_of(cast.linzhixia)
    urls = [reverse("demand", args=[demand.pk]), reverse("release", args=[release.pk])]
    few = [queries_of(client, url) for url in urls]
    others = User.objects.exclude(pk=cast.wangke.pk)
    for person in others:
        for words in ("我也要", "再说一次"):
            add_feedback(
                product=demand.product, person=person, words=words, source="chat",
                demand=demand, acting_user=cast.linzhixia, now=earlier,
            )  # fmt: skip
    assert demand.obligations.count() == others.count() + 1
    assert [queries_of(client, url) for url in urls] == few


def test_pages_follow_each_other_both_ways(
    cast: Cast, earlier: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    made = [loop.collected(cast, earlier, f"需求 {n}") for n in range(5)]
    evaluate_demand(made[4], acting_user=cast.linzhixia, now=earlier)
    wanted = [made[3].pk, made[2].pk, made[1].pk, made[0].pk, made[4].pk]
    page = table_page(Demand.objects.all())
    pages = [page]
    while page.older:
        page = table_page(Demand.objects.all(), before=page.older)
        pages.append(page)
    assert [row.pk for page in pages for row in page.rows] == wanted
    assert pages[0].newer == ""
    back = table_page(Demand.objects.all(), after=pages[2].newer)
    assert [row.pk for row in back.rows] == [row.pk for row in pages[1].rows]
    assert table_page(Demand.objects.all(), after=back.newer).newer == ""


def test_it_filters(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    visits = loop.collected(cast, earlier, "拜访计划支持整周顺延")
    export = loop.collected(cast, earlier, "客户清单导出可选列")
    decline_demand(export, "已有报表", acting_user=cast.linzhixia, now=earlier)
    client = client_of(cast.linzhixia)

    def found(**query: str | int) -> list[bool]:
        page = client.get(reverse("demands"), query).content.decode()
        return [demand.title in page for demand in (visits, export)]

    assert found() == [True, False]
    assert found(view="all") == [True, True]
    assert found(status="declined") == [False, True]
    assert found(view="decide") == [True, False]
    assert found(q="导出") == [False, True]
    assert found(view="all", product=cast.products["erp"].pk) == [False, False]
    assert found(view="mine") == [False, False]


def test_the_table_is_for_staff_and_owners(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    for user, status in (
        (cast.linzhixia, 200), (cast.gaoyuan, 200), (cast.hesiyuan, 200), (cast.wangke, 403),
    ):  # fmt: skip
        assert client_of(user).get(reverse("demands")).status_code == status
    owned = client_of(cast.hesiyuan).get(reverse("demands")).content.decode()
    assert (demand.title in owned) == (demand.product_owner == cast.hesiyuan)


def test_progress_counts_everybody_once_by_the_newest_round(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    loop.tested(cast, earlier, demand)
    assert told_of([demand.pk])[demand.pk] == search.Told(people=1)
    client_of(cast.wangke).get(reverse("demand", args=[demand.pk]))
    assert told_of([demand.pk])[demand.pk] == search.Told(people=1, delivered=1, read=1)


def test_search_and_suggestions_keep_to_what_one_may_see(cast: Cast, earlier: dt.datetime) -> None:
    demand = loop.collected(cast, earlier)
    assert any(isinstance(p, DemandSearch) for p in search_providers())
    assert any(isinstance(p, DemandSuggestions) for p in suggestion_providers())
    for user, refs in (
        (cast.linzhixia, [demand.ref]), (cast.wangke, [demand.ref]), (cast.liuyang, []),
    ):  # fmt: skip
        assert [s.ref for s in DemandSearch().search(user, "现任下属", 5)] == refs
        found = DemandSuggestions().search(user, "主管视图里看不到现任下属的数据", 5)
        assert [s.ref for s in found] == refs
    assert DemandSuggestions().search(cast.linzhixia, "打印机没纸了怎么办", 5) == []
