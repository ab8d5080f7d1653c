"""Two browsers on one ticket: presence, replies as they come, a stale write; and its requester."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.demo.cast import Cast
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import routed, submitted
from tickets.actions import add_comment, claim_ticket, edit_ticket
from tickets.models import Comment, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewContext = Callable[..., BrowserContext]
#: A poll every two seconds, and the fetch after it; a loaded machine gets some grace.
SOON = 6000


def _at(new_context: NewContext, server: LiveServer, name: str, address: str) -> Page:
    page = new_context().new_page()
    sign_in(page, server.url, name)
    page.goto(f"{server.url}{address}")
    return page


def test_colleagues_see_each_other_and_what_they_write(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = submitted(cast, now)
    address = f"/desk/{ticket.pk}/?queue=all"
    lin = _at(new_context, live_server, "linzhixia", address)
    zhou = _at(new_context, live_server, "zhoumin", "/desk/?queue=all")
    row = zhou.locator(f"#row-{ticket.pk} .avatar[data-live=viewing]")
    expect(row).to_have_attribute("aria-label", "林知夏 正在查看", timeout=SOON)
    zhou.goto(f"{live_server.url}{address}")
    expect(lin.locator("[data-here] .avatar")).to_have_text("周", timeout=SOON)
    lin.locator(".compose textarea").fill("我这边还在看")
    editing = zhou.locator("[data-here] .avatar[data-live=editing]")
    expect(editing).to_have_attribute("aria-label", "林知夏 正在编辑", timeout=SOON)
    zhou.locator(".compose textarea").fill("请在左侧选择团队记录。")
    zhou.locator(".compose textarea").press("Control+Enter")
    # Theirs stands above mine before mine is sent, and what I typed, and the focus, are as before.
    expect(lin.locator("[data-entries] article").last).to_contain_text("团队记录", timeout=SOON)
    expect(lin.locator("[data-entries] article").last).to_have_attribute("data-fresh", "")
    expect(lin.locator(".arrived")).to_contain_text("周敏")
    expect(lin.locator(".compose textarea")).to_have_value("我这边还在看")
    expect(lin.locator(".compose textarea")).to_be_focused()
    # Once read, it no longer holds mine back.
    lin.locator(".arrived button").click()
    newest = str(Comment.objects.get(ticket=ticket).pk)
    expect(lin.locator(".compose [name=seen_comment]")).to_have_value(newest, timeout=SOON)
    lin.locator(".compose textarea").press("Control+Enter")
    expect(zhou.locator("[data-entries]")).to_contain_text("我这边还在看", timeout=SOON)
    assert Comment.objects.filter(ticket=ticket).count() == 2
    zhou.goto(f"{live_server.url}/desk/?queue=all")
    expect(lin.locator("[data-here] .avatar")).to_have_count(0, timeout=15_000)


def test_a_stale_write_is_refused_in_both_directions(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = routed(cast, now)
    address = f"/desk/{ticket.pk}/?queue=all"
    pages = {
        name: _at(new_context, live_server, name, address) for name in ("linzhixia", "zhoumin")
    }
    for writer, reader, title in (
        ("linzhixia", "zhoumin", "林知夏的标题"), ("zhoumin", "linzhixia", "周敏的标题"),
    ):  # fmt: skip
        for page in (pages[reader], pages[writer]):
            page.locator("main > header .menu summary").click()
            page.get_by_text("修改标题").click()
            page.locator("#act [name=title]").fill(f"{title} {page is pages[writer]}")
        pages[writer].locator("#act button[data-kind=primary]").click()
        expect(pages[writer].locator("main h1")).to_contain_text(title)
        # The open dialog keeps its words while the page behind it follows.
        expect(pages[reader].locator("main h1")).to_have_text(f"{title} True", timeout=SOON)
        expect(pages[reader].locator("#act [name=title]")).to_have_value(f"{title} False")
        pages[reader].locator("#act button[data-kind=primary]").click()
        sides = pages[reader].locator("#act [data-stale]")
        expect(sides).to_contain_text(f"{title} True")
        expect(sides).to_contain_text(f"{title} False")
        sides.get_by_role("link").click()
        assert Ticket.objects.get(pk=ticket.pk).title == f"{title} True"


def test_lists_counts_and_the_requesters_page_follow(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = submitted(cast, now)
    lin = _at(new_context, live_server, "linzhixia", "/desk/?queue=unassigned")
    wang = _at(new_context, live_server, "wangke", f"/my/{ticket.pk}/")
    count = lin.locator(".queues a[href*='queue=unassigned'] .count")
    expect(count).to_have_text("1")
    wang.locator("[data-composer] textarea").fill("补充：只有我看不到")
    other = submitted(cast, now, "报价单导出打不开")
    expect(lin.locator(f"#row-{other.pk}")).to_be_visible(timeout=SOON)
    expect(count).to_have_text("2", timeout=SOON)
    add_comment(ticket, "请再试一次。", acting_user=cast.zhoumin, now=now)
    claim_ticket(ticket, acting_user=cast.zhoumin, now=now)
    edit_ticket(other, {"title": "报价单 PDF 打不开"}, acting_user=cast.zhoumin, now=now)
    expect(lin.locator(f"#row-{ticket.pk}")).to_have_count(0, timeout=SOON)
    expect(lin.locator(f"#row-{other.pk}")).to_contain_text("PDF", timeout=SOON)
    expect(wang.locator("[data-entries]")).to_contain_text("请再试一次", timeout=SOON)
    expect(wang.locator("[data-composer] textarea")).to_have_value("补充：只有我看不到")
    # A requester hears of the answer and never of who looks at the ticket.
    assert wang.locator(".avatar[data-live]").count() == 0


def test_who_loses_access_hears_nothing_more(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = submitted(cast, now)
    zhou = _at(new_context, live_server, "zhoumin", f"/desk/{ticket.pk}/?queue=all")
    expect(zhou.locator("[data-pass]").first).to_be_attached()
    edit_ticket(ticket, {"confidential": True}, acting_user=cast.gaoyuan, now=now)
    expect(zhou.locator("#toasts")).to_contain_text("无权查看", timeout=SOON)
    add_comment(ticket, "只给经理看的话", kind="note", acting_user=cast.gaoyuan, now=now)
    zhou.wait_for_timeout(4500)
    expect(zhou.locator("[data-entries]")).not_to_contain_text("只给经理看的话")
