"""Service targets in a real browser: a change is foreseen, then saved; the clock by keyboard."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import routed, submitted
from tickets.actions import continue_due_run
from tickets.models import DueRun, ServicePolicy, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewContext = Callable[..., BrowserContext]


def test_a_change_is_foreseen_and_then_moves_the_due_times(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = submitted(cast, now, "导出客户清单缺一列")
    before = ticket.resolution_due_at
    policy = ServicePolicy.objects.get(is_default=True)
    page = new_context().new_page()
    sign_in(page, live_server.url, "chenlu")
    page.goto(f"{live_server.url}/settings/policies/{policy.pk}/")
    assert axe_faults(page) == []
    page.get_by_label("P3：解决时限").fill("2 小时")
    page.get_by_label("P3：首次响应时限").fill("30 分钟")
    page.get_by_role("button", name="看看会改变什么").click()
    expect(page.get_by_role("heading", name="保存之前")).to_be_visible()
    expect(page.get_by_role("row", name=ticket.ref)).to_be_visible()
    assert axe_faults(page) == []
    assert Ticket.objects.get(pk=ticket.pk).resolution_due_at == before
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_role("heading", name="服务策略", exact=True)).to_be_visible()
    for run in DueRun.objects.filter(finished_at=None):
        continue_due_run(run.pk, now=now)
    moved = Ticket.objects.get(pk=ticket.pk)
    assert moved.resolution_due_at == now + dt.timedelta(hours=2)
    page.reload()
    expect(page.get_by_text("1 张工单已变化")).to_be_visible()


def test_the_clock_is_opened_and_read_by_keyboard(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = routed(cast, now)
    page = new_context().new_page()
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/{ticket.pk}/")
    summary = page.locator("#clock > summary")
    summary.focus()
    page.keyboard.press("Enter")
    spans = page.get_by_role("region", name="时钟的每一段")
    expect(spans).to_be_visible()
    expect(page.get_by_role("region", name="在每个层次的每次停留")).to_be_visible()
    # The table scrolls for who has no mouse: it takes the focus.
    spans.focus()
    assert spans.evaluate("part => document.activeElement === part")
    expect(spans.get_by_role("row").first).to_contain_text("累计")
    assert axe_faults(page) == []
    # Without scripts the same is a page of its own.
    page.goto(f"{live_server.url}/desk/{ticket.pk}/clock/")
    expect(page.get_by_role("heading", name="各层次用时")).to_be_visible()
    assert axe_faults(page) == []
