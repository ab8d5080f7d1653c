"""A person at their own browser: they read their pages and click what they see."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, Response, expect

from opsdesk.demo.cast import DEMO_PASSWORD

NewContext = Callable[..., BrowserContext]
#: Milliseconds that a person waits for a page before it counts as broken.
SLOWEST = 45_000

# A screenshot in the clipboard; the browser itself offers no way to fill it without a person.
PASTE = """(field, [name, bytes]) => {
  const pasted = new DataTransfer();
  const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  pasted.items.add(new File([raw], name, { type: "image/png" }));
  const told = { clipboardData: pasted, bubbles: true, cancelable: true };
  field.dispatchEvent(new ClipboardEvent("paste", told));
}"""


class Person:
    """One person of the demo company with a browser of their own."""

    def __init__(self, new_context: NewContext, address: str, username: str, locale: str) -> None:
        self.address, self.username = address, username
        context = new_context(locale=locale)
        context.set_default_timeout(SLOWEST)
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("response", self._note_failure)
        self.go("/sign-in/")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(DEMO_PASSWORD)
        self.page.locator("[name=password]").press("Enter")
        expect(self.page).not_to_have_url(re.compile("sign-in"))

    def _note_failure(self, answer: Response) -> None:
        if answer.status >= 500:
            self.faults.append(f"{answer.status} {answer.url}")

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        return self.page

    def sees(self, text: str | re.Pattern[str], where: str = "main") -> None:
        expect(self.page.locator(where).first).to_contain_text(text)

    def link(self, name: str, where: str = "body") -> None:
        self.page.locator(where).get_by_role("link", name=name).first.click()

    def button(self, name: str, where: str = "body") -> None:
        self.page.locator(where).get_by_role("button", name=name).first.click()

    def paste_picture(self, field: Locator, name: str) -> None:
        """Paste a picture of the page the person looks at."""
        picture = base64.b64encode(self.page.screenshot()).decode()
        field.evaluate(PASTE, [name, picture])

    def dialog(self, opener: str, send: str, where: str = "body", **fields: str) -> None:
        """Open a dialog by its button, fill fields by name (lists by their texts), send."""
        # Before its scripts are there, a page opens a form as a page of its own.
        self.page.wait_for_load_state("load")
        # One that stands in a closed menu is not offered.
        self.page.locator(where).get_by_text(opener).filter(visible=True).first.click()
        dialog = self.page.locator("#act")
        expect(dialog.locator("#act-form")).to_be_visible()
        for name, value in fields.items():
            field = dialog.locator(f"[name={name}]").first
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        dialog.get_by_role("button", name=send, exact=True).click()
        expect(dialog).not_to_be_visible()

    def menu(self, where: str = "main") -> None:
        self.page.locator(f"{where} .menu summary").first.click()

    def is_told(self, path: str, title: str | re.Pattern[str], about: str) -> None:
        """Wait for a notice in the inbox, which comes after the twenty seconds of undo; open it."""
        notice = self.page.locator("button.notice", has_text=title).filter(has_text=about)
        until = time.monotonic() + 90
        self.go("/inbox/")
        while not notice.count():
            assert time.monotonic() < until, f"{self.username} was never told {title} of {about}"
            self.page.wait_for_timeout(1000)
            self.go("/inbox/")
        notice.first.click()
        expect(self.page).to_have_url(re.compile(re.escape(path)))


class People:
    """Persons by their user names, each signed in when first spoken of."""

    def __init__(self, new_context: NewContext, address: str) -> None:
        self._new_context, self._address = new_context, address
        self._people: dict[str, Person] = {}

    def __getattr__(self, username: str) -> Person:
        if username.startswith("_"):
            raise AttributeError(username)
        if username not in self._people:
            locale = "en" if username == "emma" else "zh-CN"
            self._people[username] = Person(self._new_context, self._address, username, locale)
        return self._people[username]

    def faults(self) -> dict[str, list[str]]:
        """What went wrong in somebody's browser or on the server meanwhile."""
        return {name: person.faults for name, person in self._people.items() if person.faults}
