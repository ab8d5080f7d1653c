"""The loop in a real browser: seen in both languages and themes, answered, released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from feedback.actions import (
    add_feedback,
    answer_round,
    decline_demand,
    defer_demand,
    evaluate_demand,
    publish_insight,
)
from feedback.models import Demand, Insight, Release, Round
from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.feedback import loop
from tests.tickets import ladder
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def open_page(
    live_server: LiveServer,
    client_of: Callable[[User], Client],
    new_context: Callable[..., BrowserContext],
) -> OpenPage:
    """`open_page(user, path, language="en", theme="dark", width=390)`."""

    def open_(
        user: User, path: str, language: str = "zh-hans", theme: str = "light", width: int = 1440
    ) -> Page:
        User.objects.filter(pk=user.pk).update(language=language, theme=theme)
        session = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
        # What a checker asked for on the page before is not this page's fault.
        faults.clear()
        context = new_context(viewport={"width": width, "height": 900})
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    faults: list[str] = []
    open_.faults = faults  # type: ignore[attr-defined]
    return open_


def company(cast: Cast, now: dt.datetime) -> dict[str, str]:
    """A table with demands of every kind; the addresses of the pages worth a picture."""
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    titles = [
        "主管视图按现任下属取数", "拜访计划支持整周顺延", "客户清单导出可选列",
        "签到失败可补传照片", "拜访提醒同步到日历", "手机端批量导入客户",
        "Show the month's visits per customer on one page",
    ]  # fmt: skip
    made = [loop.collected(cast, now, title, module=cast.modules["visits"]) for title in titles]
    for person, words in (
        (cast.emma, "My list stays empty after the move"),
        (cast.liuyang, "我也是"),
    ):
        add_feedback(
            product=made[0].product, person=person, words=words, source="chat", importance=3,
            demand=made[0], **said,
        )  # fmt: skip
    loop.asked(cast, now, made[0])
    answer_round(
        Round.objects.get(obligation__demand=made[0], obligation__person=cast.emma, kind="release"),
        "confirmed", acting_user=cast.emma, now=now,
    )  # fmt: skip
    release = loop.planned(cast, now, made[1], "5.9")
    evaluate_demand(made[2], **said)
    defer_demand(made[4], now.date() + dt.timedelta(days=60), "等日历平台升级", **said)
    decline_demand(made[5], "客户资料须经审核，不做批量导入", **said)
    near = ladder.screened(cast, now)
    _demand, driven = loop.driving(cast, now)
    insight = publish_insight(
        "主管习惯按人而不是按日期找记录",
        "**场景**：周会前核对下属拜访。\n\n**建议**：默认按人分组。",
        cast.products["crm"], [near, driven], **said,
    )  # fmt: skip
    return {
        "table": reverse("demands"),
        "demand": reverse("demand", args=[made[0].pk]),
        "new": reverse("demand_new"),
        "releases": reverse("releases"),
        "gate": reverse("release", args=[release.pk]),
        "released": reverse("release", args=[Demand.objects.get(pk=made[0].pk).release_id]),
        "insights": reverse("insights"),
        "insight": reverse("insight", args=[insight.pk]),
        "insight-new": reverse("insight_new"),
        "near": reverse("ticket", args=[near.pk]),
        "drive": reverse("demand_drive", args=[near.pk]),
        "driven": reverse("ticket", args=[driven.pk]),
        "mine": reverse("demand", args=[made[0].pk]),
        "mine-declined": reverse("demand", args=[made[5].pk]),
        "mine-ticket": reverse("my_ticket", args=[driven.pk]),
    }


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_every_page_is_accessible_and_nothing_is_cut_off(
    cast: Cast,
    open_page: OpenPage,
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    pages = company(cast, timezone.now() - dt.timedelta(hours=3))
    wrong = []
    for name, path in pages.items():
        user = cast.wangke if name.startswith("mine") else cast.linzhixia
        page = open_page(user, path, language, theme, width)
        shoot(page, f"feedback-{name}-{language}-{theme}-{width}")
        if page.evaluate(OVERFLOW):
            wrong.append(f"{name} is {page.evaluate(OVERFLOW)} px too wide")
        assert open_page.faults == []  # type: ignore[attr-defined]
        wrong += [f"{name}: {fault}" for fault in axe_faults(page)]
        page.context.close()
    assert wrong == []


def test_a_ticket_is_driven_released_and_answered(cast: Cast, open_page: OpenPage) -> None:
    earlier = timezone.now() - dt.timedelta(hours=3)
    ticket = ladder.screened(cast, earlier)
    page = open_page(cast.linzhixia, reverse("ticket", args=[ticket.pk]))
    page.locator("#demand a", has_text="新建需求").click()
    dialog = page.locator("#act")
    expect(dialog).to_be_visible()
    dialog.locator("[name=words]").fill("")
    dialog.locator("button[data-kind=primary]").click()
    expect(dialog.locator("[name=words][aria-invalid]")).to_be_visible()
    dialog.locator("[name=words]").fill(loop.WORDS)
    dialog.locator("button[data-kind=primary]").click()
    expect(page.locator("#demand .badge")).to_be_visible()
    demand = Demand.objects.get()
    assert Ticket.objects.get(pk=ticket.pk).driver == demand.ref

    loop.planned(cast, earlier + dt.timedelta(hours=3, minutes=1), demand)
    release = Release.objects.get()
    page.goto(page.url.split("/desk")[0] + reverse("release", args=[release.pk]))
    for row, fill in (("pages_note", "pages_unchanged"), ("measures", "measures_nothing")):
        shown = page.locator(f"[data-row={row}]")
        shown.locator(f"[name={fill}]").check()
        shown.locator("button").click()
        expect(page.locator(f"[data-row={row}]:not([data-open])")).to_be_visible()
    page.locator("[data-row=announcement] textarea").fill("主管能看到现任下属")
    page.locator("[data-row=announcement] button").click()
    expect(page.locator("[data-row=announcement]:not([data-open])")).to_be_visible()
    page.locator("[data-row=people_seen] a").click()
    expect(page.locator("#act")).to_contain_text(cast.wangke.name)
    page.locator("#act button[data-kind=primary]").click()
    page.locator(".publish a").click()
    expect(page.locator("#act")).to_contain_text(cast.wangke.name)
    page.locator("#act button[data-kind=primary]").click()
    page.get_by_role("link", name="验收 …").click()
    page.locator("#act button[data-kind=primary]").click()
    expect(page.get_by_text("林知夏 已验收")).to_be_visible()
    loop.deliver(timezone.now())

    mine = open_page(cast.wangke, reverse("demand", args=[demand.pk]))
    expect(mine.get_by_role("heading", name="现在好用了吗？")).to_be_visible()
    mine.get_by_role("button", name="好了，可以用").click()
    expect(mine.get_by_text("您已确认，谢谢。")).to_be_visible()
    assert Round.objects.get(kind="release").state == "confirmed"
    assert Ticket.objects.get(pk=ticket.pk).status == "closed"
    assert not Insight.objects.exists()
    assert open_page.faults == []  # type: ignore[attr-defined]
