"""An owner takes the link out of the mail that arrived, and answers in seconds, signed out."""

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from core.models import OutboxRow
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.browser.tickets.desk import sign_in
from tests.standins import MailServer, mail_server
from tests.tickets import ladder
from tickets.actions import push_ticket
from tickets.choices import CauseState
from tickets.models import Cause

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NewContext = Callable[..., BrowserContext]
#: The promise is ten seconds; a person reads for some of them.
SECONDS = 10


@pytest.fixture
def post(settings: Any, live_server: LiveServer) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAIL_SERVER_IS_GIVEN = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.BASE_URL = live_server.url
        yield server


def _links(cast: Cast, post: MailServer) -> list[str]:
    """The addresses in the mail that a new push sends: what an owner can click."""
    now = timezone.now()
    cause = ladder.cause(cast, now)
    push_ticket(ladder.screened(cast, now), cause, acting_user=cast.linzhixia, now=now)
    OutboxRow.objects.update(due_at=now - dt.timedelta(seconds=1))
    deliver_outbox()
    mails = [mail for mail in post.arrived if mail["To"] == cast.hesiyuan.email]
    (mail,) = mails
    html = mail.get_body(("html",))
    assert html is not None
    return re.findall(r'href="([^"]+/o/[^"]+)"', html.get_content())


def test_he_accepts_from_the_mail_without_signing_in(
    live_server: LiveServer, cast: Cast, post: MailServer, new_context: NewContext
) -> None:
    accept, decline = _links(cast, post)
    # A scanner opens everything first.
    for url in (accept, decline):
        for method in ("HEAD", "GET"):
            with urlopen(Request(url, method=method)) as answer:
                assert answer.status == 200
    assert Cause.objects.get().state == CauseState.PUSHED
    context = new_context(viewport={"width": 390, "height": 844})
    page, other = context.new_page(), context.new_page()
    began = time.monotonic()
    other.goto(accept)
    opened = time.monotonic() - began
    began = time.monotonic()
    page.goto(accept)
    expect(page.locator("main")).to_contain_text("用测试账号复现")
    page.get_by_role("button", name="接单并承诺日期").click()
    expect(page.locator("main")).to_contain_text("您已接单")
    took = time.monotonic() - began
    print(f"accepted {took:.1f} s after the click in the mail")
    assert took < max(SECONDS, 5 * opened)  # on a machine under load
    assert Cause.objects.get().state == CauseState.ACCEPTED
    # The tab that was open before sends the form once more.
    other.get_by_role("button", name="接单并承诺日期").click()
    expect(other.locator("main")).to_contain_text("已经处理过了")
    assert Cause.objects.get().version == 3
    assert page.context.cookies() == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_readable_and_works_by_keyboard(
    live_server: LiveServer, cast: Cast, post: MailServer, new_context: NewContext,
    shoot: Callable[[Page, str], Path], width: int, theme: str,
) -> None:  # fmt: skip
    if theme == "dark":
        User.objects.filter(pk=cast.hesiyuan.pk).update(language="en")
    _accept, decline = _links(cast, post)
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto(decline)
    assert page.evaluate(OVERFLOW) <= 0
    assert axe_faults(page) == []
    shoot(page, f"owner-link-{theme}-{width}")
    page.locator("#decline_reason_1").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("not ours")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main form")).to_have_count(0)
    assert Cause.objects.get().declines.get().note == "not ours"
    shoot(page, f"owner-link-declined-{theme}-{width}")


def test_the_owners_page_works_by_keyboard_on_a_phone(
    live_server: LiveServer, cast: Cast, post: MailServer, new_context: NewContext,
    shoot: Callable[[Page, str], Path],
) -> None:  # fmt: skip
    _links(cast, post)
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    sign_in(page, live_server.url, "hesiyuan")
    page.goto(f"{live_server.url}/pushed/")
    assert page.evaluate(OVERFLOW) <= 0
    field = page.locator("input[type=date]").first
    day = (timezone.localdate() + dt.timedelta(days=4)).isoformat()
    field.focus()
    field.fill(day)
    page.keyboard.press("Enter")
    expect(page.locator("form[action$='/date/']")).to_have_count(1)
    cause = Cause.objects.get()
    assert (cause.state, cause.promised_on) == (CauseState.ACCEPTED, dt.date.fromisoformat(day))
    # The date moves right there as well.
    later = (timezone.localdate() + dt.timedelta(days=6)).isoformat()
    page.locator("input[type=date]").first.fill(later)
    page.locator("input[type=date]").first.press("Enter")
    expect(page.locator("main")).to_contain_text("延期 1 次")
    assert Cause.objects.get().slips == 1
    shoot(page, "owner-page-390")
    assert axe_faults(page) == []
