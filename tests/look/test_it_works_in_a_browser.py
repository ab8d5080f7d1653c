"""The kit page in a real browser: accessible, nothing cut off, and the small scripts at work."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from opsdesk.demo.cast import Cast
from tests.axe import axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenKit = Callable[..., Page]


@pytest.fixture
def open_kit(
    live_server: LiveServer,
    cast: Cast,
    client_of: Callable[[User], Client],
    new_context: Callable[..., BrowserContext],
) -> OpenKit:
    """`open_kit(language="en", theme="dark", width=390)`: the kit page of an agent."""

    def open_(language: str = "zh-hans", theme: str = "light", width: int = 1440) -> Page:
        User.objects.filter(pk=cast.linzhixia.pk).update(language=language, theme=theme)
        session = client_of(cast.linzhixia).cookies[settings.SESSION_COOKIE_NAME].value
        context = new_context(viewport={"width": width, "height": 900})
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{live_server.url}/kit/")
        return page

    faults: list[str] = []
    open_.faults = faults  # type: ignore[attr-defined]
    return open_


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_it_is_accessible_and_nothing_is_cut_off(
    open_kit: OpenKit,
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    page = open_kit(language, theme, width)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    shoot(page, f"kit-{language}-{theme}-{width}")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    assert open_kit.faults == []  # type: ignore[attr-defined]
    assert axe_faults(page) == []


def test_it_works_at_twice_the_size(open_kit: OpenKit) -> None:
    """A page zoomed to 200 % on 1280 px is 640 px wide; twice the type on 1280 px fits as well."""
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert open_kit(width=640).evaluate(overflow) == 0
    page = open_kit(width=1280)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(overflow) == 0


def test_it_folds_the_composer_on_a_phone(open_kit: OpenKit) -> None:
    page = open_kit(width=390)
    composer = page.locator(".composer").first
    send = composer.locator("footer")
    expect(send).to_be_hidden()
    composer.locator("textarea").focus()
    expect(send).to_be_visible()
    composer.locator("textarea").fill("text")
    page.locator("body").click(position={"x": 2, "y": 2})
    expect(send).to_be_visible()


def test_it_opens_menus_by_keyboard(open_kit: OpenKit) -> None:
    page = open_kit("en")
    menu = page.locator("main details.menu:not(.person)").first
    menu.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    expect(menu.locator("ul a").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu.locator("ul button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu.locator("summary")).to_be_focused()
    assert menu.get_attribute("open") is None


def test_it_lists_files_that_are_pasted_and_takes_one_out(open_kit: OpenKit) -> None:
    page = open_kit("en")
    field = page.locator(".field[data-drop]").first
    field.locator("input[type=file]").set_input_files(
        [
            FilePayload(name="one.png", mimeType="image/png", buffer=_png()),
            FilePayload(name="two.txt", mimeType="text/plain", buffer=b"x" * 3000),
        ]
    )
    expect(field.locator(".files li")).to_have_count(2)
    expect(field.locator(".files")).to_contain_text("3 KB")
    field.get_by_role("button", name="Remove one.png").click()
    expect(field.locator(".files li")).to_have_count(1)
    assert field.locator("input[type=file]").evaluate("i => i.files[0].name") == "two.txt"


def test_it_shows_the_theme_at_once_and_keeps_it(open_kit: OpenKit) -> None:
    page = open_kit("en", "light")
    button = page.locator(".topbar [data-theme-form] button").first
    with page.expect_request(lambda request: request.method == "POST") as sent:
        button.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "theme" in (sent.value.post_data or "")


def _png() -> bytes:
    """A one-pixel picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )
