"""From the group to tickets by the keyboard: a key, a paste, a name, Enter, a copy."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.browser.tickets.desk import sign_in
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewContext = Callable[..., BrowserContext]
#: What a colleague has for it; a person reads for some of them, a busy machine for others.
SECONDS = 15
LOG = """王珂 2026/11/16 9:02:33
CRM 的拜访记录主管看不到

小赵 2026/11/16 9:03:01
凭证保存不了，一直转圈

周敏 2026/11/16 9:03:20
我看一下"""
#: Whom it is for, the reference and the address: one line each, in the order of the log.
COPIED = re.compile(r"^@王珂 OPS-\d+ http\S+/my/\d+/\n@赵怡 OPS-\d+ http\S+/my/\d+/$")


def test_a_log_becomes_tickets_without_the_mouse(
    live_server: LiveServer, cast: Cast, new_context: NewContext
) -> None:
    page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    sign_in(page, live_server.url, "linzhixia")
    begun = time.monotonic()
    page.goto(live_server.url + reverse("desk"))
    opened = time.monotonic() - begun
    page.evaluate("text => navigator.clipboard.writeText(text)", LOG)
    page.wait_for_load_state("networkidle")
    begun = time.monotonic()
    page.keyboard.press("i")
    expect(page.locator("#id_log")).to_be_focused()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ControlOrMeta+v")
    # The one name nobody here has is asked; the others are known.
    expect(page.locator("[name=who-2]")).to_be_focused()
    page.keyboard.type("zhaoyi")
    page.keyboard.press("Enter")
    expect(page.locator("#copied")).to_have_value(COPIED)
    lines = page.locator("#copied").input_value()
    page.keyboard.press("Enter")
    expect(page.locator("#copied-said")).not_to_be_empty()
    took = time.monotonic() - begun
    assert took < max(SECONDS, 10 * opened)  # on a machine under load
    assert page.evaluate("navigator.clipboard.readText()") == lines
    assert set(Ticket.objects.values_list("requester", flat=True)) == {
        cast.wangke.pk, cast.zhaoyi.pk,
    }  # fmt: skip
    assert axe_faults(page) == []
    page.goto(live_server.url + reverse("chat_log"))
    page.wait_for_load_state("networkidle")
    page.locator("#id_log").press("ControlOrMeta+v")
    expect(page.locator(".chat-said")).to_be_visible()
    assert axe_faults(page) == []
