"""Account and settings pages in a real browser: both themes and languages, phone and desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from core.models import Notice, OutboxRow
from opsdesk.demo.cast import DEMO_PASSWORD, Cast
from tests.axe import axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _pages(cast: Cast) -> dict[str, str]:
    return {
        "inbox": "/inbox/",
        "preferences": "/preferences/",
        "preferences-password": "/preferences/password/",
        "settings": "/settings/",
        "settings-people": "/settings/people/",
        "settings-person": f"/settings/people/{cast.liuyang.pk}/",
        "settings-departments": "/settings/departments/",
        "settings-positions": f"/settings/positions/{cast.positions['sales_director'].pk}/",
        "settings-product": f"/settings/products/{cast.products['crm'].pk}/",
        "settings-module": f"/settings/modules/{cast.modules['visits'].pk}/",
        "settings-team": f"/settings/teams/{cast.teams['operations'].pk}/",
        "settings-calendar": f"/settings/calendars/{cast.calendar.pk}/",
        "settings-fields": "/settings/fields/",
        "settings-field-new": "/settings/fields/new/",
        "settings-health": "/settings/health/",
    }


def _sign_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/sign-in/?next=/preferences/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page).to_have_url(f"{address}/preferences/")


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("zh-hans", "light", 1440), ("en", "dark", 390)]
)
def test_every_page_is_accessible_and_nothing_is_cut_off(
    live_server: LiveServer,
    cast: Cast,
    now: dt.datetime,
    new_context: Callable[..., BrowserContext],
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    User.objects.filter(pk=cast.chenlu.pk).update(language=language, theme=theme)
    Notice.objects.create(recipient=cast.chenlu, kind="tests.gone", key="gone", created_at=now)
    OutboxRow.objects.create(
        kind=OutboxRow.Kind.JOB, name="accounts.send_password_reset", key="dead", created_at=now,
        due_at=now, attempts=8, failed_at=now, last_error="ConnectionRefusedError: refused " * 5,
    )  # fmt: skip
    context = new_context(viewport={"width": width, "height": 900})
    # axe speaks to the console and asks for files of its own: it gets a page of its own.
    page, checked = context.new_page(), context.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("response", lambda back: said.append(back.url) if back.status >= 400 else None)
    _sign_in(page, live_server.url, "chenlu")
    wrong: dict[str, object] = {}
    for name, url in _pages(cast).items():
        page.goto(live_server.url + url)
        checked.goto(live_server.url + url)
        for tab in (page, checked):
            tab.evaluate("for (const one of document.querySelectorAll('.adder')) one.open = true")
        shoot(page, f"{name}-{language}-{theme}-{width}")
        found = (axe_faults(checked), page.evaluate(OVERFLOW))
        if found != ([], 0):
            wrong[name] = found
    assert wrong == {}
    assert said == []


def test_signing_in_is_accessible_and_says_what_is_wrong(
    live_server: LiveServer, cast: Cast, page: Page, shoot: Callable[[Page, str], Path]
) -> None:
    page.goto(f"{live_server.url}/sign-in/")
    assert axe_faults(page) == []
    page.locator("[name=username]").fill("chenlu")
    page.locator("[name=password]").fill("not this one")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("chenlu")
    shoot(page, "sign-in-refused")
    assert axe_faults(page) == []
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.locator("[data-theme-form] button").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_shown_notices_are_seen_and_opened_ones_read(
    live_server: LiveServer, cast: Cast, now: dt.datetime, page: Page
) -> None:
    Notice.objects.create(recipient=cast.chenlu, kind="tests.gone", key="gone", created_at=now)
    _sign_in(page, live_server.url, "chenlu")
    with page.expect_response("**/inbox/seen/") as told:
        page.goto(f"{live_server.url}/inbox/")
    assert told.value.status == 204
    assert Notice.objects.get().seen_at is not None
    assert Notice.objects.get().read_at is None
    page.locator(".notice").click()
    expect(page.locator(".notice[data-unread]")).to_have_count(0)
    assert Notice.objects.get().read_at is not None


def test_an_administrator_adds_a_module_by_keyboard(
    live_server: LiveServer, cast: Cast, page: Page
) -> None:
    _sign_in(page, live_server.url, "chenlu")
    page.goto(f"{live_server.url}/settings/products/{cast.products['crm'].pk}/")
    opener = page.locator("#modules .adder > summary")
    opener.focus()
    page.keyboard.press("Enter")
    page.locator("[name=modules-name]").fill("线索池")
    page.locator("[name=modules-owner]").fill("何思源")
    page.keyboard.press("Enter")
    expect(page.locator("#modules").get_by_role("link", name="线索池")).to_be_visible()
    assert cast.products["crm"].modules.get(name="线索池").owner == cast.hesiyuan
