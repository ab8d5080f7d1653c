"""Select three by key, assign them, see the one that was refused and why, take all of it back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.demo.cast import Cast
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import submitted
from tickets import actions
from tickets.models import BulkRun, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_three_are_assigned_by_key_and_taken_back(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    first, second, third = (submitted(cast, now, f"第 {n} 张，导出失败") for n in (1, 2, 3))
    untouched = submitted(cast, now, "第 4 张，导出失败")
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/?queue=all")
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()

    # The newest stands first: the second row begins the range of three.
    page.locator(f"#row-{third.pk} .check").click()
    page.keyboard.press("Shift+KeyJ")
    page.keyboard.press("Shift+KeyJ")
    expect(page.locator(".row[data-selected]")).to_have_count(3)
    expect(bar.locator("[data-bulk-count]")).to_contain_text("3")
    # A colleague is faster with one of them.
    actions.assign_ticket(second, cast.chenlu, acting_user=cast.chenlu, now=now)

    page.keyboard.press("KeyA")
    dialog = page.locator("#act")
    expect(dialog.locator("[name=assignee]")).to_be_focused()
    dialog.locator("[name=assignee]").select_option(label=cast.zhoumin.name)
    page.keyboard.press("Control+Enter")

    # Not all went well: the page of the run says how far, which one not, and why.
    expect(page).to_have_url(re.compile(r"/desk/bulk/\d+/$"))
    expect(page.locator("progress")).to_have_attribute("value", "3")
    refused = page.locator(".refusals li")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text(second.ref)
    expect(refused).to_contain_text("打开页面后")
    holders = dict(Ticket.objects.values_list("pk", "assignee"))
    assert holders == {
        first.pk: cast.zhoumin.pk, second.pk: cast.chenlu.pk, third.pk: cast.zhoumin.pk,
        untouched.pk: None,
    }  # fmt: skip

    page.get_by_role("button", name="全部撤销").click()
    expect(page.locator("#toasts")).to_contain_text("已撤销")
    holders = dict(Ticket.objects.values_list("pk", "assignee"))
    assert holders == {
        first.pk: None, second.pk: cast.chenlu.pk, third.pk: None, untouched.pk: None
    }  # fmt: skip


def test_moving_on_takes_the_next_one_too(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    """j x j x without waiting: two rows, the two that were passed."""
    first, second, third = (submitted(cast, now, f"第 {n} 张，导出失败") for n in (1, 2, 3))
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/{third.pk}/?queue=unassigned")
    for key in ("KeyJ", "KeyX", "KeyJ", "KeyX"):
        page.keyboard.press(key)
    expect(page.locator(f"#row-{first.pk}")).to_have_attribute("aria-current", "true")
    expect(page.locator(".row[data-selected]")).to_have_count(2)
    assert page.locator(f"#row-{second.pk}").get_attribute("data-selected") is not None
    # Back on the second: the same key lets it go.
    page.keyboard.press("KeyK")
    page.keyboard.press("KeyX")
    expect(page.locator(".row[data-selected]")).to_have_count(1)
    assert page.locator(f"#row-{first.pk}").get_attribute("data-selected") is not None


def test_a_whole_list_is_tagged_and_undone_from_the_toast(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    tickets = [submitted(cast, now, f"第 {n} 张，导出失败") for n in range(1, 5)]
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/?queue=unassigned")
    page.keyboard.press("KeyX")
    expect(page.locator(".row[data-selected]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.keyboard.press("Shift+KeyA")
    expect(page.locator(".row[data-selected]")).to_have_count(4)
    page.keyboard.press("Shift+KeyA")
    expect(page.locator("[data-bulk-count]")).to_contain_text("无人处理")
    page.locator("[data-bulk] .menu summary").click()
    page.locator("[data-bulk] .menu").get_by_text("添加标签").click()
    dialog = page.locator("#act")
    expect(dialog).to_contain_text("4 张")
    dialog.locator("[name=tag]").fill("大促")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("已处理 4 张工单")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    assert {tuple(t.tags) for t in Ticket.objects.all()} == {("大促",)}
    page.keyboard.press("KeyZ")
    expect(page.locator("#toasts")).to_contain_text("已撤销")
    assert {tuple(t.tags) for t in Ticket.objects.filter(pk__in=[t.pk for t in tickets])} == {()}
    assert BulkRun.objects.count() == 2
