"""The demand table in a real browser, by keyboard alone: move, edit, refuse, paste, undo, fill."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from feedback.actions import edit_cells
from feedback.actions.editing import Cell
from feedback.models import Demand
from opsdesk.demo.cast import Cast
from tests.feedback import loop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demands(cast: Cast) -> list[Demand]:
    now = timezone.localtime() - dt.timedelta(hours=2)
    return [loop.collected(cast, now, f"需求 {n}") for n in range(3)][::-1]


@pytest.fixture
def page(
    cast: Cast,
    live_server: LiveServer,
    client_of: Callable[[User], Client],
    new_context: Callable[..., BrowserContext],
) -> Page:
    session = client_of(cast.linzhixia).cookies[settings.SESSION_COOKIE_NAME].value
    context = new_context(viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    opened = context.new_page()
    opened.goto(live_server.url + reverse("demands"))
    return opened


def test_a_block_is_pasted_seen_first_and_taken_back(
    cast: Cast, demands: list[Demand], page: Page
) -> None:
    page.reload()
    expect(page.locator("[data-grid][data-ready]")).to_be_visible()
    heads = page.locator("[data-grid] thead th").evaluate_all("all => all.map(h => h.dataset.f)")
    effort = heads.index("effort")

    def cell(row: int, at: int = effort) -> str:
        return f"[data-grid] tbody tr[data-id='{demands[row].pk}'] > :nth-child({at + 1})"

    page.locator(cell(0)).click()
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    expect(page.locator(cell(0))).to_have_text("2.5")
    expect(page.locator(cell(1))).to_be_focused()
    # Refused: it says why, and what was typed comes back.
    page.keyboard.type("x天")
    page.keyboard.press("Enter")
    expect(page.locator(cell(1))).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".cell-problem")).to_contain_text("99999.9")
    page.locator(cell(1)).focus()
    page.keyboard.press("F2")
    expect(page.locator("[data-edit] input")).to_have_value("x天")
    page.keyboard.press("Escape")
    expect(page.locator(cell(1))).to_have_text("")
    # Somebody sets the cell while it is edited: both sides, and mine on demand.
    page.keyboard.press("F2")
    edit_cells(
        [Cell(demands[1].pk, "effort", "8")], acting_user=cast.zhoumin, now=timezone.localtime()
    )
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(page.locator("#grid-conflict")).to_contain_text(cast.zhoumin.name)
    page.locator("#grid-conflict [data-kind=primary]").click()
    expect(page.locator(cell(1))).to_have_text("4.0")
    # A block from a spreadsheet: what it changes and what it does not is seen first.
    page.locator(cell(0)).focus()
    page.evaluate("navigator.clipboard.writeText('6\\n6.5\\n七')")
    page.keyboard.press("Control+v")
    expect(page.locator("#grid-paste tbody tr")).to_have_count(3)
    expect(page.locator("#grid-paste tr[data-bad]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(cell(1))).to_have_text("6.5")
    page.locator(cell(0)).focus()
    page.keyboard.press("Control+z")
    expect(page.locator(cell(1))).to_have_text("4.0")
    expect(page.locator(cell(0))).to_have_text("2.5")
    page.locator(cell(0)).focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    expect(page.locator(cell(2))).to_have_text("2.5")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "2.5\n2.5\n2.5"
    expect(page.locator("[data-grid] [aria-busy]")).to_have_count(0)
    assert {str(d.effort) for d in Demand.objects.all()} == {"2.5"}
