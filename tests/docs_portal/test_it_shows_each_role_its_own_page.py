"""The same address shows each role its own page, and nothing of the others anywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.actions import except_role
from catalog.choices import ExceptionKind
from core.registry import SearchProvider, search_providers, suggestion_providers
from docs_portal.access import may_read, pages_for_requester
from docs_portal.actions import retire_page
from docs_portal.models import MissingPage, Page, PageRead
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages

ClientOf = Callable[[User], Client]
FILE, REVIEW = "填写拜访记录", "审阅拜访记录"


@pytest.fixture
def pages(cast: Cast, now: dt.datetime) -> list[Page]:
    return build_pages(cast, now - dt.timedelta(days=5))


def titled(title: str) -> Page:
    return Page.objects.get(title=title)


def visits() -> str:
    return reverse("page", args=["crm", "visit-records"])


def test_one_address_two_roles(cast: Cast, pages: list[Page], client_of: ClientOf) -> None:
    representative = client_of(cast.liuyang).get(visits()).content.decode()
    director = client_of(cast.wangke).get(visits()).content.decode()
    assert FILE in representative
    assert REVIEW not in representative
    assert REVIEW in director
    assert FILE not in director


def test_reading_is_kept_once_per_person_and_revision(
    cast: Cast, pages: list[Page], client_of: ClientOf
) -> None:
    client = client_of(cast.liuyang)
    client.get(visits())
    client.get(visits())
    read = PageRead.objects.get(user=cast.liuyang)
    assert (read.page, read.times) == (titled(FILE), 2)


def test_a_page_of_another_role_is_withheld_and_counts_as_one_gap(
    cast: Cast, pages: list[Page], client_of: ClientOf
) -> None:
    address = reverse("page", args=["erp", "month-end"])
    mine = client_of(cast.zhaoyi).get(address)
    assert mine.status_code == 200
    client = client_of(cast.liuyang)
    withheld = client.get(address)
    client.get(address)
    assert withheld.status_code == 404
    assert "暂无您角色的文档" in withheld.content.decode()
    assert "月末结账" not in withheld.content.decode()
    gap = MissingPage.objects.get()
    assert (gap.page, gap.user, gap.source) == (titled("月末结账"), cast.liuyang, "link")


def test_an_address_nobody_has_is_no_gap(
    cast: Cast, pages: list[Page], client_of: ClientOf
) -> None:
    answer = client_of(cast.liuyang).get(reverse("page", args=["crm", "no-such-page"]))
    assert answer.status_code == 404
    assert not MissingPage.objects.exists()


@pytest.mark.parametrize("providers", [search_providers, suggestion_providers])
def test_search_and_suggestions_show_only_ones_own(
    cast: Cast,
    pages: list[Page],
    providers: Callable[[], list[SearchProvider]],
    now: dt.datetime,
) -> None:
    provider = next(p for p in providers() if p.name == "pages")
    found = {
        person: provider.search(person, "拜访记录", 9) for person in (cast.liuyang, cast.wangke)
    }
    titles = {person: {one.title for one in suggestions} for person, suggestions in found.items()}
    assert FILE in titles[cast.liuyang]
    assert REVIEW not in titles[cast.liuyang]
    assert REVIEW in titles[cast.wangke]
    assert FILE not in titles[cast.wangke]


def test_the_list_and_the_tree_show_only_ones_own(
    cast: Cast, pages: list[Page], client_of: ClientOf
) -> None:
    client = client_of(cast.liuyang)
    for address in (reverse("manuals"), reverse("manual", args=["crm"]), visits()):
        text = client.get(address).content.decode()
        assert FILE in text, address
        assert REVIEW not in text, address
    found = client.get(reverse("manuals"), {"q": "拜访记录"}, follow=True).content.decode()
    assert "填写<mark>拜访记录</mark>" in found
    assert "审阅<mark>" not in found


def test_a_dated_exception_opens_and_closes_a_page(
    cast: Cast, pages: list[Page], now: dt.datetime
) -> None:
    day = dt.date(2026, 11, 16)
    except_role(
        cast.liuyang, cast.roles["crm_director"], ExceptionKind.ALSO, day,
        day + dt.timedelta(days=2), "", acting_user=cast.admin, now=now,
    )  # fmt: skip
    review = titled(REVIEW)
    assert may_read(review, cast.liuyang, day)
    assert not may_read(review, cast.liuyang, day - dt.timedelta(days=1))
    assert not may_read(review, cast.liuyang, day + dt.timedelta(days=3))


def test_an_agent_sees_every_page_of_the_address(
    cast: Cast, pages: list[Page], client_of: ClientOf
) -> None:
    text = client_of(cast.linzhixia).get(visits()).content.decode()
    assert FILE in text
    assert REVIEW in text


def test_what_an_agent_may_link_depends_on_the_requester(
    cast: Cast, pages: list[Page], now: dt.datetime
) -> None:
    day = now.date()
    crm = cast.products["crm"]
    offered = pages_for_requester(cast.liuyang, "拜访", crm, day)
    assert titled(FILE) in offered
    assert titled(REVIEW) not in offered
    assert titled(REVIEW) in pages_for_requester(cast.wangke, "拜访", crm, day)
    assert not may_read(titled(REVIEW), cast.liuyang, day)


def test_a_retired_page_is_nowhere(
    cast: Cast, pages: list[Page], client_of: ClientOf, now: dt.datetime
) -> None:
    assert client_of(cast.liuyang).get(visits()).status_code == 200
    retire_page(titled(FILE), acting_user=cast.shenyi, now=now)
    client = client_of(cast.liuyang)
    assert FILE not in client.get(visits()).content.decode()
    assert FILE not in client.get(reverse("manuals")).content.decode()
