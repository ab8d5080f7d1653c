"""What people of a story do on the pages: submit, take, fill a contract, reply, release, answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.people import Person

Shoot = Callable[[Page, str], Path]


def submit(person: Person, product: str, words: str, *, picture: str = "") -> int:
    """From the box of the help home to the new ticket's page; its number."""
    page = person.go("/help/")
    page.locator("#trouble").fill(words)
    page.locator("#trouble").press("Enter")
    expect(page.locator("[name=description]")).to_have_value(words)
    page.locator("[name=product]").select_option(label=product)
    if picture:
        person.paste_picture(page.locator("[name=description]"), picture)
        expect(page.locator("[data-waiting=''] a")).to_have_text(picture)
    page.locator("form.card button[data-kind=primary]").click()
    expect(page).to_have_url(re.compile(r"/my/\d+/$"))
    expect(page.locator("main")).to_contain_text(words)
    if picture:
        expect(page.locator("article").get_by_role("link", name=picture)).to_be_visible()
    return int(page.url.rstrip("/").rpartition("/")[2])


def claim(agent: Person, ticket: int, type_: str, module: str) -> None:
    """Take it from the queue of the unassigned and classify it in its contract."""
    page = agent.go("/desk/?queue=unassigned")
    page.locator(f"#row-{ticket} a").first.click()
    expect(page.locator(f"main[data-ticket='{ticket}']")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("a")
    agent.sees("现在由您处理", "#toasts")
    fill(agent, "type", type_)
    fill(agent, "module", module)


def fill(agent: Person, row: str, choice: str) -> None:
    """Choose in a row of the contract; it is saved as it is chosen."""
    control = agent.page.locator(f"#row_{row}_{row}")
    control.select_option(label=choice)
    expect(control).to_have_count(0)


def write_row(agent: Person, row: str, **fields: str) -> None:
    """Write a row of the contract and save it."""
    form = agent.page.locator(f"form[data-fill]:has([name=row][value={row}])")
    for name, value in fields.items():
        control = form.locator(f"[name={name}]")
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)
    form.get_by_role("button").click()
    expect(form).to_have_count(0)


def reply(agent: Person, words: str) -> None:
    agent.page.keyboard.press("r")
    expect(agent.page.locator(".compose textarea")).to_be_focused()
    agent.page.keyboard.type(words)
    agent.page.keyboard.press("Control+Enter")
    expect(agent.page.locator(".flow")).to_contain_text(words)


def resolve(agent: Person, ticket: int, how: str, words: str = "") -> None:
    page = agent.go(f"/desk/{ticket}/")
    said = {"resolution": how, **({"reply": words} if words else {})}
    agent.dialog("解决", "解决", ".moves", **said)
    expect(page.locator("main .badge").first).to_have_text("待确认")


def release(agent: Person, version: str, title: str, told: str, shoot: Shoot) -> None:
    """A release planned, its demand put in, its gate filled, its people seen, published.

    `told` is somebody whom the last question names.
    """
    page = agent.go("/demands/")
    agent.link("上线", "header.bar-top")
    agent.link("计划上线", "main")
    page.locator("[name=product]").select_option(label="星图 CRM")
    page.locator("[name=name]").fill(version)
    agent.button("建立", "main")
    page.locator("main").get_by_role("link", name="加入需求").first.click()
    dialog = page.locator("#act")
    dialog.get_by_label(title).check()
    dialog.get_by_role("button", name="保存").click()
    agent.sees(title)
    for row, control in (("pages_note", "pages_unchanged"), ("measures", "measures_nothing")):
        shown = page.locator(f"[data-row={row}]")
        shown.locator(f"[name={control}]").check()
        shown.get_by_role("button", name="保存").click()
        expect(page.locator(f"[data-row={row}]:not([data-open])")).to_be_visible()
    announcement = page.locator("[data-row=announcement]")
    announcement.locator("textarea").fill("导出客户清单时可以选择字段。")
    announcement.get_by_role("button", name="保存").click()
    expect(page.locator("[data-row=announcement]:not([data-open])")).to_be_visible()
    agent.dialog("打开名单 …", "我已看过名单", "[data-row=people_seen]")
    expect(page.locator("[data-row=people_seen]:not([data-open])")).to_be_visible()
    shoot(page, "job-gate")
    page.locator(".publish a").click()
    expect(page.locator("#act")).to_contain_text(told)
    page.locator("#act").get_by_role("button", name="发布").click()
    expect(page.locator("main .badge").first).to_have_text("已上线")


def confirm(person: Person, ticket: int, button: str, said: str) -> None:
    """“It works”, on the requester's own page."""
    page = person.go(f"/my/{ticket}/")
    person.button(button, "section.verdict")
    person.sees(said, "#toasts")
    expect(page.get_by_role("button", name=button)).to_have_count(0)


def reopen(person: Person, ticket: int, reason: str) -> None:
    page = person.go(f"/my/{ticket}/")
    page.locator("details.why summary").click()
    page.locator("details.why textarea").fill(reason)
    person.button("发送", "details.why")
    person.sees(reason)
