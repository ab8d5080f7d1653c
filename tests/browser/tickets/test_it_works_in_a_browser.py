"""Pages of tickets in a real browser: the desk by keyboard, dialogs, both themes and languages."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import answered, screened, submitted
from tickets.actions import (
    declare_known_issue,
    edit_ticket,
    open_cause,
    push_cause,
    push_ticket,
    resolve_ticket,
)
from tickets.choices import Resolution, Status
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NewContext = Callable[..., BrowserContext]


def _pushed(cast: Cast, now: dt.datetime) -> Ticket:
    ticket = screened(cast, now)
    cause = open_cause(
        title="部门编码变更后视图不同步", product=cast.products["crm"], acting_user=cast.linzhixia,
        now=now,
    )  # fmt: skip
    cause = push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
    return push_ticket(ticket, cause, acting_user=cast.linzhixia, now=now)


def _pages(cast: Cast, now: dt.datetime) -> list[tuple[str, str, str]]:
    """Who, name, address: every page of tickets, with something on it."""
    pushed, resolved = _pushed(cast, now), answered(cast, now)
    resolve_ticket(resolved, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)
    fresh = submitted(cast, now, "客户导出卡在 90%")
    return [
        ("wangke", "help-home", "/help/"),
        ("wangke", "submit", "/submit/?product=crm"),
        ("wangke", "my-tickets", "/my/"),
        ("wangke", "my-ticket", f"/my/{resolved.pk}/"),
        ("linzhixia", "desk-empty", "/desk/?queue=pending"),
        ("linzhixia", "desk-list", "/desk/?queue=unassigned"),
        ("linzhixia", "desk-ticket", f"/desk/{fresh.pk}/?queue=unassigned"),
        ("linzhixia", "desk-pushed", f"/desk/{pushed.pk}/?queue=level-3"),
        ("linzhixia", "verb", f"/desk/{fresh.pk}/resolve/"),
        ("linzhixia", "cause", f"/causes/{pushed.cause_id}/"),
        ("hesiyuan", "pushed", "/pushed/"),
    ]


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [
        (1440, "light", "zh-hans"), (1440, "dark", "en"),
        (390, "light", "en"), (390, "dark", "zh-hans"),
    ],
)  # fmt: skip
def test_every_page_can_be_read_by_everybody(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext,
    shoot: Callable[[Page, str], Path], width: int, theme: str, language: str,
) -> None:  # fmt: skip
    User.objects.update(language=language, theme=theme)
    pages: dict[str, Page] = {}
    faults: dict[str, Any] = {}
    for username, name, address in _pages(cast, now):
        if username not in pages:
            pages[username] = new_context(viewport={"width": width, "height": 900}).new_page()
            sign_in(pages[username], live_server.url, username)
        page = pages[username]
        page.goto(live_server.url + address)
        shoot(page, f"tickets-{name}-{width}-{theme}-{language}")
        if (found := axe_faults(page)) or page.evaluate(OVERFLOW) > 0:
            faults[name] = (found, page.evaluate(OVERFLOW))
    assert faults == {}


def test_a_ticket_is_claimed_classified_and_resolved_from_the_keyboard(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    older, newer = submitted(cast, now, "第一条"), submitted(cast, now, "第二条")
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/?queue=unassigned")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(rf"/desk/{newer.pk}/\?queue=unassigned$"))
    page.keyboard.press("j")
    expect(page.locator(f"#row-{older.pk}")).to_have_attribute("aria-current", "true")
    expect(page.locator("main h1")).to_have_text("第一条")
    page.keyboard.press("a")
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("现在由您处理")
    for row, choice in (("type", "how_to"), ("module", "not_sure")):
        page.locator(f"#row_{row}_{row}").select_option(choice)
        expect(page.locator(f"#row_{row}_{row}")).to_have_count(0)
    page.keyboard.press("e")
    dialog = page.locator("#act")
    dialog.locator("button[data-kind=primary]").click()
    expect(dialog.locator("[data-form-errors]")).to_contain_text("还没有答复提单人")
    dialog.locator("[data-close]").first.click()
    page.keyboard.press("r")
    page.keyboard.type("在左侧选择团队记录即可。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flow")).to_contain_text("在左侧选择团队记录即可。")
    edit_ticket(older, {"answer_gap": True}, acting_user=cast.linzhixia, now=now)
    page.reload()
    page.keyboard.press("e")
    dialog.locator("button[data-kind=primary]").click()
    expect(page.locator("main .badge").first).to_have_text("待确认")
    older.refresh_from_db()
    assert (older.status, older.assignee) == (Status.RESOLVED, cast.linzhixia)


def test_arrow_keys_choose_in_the_contract_and_lead_to_the_next_row(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    ticket = submitted(cast, now)
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/{ticket.pk}/?queue=unassigned")
    page.locator("#row_type_type").focus()
    for _step in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#row_type_type")).to_have_value("access")
    page.keyboard.press("Enter")
    expect(page.locator("#row_type_type")).to_have_count(0)
    expect(page.locator("#row_module_module")).to_be_focused()
    ticket.refresh_from_db()
    # Only the choice that was meant is on record, not those that were passed over.
    assert (ticket.type, ticket.version) == ("access", 2)


def test_a_stale_write_shows_both_sides_in_the_page(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    ticket = submitted(cast, now)
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/{ticket.pk}/?queue=unassigned")
    page.locator("main > header .menu summary").click()
    page.get_by_text("修改标题").click()
    page.locator("#act [name=title]").fill("林知夏的标题")
    edit_ticket(ticket, {"title": "周敏的标题"}, acting_user=cast.zhoumin, now=now)
    page.locator("#act button[data-kind=primary]").click()
    sides = page.locator("#act [data-stale]")
    expect(sides).to_contain_text("周敏的标题")
    expect(sides).to_contain_text("林知夏的标题")
    sides.locator("form button").click()
    expect(page.locator("main h1")).to_have_text("林知夏的标题")
    expect(page).to_have_url(re.compile(r"queue=unassigned$"))


def test_pages_work_without_scripts(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = submitted(cast, now)
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/?queue=unassigned")
    page.locator(f"#row-{ticket.pk} a").click()
    page.locator("form[action*='/claim/'] button").click()
    expect(page.locator("#toasts")).to_contain_text("现在由您处理")
    page.locator("#row_type_type").select_option("bug")
    page.locator("form:has(#row_type_type) button").click()
    expect(page.locator(".facts")).to_contain_text("程序缺陷")
    page.locator("a[href*='/resolve/']").click()
    page.locator("#act-form button[data-kind=primary]").click()
    expect(page.locator("[data-form-errors]")).to_be_visible()


def test_suggestions_and_modules_come_while_one_writes(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    ticket = _pushed(cast, now)
    assert ticket.cause is not None
    declare_known_issue(ticket.cause, "按填写人筛选", acting_user=cast.linzhixia, now=now)
    sign_in(page, live_server.url, "liuyang")
    page.goto(f"{live_server.url}/submit/")
    page.locator("[name=product]").select_option(str(cast.products["crm"].pk))
    expect(page.locator("[name=module]")).to_contain_text("拜访管理")
    page.locator("[name=description]").fill("主管看不到我的拜访记录")
    expect(page.locator("#found")).to_contain_text("部门编码变更后视图不同步")
    page.locator("form.card button[data-kind=primary]").click()
    expect(page.locator("main h1")).to_have_text("主管看不到我的拜访记录")
