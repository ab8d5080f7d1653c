"""The widget on a back-office page of another site: a real browser, two origins, no cookie.

The page is at 127.0.0.1, OpsDesk at localhost: two sites, so the browser sends no cookie of one to
a frame of the other. The page's back end signs with the code of docs/how-to/add-the-widget.md.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, FrameLocator, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from core.models import Notice
from docs_portal.actions import (
    AnnouncementDraft,
    create_announcement,
    publish_announcement,
)
from opsdesk.demo.cast import Cast
from tests.browser.people import PASTE
from tests.tickets import ladder
from tickets.actions import (
    create_widget_secret,
    declare_known_issue,
    set_widget_site,
    stop_widget_secret,
)
from tickets.choices import Channel
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewContext = Callable[..., BrowserContext]
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
Shoot = Callable[[Page, str], Path]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # noqa: E501

#: More than what is sent while one types.
WORDS = "拜访记录提交后看不到，刷新也没有。" + "昨天 18:00 起，我这一组的人都是这样。" * 20


@dataclass
class BackOffice:
    """星图 CRM: its pages at one origin, and what its back end signs with."""

    home: str
    person: str = "wangke"
    key_id: str = ""
    secret: str = ""
    attributes: str = 'data-token-url="/opsdesk-token"'
    origin: str = ""
    asked: list[str] = field(default_factory=list)

    def token(self) -> str:
        code = Path(settings.BASE_DIR, "docs/how-to/add-the-widget.md").read_text("utf-8")
        found = re.search(r"```python\n(.*?)```", code, re.DOTALL)
        assert found is not None
        there: dict[str, Any] = {}
        exec(found.group(1), there)
        return str(there["opsdesk_token"](
            self.person, "crm", self.key_id, self.secret, module="拜访管理",
            page=f"{self.origin}/visits/42?s=secret",
        ))  # fmt: skip

    def page(self, path: str) -> str:
        lang = "en" if path.startswith("/en") else "zh-CN"
        return (
            f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>CRM</title>'
            f'<body><main><h1>CRM</h1><a href="#x">link</a></main>'
            f'<script async src="{self.home}/widget.js" data-product="crm" {self.attributes}>'
            "</script></body></html>"
        )


@pytest.fixture
def crm(live_server: LiveServer, cast: Cast) -> Iterator[BackOffice]:
    office = BackOffice(home=live_server.url)

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            office.asked.append(self.path)
            text = office.token() if self.path == "/opsdesk-token" else office.page(self.path)
            kind = "text/plain" if self.path == "/opsdesk-token" else "text/html"
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            # A product that allows as little as it can: no inline style, no other frame.
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'self'; script-src {office.home}; frame-src {office.home}; "
                "require-trusted-types-for 'script'",
            )
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    office.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    now = timezone.now()
    site = set_widget_site(cast.products["crm"], [office.origin], acting_user=cast.admin, now=now)
    row, office.secret = create_widget_secret(site, acting_user=cast.admin, now=now)
    office.key_id = row.key_id
    yield office
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Visit:
    """One person at a page of the product, with the faults their browser saw."""

    page: Page
    faults: list[str]

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("opsdesk-widget iframe")


def visit(crm: BackOffice, context: BrowserContext, path: str = "/") -> Visit:
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(crm.origin + path)
    return Visit(page, faults)


def axe_faults(page: Page) -> list[str]:
    """What axe calls serious or critical inside the frame."""
    inside = page.frames[1]
    inside.evaluate(Axe().axe_script)
    found = inside.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")
    return [
        f"{fault['id']} {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def test_a_person_gets_help_without_leaving_the_page(
    crm: BackOffice, cast: Cast, new_context: NewContext, shoot: Shoot
) -> None:
    now = timezone.now()
    declare_known_issue(
        ladder.cause(cast, now), "先用电脑端提交", acting_user=cast.linzhixia, now=now
    )
    context = new_context(viewport={"width": 1280, "height": 800})
    seen = visit(crm, context)
    page, frame = seen.page, seen.frame
    button = page.get_by_role("button", name="帮助与反馈")
    expect(button).to_be_visible()
    # By keyboard alone: after the page's own link comes the button.
    page.get_by_role("link", name="link").focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", name="已知问题")).to_be_visible()
    expect(frame.locator("main")).to_contain_text("先用电脑端提交")
    assert not axe_faults(page)
    shoot(page, "widget-home-zh")
    frame.get_by_role("button", name="提交工单").click()
    trouble = frame.get_by_label("遇到什么问题")
    # The frame puts the person there by itself; only then do keys reach another site's frame.
    expect(trouble).to_be_focused()
    trouble.fill(WORDS)
    expect(trouble).to_have_value(WORDS)
    trouble.evaluate(PASTE, ["屏幕.png", PIXEL])
    expect(frame.locator("[data-files]")).to_contain_text("屏幕.png")
    assert not axe_faults(page)
    shoot(page, "widget-submit-zh")
    frame.get_by_role("button", name="提交", exact=True).click()
    expect(frame.locator("#view")).to_contain_text("OPS-")
    ticket = Ticket.objects.latest("pk")
    assert ticket.channel == Channel.WIDGET
    assert ticket.description == WORDS
    assert ticket.requester == ticket.submitted_by == cast.wangke
    assert (ticket.product, ticket.module) == (cast.products["crm"], cast.modules["visits"])
    assert ticket.attachments.get().name == "屏幕.png"
    page.keyboard.press("Escape")
    expect(frame.locator("body")).to_be_hidden()
    expect(button).to_be_focused()
    # The browser kept nothing of OpsDesk, and the token's query went nowhere.
    assert context.cookies(crm.home) == []
    assert not seen.faults
    # The next page shows on the button that something moved.
    Notice.objects.create(
        recipient=cast.wangke, kind="ticket.status", subject="ticket", subject_id=ticket.pk,
        params={"ref": ticket.ref, "title": ticket.title, "status": "open"}, key="moved",
        created_at=now,
    )  # fmt: skip
    page.goto(crm.origin + "/en/")
    english = page.get_by_role("button", name="Help & feedback, 1 of your tickets has news")
    english.click()
    # The frame speaks the person's own language, whatever the page's.
    expect(frame.locator("#view")).to_contain_text("1 张有新进展")
    page.set_viewport_size({"width": 390, "height": 844})
    shoot(page, "widget-home-390")


def test_an_announcement_shows_by_itself_and_takes_nothing_away(
    crm: BackOffice, cast: Cast, new_context: NewContext
) -> None:
    now = timezone.now()
    draft = AnnouncementDraft("拜访记录可以整组审阅了", "可以整组审阅。", "更快。", "所有人。", "",
                              product=cast.products["crm"],
                              asks_acknowledgement=True)  # fmt: skip
    row = create_announcement(draft, acting_user=cast.zhoumin, now=now)
    publish_announcement(row, acting_user=cast.zhoumin, now=now)
    context = new_context()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    context.route("**/announced/**", hold)
    seen = visit(crm, context)
    while not held:  # bounded by the test's own time
        seen.page.wait_for_timeout(50)
    seen.page.get_by_role("button", name="帮助与反馈").click()
    expect(seen.frame.get_by_role("heading", name="我的工单")).to_be_visible()
    # What the person reads or writes there stays.
    held[0].continue_()
    seen.page.wait_for_timeout(1000)
    expect(seen.frame.locator(UNSETTLED)).to_have_count(0)
    expect(seen.frame.get_by_role("heading", name="我的工单")).to_be_visible()
    # On the next page it is put off, and shows again in no other page of this tab.
    context.unroute("**/announced/**")
    shown: list[str] = []

    def note(sent: Request) -> None:
        shown.append(sent.url)

    context.on("request", note)
    seen.page.goto(crm.origin + "/next/")
    seen.frame.get_by_role("button", name="以后再说").click()
    expect(seen.page.locator("opsdesk-widget aside")).to_be_hidden()
    with seen.page.expect_response("**/session/"):
        seen.page.goto(crm.origin + "/last/")
    seen.page.get_by_role("button", name="帮助与反馈").click()
    expect(seen.frame.get_by_role("heading", name="我的工单")).to_be_visible()
    assert sum("/announced/" in url for url in shown) == 1
    assert not seen.faults


def test_nobody_gets_in_by_a_forged_token_or_from_another_origin(
    crm: BackOffice, cast: Cast, new_context: NewContext
) -> None:
    context = new_context()
    good, crm.secret = crm.secret, "x" * 43
    seen = visit(crm, context, "/en/")
    seen.page.get_by_role("button", name="Help & feedback").click()
    expect(seen.frame.locator("#view")).to_contain_text("The token of the page is not valid")
    expect(seen.frame.get_by_role("link", name="Submit in OpsDesk")).to_be_visible()
    # A secret that is stopped ends what is open.
    crm.secret = good
    seen = visit(crm, context, "/en/")
    seen.page.get_by_role("button", name="Help & feedback").click()
    expect(seen.frame.get_by_role("heading", name="我的工单")).to_be_visible()
    site = cast.products["crm"].widget
    now = timezone.now()
    stop_widget_secret(site.secrets.get(), now, acting_user=cast.admin, now=now)
    seen.frame.get_by_role("button", name="提交工单").click()
    expect(seen.frame.locator("#view")).to_contain_text("Load the page again")
    # A page of another origin gets no frame at all.
    set_widget_site(
        cast.products["crm"], ["https://crm.example.com"], acting_user=cast.admin, now=now
    )
    page = context.new_page()
    page.clock.install()
    page.goto(crm.origin + "/en/")
    page.get_by_role("button", name="Help & feedback").click()
    page.clock.fast_forward(11_000)
    expect(page.get_by_role("link", name="Submit in OpsDesk")).to_be_visible()
