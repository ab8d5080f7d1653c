"""Each daily act of the desk costs no more keys and clicks than was reviewed."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from docs_portal.actions import PageDraft, create_page, publish_page
from docs_portal.models import Page as ManualPage
from opsdesk.demo.cast import Cast
from tests.browser.keyboard import Effort, Keyboard
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import answered, routed, submitted
from tickets.choices import Status, Type
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BUDGETS = tomllib.loads(
    Path(__file__).parent.with_name("friction_budgets.toml").read_text(encoding="utf-8")
)


class Desk:
    """The desk of 林知夏 in a browser, one ticket open."""

    def __init__(self, page: Page, address: str, cast: Cast, now: dt.datetime) -> None:
        self.page, self.address, self.cast, self.now = page, address, cast, now
        self.hands = Keyboard(page)
        sign_in(page, address, "linzhixia")

    def open(self, ticket: Ticket) -> Ticket:
        self.page.goto(f"{self.address}/desk/{ticket.pk}/?queue=all")
        expect(self.page.locator("#related [data-beside]")).to_have_count(0)
        return ticket

    def level(self, level: int) -> None:
        expect(self.page.locator("main .rail li[aria-current]")).to_have_attribute(
            "data-level", str(level)
        )

    def status(self, status: str) -> None:
        expect(self.page.locator(f'main header .badge[data-status="{status}"]')).to_be_visible()


def triage_usage(desk: Desk) -> None:
    desk.open(submitted(desk.cast, desk.now))
    with desk.hands.counted():
        desk.hands.strokes("c 1 0 2")
        desk.level(2)


def triage_with_module(desk: Desk) -> None:
    desk.open(submitted(desk.cast, desk.now, module=desk.cast.modules["visits"]))
    with desk.hands.counted():
        desk.hands.strokes("c 4 2")
        desk.level(2)


def triage_to_a_team(desk: Desk) -> None:
    desk.open(submitted(desk.cast, desk.now, module=desk.cast.modules["visits"]))
    with desk.hands.counted():
        desk.hands.strokes("c 3")
        expect(desk.page.locator(".hint")).to_contain_text("层次")
        desk.hands.strokes("t")
        team = desk.page.locator(".hint .choice", has_text="外部组").first
        key = team.locator("kbd").inner_text()
        desk.hands.strokes(key)
        desk.status(Status.ON_HOLD)


def claim(desk: Desk) -> None:
    desk.open(submitted(desk.cast, desk.now))
    with desk.hands.counted():
        desk.hands.strokes("a a")
        expect(desk.page.locator("main header .avatar")).to_have_attribute("title", "林知夏")


def answer_with_page(desk: Desk) -> None:
    ticket = routed(desk.cast, desk.now)
    by: dict[str, Any] = {"acting_user": desk.cast.linzhixia, "now": desk.now}
    crm, role = desk.cast.products["crm"], desk.cast.roles["crm_director"]
    page = create_page(
        PageDraft(product=crm, title=ticket.title, body="打开。", roles=[role]), **by
    )
    publish_page(page, **by)
    desk.open(ticket)
    with desk.hands.counted():
        desk.hands.strokes("u")
        expect(desk.page.locator(".compose textarea")).to_be_focused()
        desk.hands.types("请看这一页。")
        desk.hands.sends()
        expect(desk.page.locator(".flow .msg a")).to_have_text(ticket.title)
    ticket.refresh_from_db()
    assert ticket.answer_page == ManualPage.objects.get(pk=page.pk)


def answer(desk: Desk) -> None:
    desk.open(routed(desk.cast, desk.now))
    with desk.hands.counted():
        desk.hands.strokes("r")
        desk.hands.types("在左侧选择团队记录即可。")
        desk.hands.sends()
        expect(desk.page.locator(".flow")).to_contain_text("在左侧选择团队记录即可。")


def resolve(desk: Desk) -> None:
    desk.open(answered(desk.cast, desk.now))
    with desk.hands.counted():
        desk.hands.strokes("e")
        desk.hands.opens()
        desk.hands.sends()
        desk.status(Status.RESOLVED)


def push(desk: Desk) -> None:
    desk.open(routed(desk.cast, desk.now, Type.BUG))
    with desk.hands.counted():
        desk.hands.strokes("p")
        desk.hands.opens()
        desk.hands.sends()
        desk.level(3)


def drive(desk: Desk) -> None:
    ticket = routed(
        desk.cast, desk.now, Type.IMPROVEMENT, quote="每次都要手工改", scenario="月末对账",
        frequency="每周",
    )  # fmt: skip
    desk.open(ticket)
    with desk.hands.counted():
        desk.hands.strokes("d")
        desk.hands.opens()
        desk.hands.sends()
        desk.level(4)


def serve_next(desk: Desk) -> None:
    submitted(desk.cast, desk.now)
    desk.page.goto(f"{desk.address}/desk/?queue=mine")
    with desk.hands.counted():
        desk.hands.strokes("g")
        expect(desk.page).to_have_url(re.compile(r"/desk/\d+/\?guided=on$"))
        expect(desk.page.locator("main header .avatar")).to_have_attribute("title", "林知夏")


ACTS: dict[str, Callable[[Desk], None]] = {
    act.__name__: act
    for act in (
        triage_usage, triage_with_module, triage_to_a_team, claim, answer_with_page, answer,
        resolve, push, drive, serve_next,
    )
}  # fmt: skip


def test_no_daily_act_costs_more_than_was_reviewed(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    User.objects.update(language="zh-hans")
    desk = Desk(page, live_server.url, cast, now)
    found = {}
    for name, act in ACTS.items():
        act(desk)
        found[name] = desk.hands.effort
    assert found == {name: Effort(b["keys"], b["clicks"]) for name, b in BUDGETS.items()}
