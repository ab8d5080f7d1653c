"""The demand table: filters, words, pages by key, and a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.registry import search_providers, suggestion_providers
from feedback import search
from feedback.actions import add_feedback, decline_demand, edit_cells, evaluate_demand
from feedback.actions.editing import Cell
from feedback.models import Demand
from feedback.search import DemandSearch, told_of
from feedback.search.listing import DemandListing
from feedback.search.orders import GROUPS
from feedback.search.pages import demand_page
from feedback.search.totals import Totals, totals_of
from feedback.suggest import DemandSuggestions
from opsdesk.demo.cast import Cast
from tests.feedback import loop
from tickets.search.filters import Asking

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


@pytest.mark.parametrize(
    ("sort", "group"),
    [("", ""), ("newest", "none"), ("-effort", "none"), ("effort", "product"), ("title", "none"),
     ("waiting", "owner"), ("planned", "quarter"), ("score", "status"), ("priority", "release")],
)  # fmt: skip
def test_pages_follow_each_other_both_ways(
    cast: Cast, earlier: dt.datetime, sort: str, group: str
) -> None:
    made = [loop.collected(cast, earlier, f"需求 {n}") for n in range(5)]
    evaluate_demand(made[4], acting_user=cast.linzhixia, now=earlier)
    set_cells(cast, earlier, *((made[n].pk, "effort", str(n % 2 + 1)) for n in (0, 1, 3)))
    read = DemandListing(scope="all", sort=sort, group=group).read(Asking(cast.linzhixia, earlier))
    whole = [row.pk for row in demand_page(read).rows]
    assert sorted(whole) == sorted(demand.pk for demand in made)
    page = demand_page(read, size=2)
    pages = [page]
    while page.older:
        page = demand_page(read, before=page.older, size=2)
        pages.append(page)
    assert [row.pk for page in pages for row in page.rows] == whole
    assert pages[0].newer == ""
    back = demand_page(read, after=pages[2].newer, size=2)
    assert [row.pk for row in back.rows] == [row.pk for row in pages[1].rows]
    assert demand_page(read, after=back.newer, size=2).newer == ""


def set_cells(cast: Cast, now: dt.datetime, *cells: tuple[int, str, str]) -> None:
    outcome = edit_cells([Cell(*cell) for cell in cells], acting_user=cast.linzhixia, now=now)
    assert not outcome.refused, outcome.refused


def test_the_way_a_demand_goes_is_the_order_of_the_table(cast: Cast, earlier: dt.datetime) -> None:
    made = [loop.collected(cast, earlier, f"需求 {n}") for n in range(3)]
    evaluate_demand(made[2], acting_user=cast.linzhixia, now=earlier)
    read = DemandListing().read(Asking(cast.linzhixia, earlier))
    assert [row.pk for row in demand_page(read).rows] == [made[1].pk, made[0].pk, made[2].pk]


def test_groups_sum_up_what_they_list(cast: Cast, earlier: dt.datetime) -> None:
    made = [loop.collected(cast, earlier, f"需求 {n}") for n in range(4)]
    decline_demand(made[3], "已有报表", acting_user=cast.linzhixia, now=earlier)
    set_cells(cast, earlier, (made[0].pk, "effort", "1.5"), (made[1].pk, "effort", "2"))
    for group in GROUPS:
        read = DemandListing(scope="all", group=group).read(Asking(cast.linzhixia, earlier))
        rows = demand_page(read, size=100).rows
        totals = totals_of(read)
        for keys, sums in totals.items():
            listed = [row for row in rows if row.keys[: read.order.grouped] == keys or not keys]
            assert sums.count == len(listed), group
        assert totals[()] == Totals(4, Decimal("3.5"), Decimal(0), 4, 3), group


def test_what_an_address_gets_wrong_is_named(cast: Cast, earlier: dt.datetime) -> None:
    listing = DemandListing(
        scope="nowhere", sort="colour", group="colour", columns=("ref", "colour"), layout="cube",
        filters=("status:is:gone", "colour:is:red", "nonsense"),
    )  # fmt: skip
    problems = listing.read(Asking(cast.linzhixia, earlier)).named_problems()
    named = [problem.field for problem in problems]
    assert sorted(named) == sorted(
        ["scope", "sort", "group", "columns", "layout", "status", "colour", "f"]
    )
    assert all(problem.message and problem.remedy for problem in problems)


def test_it_filters(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    visits = loop.collected(cast, earlier, "拜访计划支持整周顺延")
    export = loop.collected(cast, earlier, "客户清单导出可选列")
    decline_demand(export, "已有报表", acting_user=cast.linzhixia, now=earlier)
    client = client_of(cast.linzhixia)

    def found(**query: str | int) -> list[bool]:
        page = client.get(reverse("demands"), query).content.decode()
        return [demand.title in page for demand in (visits, export)]

    assert found() == [True, False]
    assert found(scope="all") == [True, True]
    assert found(f="status:is:declined") == [False, True]
    assert found(scope="decide") == [True, False]
    assert found(q="导出") == [False, True]
    assert found(f="product:is:erp") == [False, False]
    assert found(scope="mine") == [False, False]
    set_cells(
        cast, earlier, (visits.pk, "effort", "3"), (visits.pk, "departments", "华东大区"),
        (visits.pk, "proposer", "wangke"), (visits.pk, "wanted", "2027-02-01"),
    )  # fmt: skip
    for only in (
        "effort:atleast:2", "proposer:is:wangke", "wanted:within:2027-02", "departments:set",
    ):  # fmt: skip
        assert found(f=only) == [True, False], only
    assert found(f="people:atleast:1") == [True, True]
    assert found(f="people:atleast:2") == [False, False]
    # Nobody waits for what was declined.
    assert found(f="waiting:atleast:1") == [True, False]
    assert found(f="asked:is:wangke", scope="all") == [True, True]
    assert found(f="asked:is:liuyang", scope="all") == [False, False]


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
    assert told_of([demand.pk])[demand.pk] == search.Told(people=1, due=1)
    client_of(cast.wangke).get(reverse("demand", args=[demand.pk]))
    assert told_of([demand.pk])[demand.pk] == search.Told(people=1, delivered=1, read=1, due=1)


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


def test_what_is_like_a_new_demand_is_shown_while_it_is_typed(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    loop.collected(cast, earlier, "客户清单导出可选列")
    other = loop.collected(cast, earlier, "拜访计划支持整周顺延")
    client = client_of(cast.linzhixia)

    def found(title: str) -> str:
        answer = client.get(reverse("demands_similar"), {"title": title})
        assert answer.status_code == 200
        return answer.content.decode()

    assert "客户清单导出可选列" in found("导出客户清单")
    assert other.title not in found("导出客户清单")
    assert found("").strip() == found("打印机没纸了").strip() == ""
