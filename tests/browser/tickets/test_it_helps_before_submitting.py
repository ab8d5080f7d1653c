"""Help before submit in a browser: with an input method, counted, un-counted; pages by two keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from playwright.sync_api import BrowserContext, CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from docs_portal.models import DebtItem, PageVoice
from docs_portal.models import Page as ManualPage
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages
from tests.axe import axe_faults
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import routed
from tickets.actions import add_comment, claim_ticket
from tickets.models import HelpSession, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewContext = Callable[..., BrowserContext]
TITLE = "填写拜访记录"
ENTER = """(field) => field.dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }))"""


@pytest.fixture
def pages(cast: Cast, now: dt.datetime) -> ManualPage:
    build_pages(cast, now - dt.timedelta(days=20))
    return ManualPage.objects.get(title=TITLE)


@pytest.fixture
def clock(now: dt.datetime) -> Any:
    with time_machine.travel(now, tick=True) as traveller:
        yield traveller


def opened(new_context: NewContext, address: str, username: str) -> Page:
    page = new_context().new_page()
    sign_in(page, address, username)
    return page


def composes(keyboard: CDPSession, *steps: str) -> None:
    """What an input method does: its letters stand in the field and are nobody's text yet."""
    for step in steps:
        place = {"selectionStart": len(step), "selectionEnd": len(step)}
        keyboard.send("Input.imeSetComposition", {"text": step, **place})


def figure(page: Page, label: str) -> str:
    return page.locator(".stat", has_text=label).locator(".fig").inner_text()


def test_solving_it_oneself_counts_and_a_ticket_within_seven_days_uncounts_it(
    cast: Cast, now: dt.datetime, pages: ManualPage, clock: Any, live_server: LiveServer,
    new_context: NewContext,
) -> None:  # fmt: skip
    for username, words in (("liuyang", "怎么填写拜访记录"), ("wangke", "怎么审阅拜访记录")):
        reader = opened(new_context, live_server.url, username)
        reader.locator("#trouble").fill(words)
        offered = reader.locator("#found .answer", has_text=words[2:])
        expect(offered).to_be_visible()
        offered.get_by_role("button", name="解决了我的问题").click()
        expect(reader.locator("[data-solved]")).to_be_visible()
        assert axe_faults(reader) == []
    agent = opened(new_context, live_server.url, "linzhixia")
    agent.goto(f"{live_server.url}/self-service/")
    expect(agent.locator("main")).to_contain_text("其中表示已解决：2")
    assert (figure(agent, "未满七天"), figure(agent, "表示“已解决”")) == ("2", "0")

    clock.move_to(now + dt.timedelta(days=1))
    reader.goto(f"{live_server.url}/submit/?product=crm")
    reader.locator("[name=description]").fill("还是不会审阅")
    reader.locator("form.card button[data-kind=primary]").click()
    expect(reader.locator("main h1")).to_have_text("还是不会审阅")

    clock.move_to(now + dt.timedelta(days=9))
    agent.goto(f"{live_server.url}/self-service/")
    told = [figure(agent, label) for label in ("表示“已解决”", "不计入", "自助解决率", "未满七天")]
    assert told == ["2", "1", "样本不足", "0"]
    assert agent.locator(".stat a.fig[href$='figure=counted']").inner_text() == "1"
    assert axe_faults(agent) == []
    agent.locator(".stat a.fig[href$='figure=undone']").click()
    expect(agent.locator("main tbody tr")).to_have_count(1)
    expect(agent.locator("main tbody")).to_contain_text(Ticket.objects.get().ref)
    assert axe_faults(agent) == []


def test_nothing_is_asked_while_an_input_method_composes(
    cast: Cast, pages: ManualPage, live_server: LiveServer, new_context: NewContext
) -> None:
    reader = opened(new_context, live_server.url, "liuyang")
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    keyboard = reader.context.new_cdp_session(reader)
    for path, field in (("/help/", "#trouble"), ("/submit/", "[name=description]")):
        reader.goto(f"{live_server.url}{path}")
        reader.locator(field).focus()
        reader.wait_for_timeout(700)
        asked.clear()
        composes(keyboard, "b", "ba", "bai'fang", "bai'fang'ji'lu")
        reader.wait_for_timeout(900)
        assert [url for url in asked if "suggestions" in url] == [], path
        keyboard.send("Input.insertText", {"text": "填写拜访记录"})
        expect(reader.locator("#found .answer", has_text=TITLE)).to_be_visible()
        expect(reader.locator(field)).to_have_value("填写拜访记录")
        assert len([url for url in asked if "suggestions" in url]) == 1, path
    # Both are one trouble: the same person within half an hour.
    assert HelpSession.objects.get().person == cast.liuyang

    reader.goto(f"{live_server.url}/manuals/")
    reader.keyboard.press("Control+k")
    expect(reader.locator("#palette input")).to_be_focused()
    composes(keyboard, "tian", "tian'xie")
    # Enter takes the word that is composed; the page hears it as a key of the input method.
    reader.locator("#palette input").evaluate(ENTER)
    expect(reader.locator("#palette")).to_be_visible()
    expect(reader).to_have_url(f"{live_server.url}/manuals/")
    keyboard.send("Input.insertText", {"text": TITLE})
    expect(reader.locator("#palette-found")).to_contain_text(TITLE)


def test_an_agent_links_a_page_by_two_keys_flags_it_and_a_writer_takes_it(
    cast: Cast, now: dt.datetime, pages: ManualPage, live_server: LiveServer, page: Page
) -> None:
    ticket = claim_ticket(routed(cast, now), acting_user=cast.linzhixia, now=now)
    add_comment(ticket, "在左侧选择“团队记录”即可。", acting_user=cast.linzhixia, now=now)
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/{ticket.pk}/")
    expect(page.locator("[data-manual] [data-code='Shift+KeyU']")).to_be_visible()
    page.keyboard.press("Shift+KeyU")
    expect(page.locator("#act #page-list li").first).to_be_visible()
    assert axe_faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("[data-manual]")).to_contain_text("标记有误")
    linked = Ticket.objects.get(pk=ticket.pk).answer_page
    assert linked is not None
    page.locator("[data-manual]").get_by_role("link", name="标记有误").click()
    page.locator("#act-form textarea").fill("菜单换了位置")
    assert axe_faults(page) == []
    page.locator("#act-form button[data-kind=primary]").click()
    expect(page.locator("#act-form")).to_have_count(0)
    assert PageVoice.objects.get().ticket_id == ticket.pk
    page.goto(f"{live_server.url}/writing/debt/")
    expect(page.locator(".debts li")).to_contain_text("处理人标记有误 1")
    assert axe_faults(page) == []
    page.locator(".debts a.title").click()
    expect(page.locator("main")).to_contain_text("菜单换了位置")
    assert axe_faults(page) == []
    page.get_by_role("button", name="认领").click()
    page.wait_for_url(f"**/writing/{linked.pk}/")
    assert DebtItem.objects.get().draft == linked


def test_a_reader_says_why_a_page_did_not_help(
    cast: Cast, pages: ManualPage, live_server: LiveServer, page: Page
) -> None:
    sign_in(page, live_server.url, "liuyang")
    page.goto(f"{live_server.url}/manuals/crm/visit-records/")
    expect(page.locator("[data-answered]")).to_have_count(0)
    page.locator("#helpful").get_by_role("button", name="否").press("Enter")
    page.locator("#helpful").get_by_label("看不懂").check()
    page.locator("#helpful textarea").fill("第三步看不懂")
    assert axe_faults(page) == []
    page.locator("#helpful").get_by_role("button", name="发送").click()
    expect(page.locator("#helpful")).to_contain_text("谢谢，文档作者会看到")
    voice = PageVoice.objects.get()
    assert (voice.is_helpful, voice.reason, voice.comment) == (False, "unclear", "第三步看不懂")
    page.wait_for_load_state("networkidle")
