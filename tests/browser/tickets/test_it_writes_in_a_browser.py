"""The composer in a real browser: drafts on two devices, a pasted picture, names with an input
method, a macro from the keyboard, steps of a procedure."""

import base64
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from opsdesk.demo.cast import DEMO_PASSWORD, Cast
from tests.axe import axe_faults
from tests.browser.people import PASTE
from tests.tickets.ladder import routed, submitted
from tickets.actions import StepDraft, add_comment, create_macro, create_procedure, edit_ticket
from tickets.models import Attachment, Comment, Draft, Macro, Procedure, StepTick, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewContext = Callable[..., BrowserContext]
Shoot = Callable[[Page, str], Path]
KEPT = re.compile("草稿已保存|Draft kept")
#: A picture of one point.
PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
        "gg=="
    )
).decode()
# What an input method does, as a page hears it: composition, keys that are its own, then the text.
COMPOSE = """(field, [letters, words]) => {
  const key = (type, name) => field.dispatchEvent(new KeyboardEvent(type, {
    key: name, code: name, keyCode: 229, isComposing: true, bubbles: true, cancelable: true }));
  field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  const from = field.selectionStart;
  field.setRangeText(letters, from, from, "end");
  field.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
  key("keydown", "Enter");
  field.setRangeText(words, from, from + letters.length, "end");
  field.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
  field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: words }));
}"""


def _sign_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/sign-in/?next=/help/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page).to_have_url(f"{address}/help/")


def test_a_draft_survives_reload_acts_and_another_device(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ticket = submitted(cast, now)
    at = f"{live_server.url}/desk/{ticket.pk}/?queue=unassigned"
    office, phone = (new_context().new_page() for _device in range(2))
    for page in (office, phone):
        _sign_in(page, live_server.url, "linzhixia")
    office.goto(at)
    field = office.locator("#composer textarea")
    field.fill("请在左侧选择")
    expect(office.locator("[data-draft-said]")).to_have_text(KEPT)
    expect(office.locator(f"#row-{ticket.pk} .draft-mark")).to_be_visible()
    office.keyboard.press("Escape")
    office.locator("main h1").click()
    office.keyboard.press("n")
    field.fill("像是权限问题")
    expect(office.locator("[data-held]")).to_contain_text("公开回复")
    # An act in between, before the pause is over: nothing typed is lost.
    office.locator("main h1").click()
    office.locator("[data-code^=KeyA]").first.click()
    expect(office.locator("#toasts")).to_contain_text("您")
    office.locator("main h1").click()
    office.keyboard.press("n")
    expect(field).to_have_value("像是权限问题")
    office.reload()
    expect(field).to_have_value("请在左侧选择")
    phone.goto(at)
    expect(phone.locator("#composer textarea")).to_have_value("请在左侧选择")
    phone.locator("#composer textarea").fill("请在左侧选择“团队记录”。")
    expect(phone.locator("[data-draft-said]")).to_have_text(KEPT)
    # The older window says so and takes the newer text.
    field.fill("旧的")
    notice = office.locator("[data-stale-draft]")
    expect(notice).to_be_visible()
    notice.get_by_role("button").first.click()
    expect(field).to_have_value("请在左侧选择“团队记录”。")
    field.press("Control+Enter")
    expect(office.locator(".flow")).to_contain_text("请在左侧选择“团队记录”。")
    expect(field).to_have_value("")
    assert [draft.kind for draft in Draft.objects.all()] == ["note"]


def test_a_session_that_ended_loses_nothing(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    ticket = submitted(cast, now)
    _sign_in(page, live_server.url, "wangke")
    page.goto(f"{live_server.url}/my/{ticket.pk}/")
    page.context.clear_cookies()
    page.locator("#composer textarea").fill("补充：只有新建的看不到")
    expect(page.locator("[data-draft-said]")).to_contain_text(re.compile("退出|signed out"))
    _sign_in(page, live_server.url, "wangke")
    page.goto(f"{live_server.url}/my/{ticket.pk}/")
    expect(page.locator("#composer textarea")).to_have_value("补充：只有新建的看不到")
    expect(page.locator("[data-draft-said]")).to_have_text(KEPT)
    assert Draft.objects.get().person == cast.wangke


def test_a_pasted_picture_waits_with_the_draft(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page, shoot: Shoot
) -> None:
    ticket = submitted(cast, now)
    _sign_in(page, live_server.url, "wangke")
    page.goto(f"{live_server.url}/my/{ticket.pk}/")
    field = page.locator("#composer textarea")
    field.evaluate(PASTE, ["截图.png", PNG])
    expect(page.locator("#composer .file .thumb")).to_be_visible()
    page.reload()
    expect(page.locator("#composer .file")).to_contain_text("截图.png")
    field.evaluate(PASTE, ["第二张.png", PNG])
    expect(page.locator("#composer .file")).to_have_count(2)
    # A program that calls itself a picture is refused, and says what would do.
    field.evaluate(PASTE, ["坏.png", base64.b64encode(b"MZ program").decode()])
    expect(page.locator("#composer .file[data-tone=seal]")).to_contain_text("坏.png")
    shoot(page, "conversation-files")
    page.locator("#composer .file-remove").first.click()
    expect(page.locator("#composer .file .thumb")).to_have_count(1)
    field.fill("见截图")
    page.locator("#composer button[data-kind=primary]").click()
    expect(page.locator("main")).to_contain_text("第二张.png")
    assert Attachment.objects.get().name == "第二张.png"


def test_a_colleague_is_named_with_an_input_method(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page, shoot: Shoot
) -> None:
    ticket = submitted(cast, now)
    _sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/{ticket.pk}/?queue=unassigned")
    page.locator("main h1").click()
    page.keyboard.press("n")
    field = page.locator("#composer textarea")
    page.keyboard.type("请 @")
    # The Enter that ends the composition neither chooses nor sends.
    field.evaluate(COMPOSE, ["chen", "陈"])
    listed = page.locator("#naming [role=option]")
    expect(listed.first).to_contain_text("陈璐")
    assert axe_faults(page) == []
    shoot(page, "conversation-naming")
    page.keyboard.press("Enter")
    expect(field).to_have_value("请 @陈璐 ")
    page.keyboard.type("看看 @许")
    expect(listed.first).to_contain_text("许澄")
    page.keyboard.press("Tab")
    expect(page.locator("[data-invited]")).to_contain_text("许澄")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flow .mention").first).to_have_text("@陈璐")
    body = Comment.objects.get(ticket=ticket).body
    assert body == f"请 @[陈璐]({cast.chenlu.pk}) 看看 @[许澄]({cast.xucheng.pk})"
    assert list(ticket.watchers.values_list("user__name", flat=True)) == ["许澄"]


def test_a_macro_is_previewed_and_sent_from_the_keyboard(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page, shoot: Shoot
) -> None:
    ready = edit_ticket(routed(cast, now), {"answer_gap": True}, acting_user=cast.zhoumin, now=now)
    create_macro(
        Macro(
            name="重新登录", text_zh="{{requester}}您好，请**重新登录**。",
            acts=[{"verb": "resolve", "params": {"resolution": "answered"}}],
        ),
        acting_user=cast.gaoyuan, now=now,
    )  # fmt: skip
    _sign_in(page, live_server.url, "linzhixia")
    page.goto(f"{live_server.url}/desk/{ready.pk}/?queue=all")
    page.locator("main h1").click()
    page.keyboard.press("m")
    dialog = page.locator("#act")
    expect(dialog.locator("[name=words]")).to_be_focused()
    page.keyboard.type("登录")
    expect(dialog.locator(".picks a")).to_have_count(1)
    shoot(page, "conversation-macros")
    page.keyboard.press("Enter")
    expect(dialog.locator(".said strong")).to_have_text("重新登录")
    assert axe_faults(page) == []
    shoot(page, "conversation-macro-preview")
    dialog.locator("button[data-kind=primary]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".flow")).to_contain_text("王珂您好，请重新登录。")
    expect(page.locator("main .badge").first).to_have_text("待确认")
    ready.refresh_from_db()
    assert ready.status == "resolved"


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(1440, "light", "zh-hans"), (1440, "dark", "en"), (390, "light", "zh-hans")],
)
def test_steps_quotes_and_settings_read_well(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext, shoot: Shoot,
    width: int, theme: str, language: str,
) -> None:  # fmt: skip
    User.objects.update(language=language, theme=theme)
    steps = [StepDraft("核对 **权限**", is_required=True), StepDraft("告知提单人")]
    create_procedure(
        Procedure(name="使用咨询", type="how_to"), steps, acting_user=cast.gaoyuan, now=now
    )
    create_macro(Macro(name="重新登录", text_zh="请重新登录。"), acting_user=cast.gaoyuan, now=now)
    ticket = routed(cast, now)
    for number in range(12):
        add_comment(ticket, f"第 {number} 条", acting_user=cast.zhoumin, now=now)
    add_comment(ticket, "> " + "引用" * 200 + "\n\n好的", acting_user=cast.zhoumin, now=now)
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    _sign_in(page, live_server.url, "chenlu")
    page.goto(f"{live_server.url}/desk/{ticket.pk}/?queue=all")
    name = f"{width}-{theme}-{language}"
    page.locator(".steps .tick").first.click()
    expect(page.locator(".steps [aria-checked=true]")).to_have_count(1)
    assert StepTick.objects.get().step.text == "核对 **权限**"
    page.locator(".quoted summary").click()
    page.locator("#composer textarea").fill("一**二**")
    page.locator("[data-preview-toggle]").click()
    expect(page.locator("[data-preview] strong")).to_have_text("二")
    faults: dict[str, object] = {}
    for path in ("", "/settings/macros/", "/settings/macros/new/", "/settings/procedures/new/",
                 f"/settings/procedures/{Procedure.objects.get().pk}/", "/macros/"):  # fmt: skip
        if path:
            page.goto(live_server.url + path)
        shown = path.strip("/").replace("/", "-") or "ticket"
        shoot(page, f"conversation-{shown}-{name}")
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if (found := axe_faults(page)) or wide > 0:
            faults[shown] = (found, wide)
    assert faults == {}
    assert Ticket.objects.get(pk=ticket.pk).status == "open"
