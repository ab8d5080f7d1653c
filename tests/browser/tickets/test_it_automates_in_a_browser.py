"""A rule built by keyboard, tried, activated, seen at work; a burst, one key, everyone told."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import nullcontext

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import submitted
from tickets.actions import TicketDraft, submit_ticket
from tickets.actions.bursting import watch_bursts
from tickets.choices import RuleState
from tickets.models import Cause, Comment, Rule, RuleTrial, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tab_to(page: Page, selector: str) -> None:
    """Tab until the control has the focus: nothing is reached by the mouse."""
    for _press in range(120):
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def choose(page: Page, selector: str, value: str) -> None:
    """Choose an option with the arrow keys."""
    tab_to(page, selector)
    steps: int = page.evaluate(
        "([s, v]) => { const e = document.querySelector(s);"
        " return [...e.options].findIndex(o => o.value === v) - e.selectedIndex; }",
        [selector, value],
    )
    if steps == 0:
        return
    asks = page.locator(selector).get_attribute("hx-post") is not None
    # The form asks again a moment after the last key, and its answer is what one works on.
    with page.expect_response(lambda _answer: True) if asks else nullcontext():
        for _press in range(abs(steps)):
            page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(100)
    expect(page.locator(selector)).to_have_value(value)


def press_button(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


def test_a_rule_is_built_by_keyboard_tried_and_seen_at_work(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    old = submitted(cast, timezone.now() - dt.timedelta(days=2), "拜访记录导不出来")
    sign_in(page, live_server.url, "chenlu")
    page.goto(f"{live_server.url}/settings/rules/new/")
    tab_to(page, "#id_name")
    page.keyboard.insert_text("拜访问题标记")
    press_button(page, "#add_if")
    expect(page.locator("#id_if_0_field")).to_be_visible()
    choose(page, "#id_if_0_field", "text")
    tab_to(page, "#id_if_0_value")
    page.keyboard.insert_text("拜访")
    choose(page, "#id_then_0_verb", "add_tag")
    press_button(page, "#builder footer button[value=save]")
    # What is missing is said beside its control; what was typed is still there.
    expect(page.locator("#id_then_0_tag_error")).to_be_visible()
    expect(page.locator("#id_if_0_value")).to_have_value("拜访")
    tab_to(page, "#id_then_0_tag")
    page.keyboard.insert_text("拜访")
    press_button(page, "#builder footer button[value=save]")
    expect(page.locator(".rule-said").first).to_contain_text("添加标签")
    rule = Rule.objects.get()
    assert (rule.state, rule.conditions) == (RuleState.DRAFT, ["text:contains:拜访"])

    page.get_by_role("button", name="试运行", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("dry-runs"))
    deliver_outbox()
    expect(page.locator("#trial table")).to_contain_text(old.ref)
    assert RuleTrial.objects.get().matched == 1
    old.refresh_from_db()
    assert old.tags == []
    page.get_by_role("button", name="启用", exact=True).press("Enter")
    expect(page.locator("#toasts")).to_contain_text("已启用")

    ticket = submitted(cast, timezone.now(), "拜访记录又打不开了")
    deliver_outbox()
    ticket.refresh_from_db()
    assert ticket.tags == ["拜访"]
    page.goto(f"{live_server.url}/desk/{ticket.pk}/")
    expect(page.locator("[data-entries]")).to_contain_text("规则“拜访问题标记”")
    tab_to(page, "#rules > summary")
    page.keyboard.press("Enter")
    trace = page.locator("#rules .rule-run")
    expect(trace).to_contain_text("拜访问题标记")
    expect(trace).to_contain_text("添加标签")


def test_a_burst_is_one_key_away_from_everyone_told(
    cast: Cast, live_server: LiveServer, page: Page
) -> None:
    moment = timezone.now()
    people = list(User.objects.working_here().order_by("pk")[:5])
    for person in people:
        draft = TicketDraft(cast.products["crm"], "报价打不开", module=cast.modules["visits"])
        submit_ticket(draft, acting_user=person, now=moment - dt.timedelta(minutes=5))
    watch_bursts(moment)
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/?queue=unassigned")
    expect(page.locator("#bursts .callout")).to_contain_text("5")
    page.keyboard.press("KeyY")
    dialog = page.locator("#act")
    expect(dialog.locator("[name=title]")).to_be_visible()
    dialog.locator("[name=workaround]").fill("请先用网页版。")
    dialog.locator("[name=workaround]").press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("已知问题")
    deliver_outbox()
    cause = Cause.objects.get()
    assert cause.is_known_issue
    assert Ticket.objects.filter(cause=cause).count() == len(people)
    for person in people:
        replies = Comment.objects.filter(ticket__requester=person)
        assert [reply.body for reply in replies] == ["请先用网页版。"]
