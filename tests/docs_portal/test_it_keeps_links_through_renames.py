"""Links between pages survive renames; what leads nowhere is found and told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput
from core.events import history
from docs_portal.actions import move_page, rename_address, retire_page
from docs_portal.actions.linking import stored_links
from docs_portal.actions.writing import latest
from docs_portal.errors import AddressTaken
from docs_portal.models import Page
from docs_portal.policies.links import links_in, page_link, with_targets
from docs_portal.rendering import rendered
from docs_portal.rendering.checking import broken_links, pages_linking_to, texts_of
from docs_portal.rendering.markdown import shown_links
from opsdesk.demo.cast import Cast
from tests.docs_portal.manual_pages import by, drafted, published

ClientOf = Callable[[User], Client]


def test_code_is_no_link() -> None:
    body = (
        '`[a](page:1)` [b](page:2 "t") ![c](attachment:3)\n\n```\n[d](page:4)\n```\n\n[e]: page:5'
    )
    assert [link.target for link in links_in(body)] == ["page:2", "attachment:3", "page:5"]
    assert [link.line for link in links_in(body)] == [1, 1, 7]
    swapped = with_targets(body, lambda target: f"<{target}>")
    assert "`[a](page:1)`" in swapped
    assert "[d](page:4)" in swapped
    assert with_targets(body, lambda target: target) == body


def test_an_address_is_kept_as_a_key_and_shown_as_the_address_of_today(
    cast: Cast, now: dt.datetime
) -> None:
    there = published(cast, now, "导出客户", "## 步骤\n\n点右上角。", slug="export")
    for typed in (
        "/manuals/crm/export/#步骤",
        f"{settings.BASE_URL}/manuals/crm/export/?page={there.pk}#%E6%AD%A5%E9%AA%A4",
    ):
        assert (
            stored_links(f"见 [导出]({typed})。") == f"见 [导出]({page_link(there.pk, '步骤')})。"
        )
    here = published(
        cast, now, "首页", "见 [导出](/manuals/crm/export/#步骤)，[外](https://a.example/)。"
    )
    body = latest(here).body
    assert page_link(there.pk, "步骤") in body
    rename_address(there, "customer-export", **by(cast, now))
    assert "/manuals/crm/customer-export/#" in shown_links(body)
    assert 'href="/manuals/crm/customer-export/#' in rendered(body).html
    # What cannot be found stays as it was typed.
    assert stored_links("[x](/manuals/crm/nowhere/)") == "[x](/manuals/crm/nowhere/)"


def test_an_old_address_leads_on_and_may_be_taken_again(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    page = published(cast, now, "导出客户", slug="export")
    rename_address(page, "customer-export", **by(cast, now))
    answer = client_of(cast.liuyang).get(reverse("page", args=["crm", "export"]))
    assert answer.status_code in (301, 302)
    assert answer["Location"].startswith(reverse("page", args=["crm", "customer-export"]))
    assert [event.verb for event in history("page", page.pk)][-1] == "rename"
    # An old link in a text still finds it.
    assert stored_links("[x](/manuals/crm/export/)") == f"[x]({page_link(page.pk)})"
    other = published(cast, now, "别的", slug="other")
    with pytest.raises(AddressTaken):
        rename_address(other, "customer-export", **by(cast, now))
    rename_address(other, "export", **by(cast, now))
    assert client_of(cast.liuyang).get(reverse("page", args=["crm", "export"])).status_code == 200


def test_the_pages_of_every_role_move_to_the_new_address(cast: Cast, now: dt.datetime) -> None:
    one = published(cast, now, "填写", slug="visits", roles=[cast.roles["crm_representative"]])
    two = published(cast, now, "审阅", slug="visits", roles=[cast.roles["crm_director"]])
    rename_address(one, "visit-records-2", **by(cast, now))
    two.refresh_from_db()
    assert two.slug == "visit-records-2"


def test_what_leads_nowhere_is_named(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    gone = published(cast, now, "旧页", slug="old")
    sales = published(cast, now, "主管页", "## 甲", slug="boss", roles=[cast.roles["crm_director"]])
    body = (
        f"[好]({page_link(sales.pk, '甲')}) [旧]({page_link(gone.pk)}) "
        f"[无](page:{10**9}) [错]({page_link(sales.pk, '乙')}) [此](#没有) [址](/manuals/crm/x/) "
        "![图](https://a.example/b.png) ![没](attachment:999999999) [外](https://a.example/)"
    )
    page = published(cast, now, "有链接", body, roles=[cast.roles["crm_representative"]])
    assert pages_linking_to(gone) == [page]
    refused = client_of(cast.shenyi).post(reverse("page_retire", args=[gone.pk]), {"form_key": "a"})
    assert refused.status_code == 409
    assert page.title in refused.content.decode()
    retire_page(gone, **by(cast, now))
    found = [one for one in broken_links(texts_of(page.manual.product_id)) if one.page == page]
    broken = {one.link.target for one in found if not one.is_hint}
    assert broken == {
        page_link(gone.pk), f"page:{10**9}", page_link(sales.pk, "乙"), "#没有", "/manuals/crm/x/",
        "https://a.example/b.png", "attachment:999999999",
    }  # fmt: skip
    # It works for directors; the page's own readers have no page there.
    assert [one.link.target for one in found if one.is_hint] == [page_link(sales.pk, "甲")]
    report = client_of(cast.shenyi).get(reverse("manual_links", args=["crm"])).content.decode()
    assert report.count(page.title) >= len(found)
    assert 'class="broken"' in rendered(f"[x](page:{10**9})").html


def test_pages_are_put_in_order(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    Page.objects.filter(manual__product=cast.products["crm"]).update(status="retired")
    a, b, c = (
        published(cast, now, name, position=place) for place, name in enumerate("甲乙丙", start=90)
    )

    def order() -> list[tuple[str, int | None]]:
        rows = Page.objects.filter(pk__in=[a.pk, b.pk, c.pk]).order_by("position", "pk")
        return [(row.title, row.parent_id) for row in rows]

    client = client_of(cast.shenyi)

    def step(page: Page, name: str) -> None:
        sent = {"step": name, "form_key": f"{page.pk}{name}"}
        assert client.post(reverse("page_move", args=[page.pk]), sent).status_code == 302

    step(c, "up")
    assert [title for title, _parent in order()] == ["甲", "丙", "乙"]
    step(c, "in")
    c.refresh_from_db()
    assert c.parent_id == a.pk
    with pytest.raises(BadInput):
        move_page(a, c, None, **by(cast, now))
    step(c, "out")
    assert order() == [("甲", None), ("丙", None), ("乙", None)]
    step(a, "up")
    assert [title for title, _parent in order()] == ["甲", "丙", "乙"]
    assert "move" in [event.verb for event in history("page", c.pk)]
    other = drafted(cast, now, "草稿")
    assert client_of(cast.liuyang).post(
        reverse("page_move", args=[other.pk]), {"step": "up"}
    ).status_code == 403  # fmt: skip
