"""A person who uses the keyboard only, and what their hands do, counted in the browser itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page, expect

# What is typed into a field is content, not friction; a modifier belongs to its key.
COUNT = """
const isTyping = (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey
  && event.target.closest?.("textarea, input:not([type=radio], [type=checkbox])");
document.addEventListener("keydown", (event) => {
  if (!["Control", "Shift", "Alt", "Meta"].includes(event.key) && !isTyping(event)) struck("key");
}, true);
document.addEventListener("pointerdown", () => struck("click"), true);
"""


@dataclass
class Effort:
    """Keys struck beyond typing, and clicks."""

    key: int = 0
    click: int = 0


class Keyboard:
    """The keyboard of a page. `strokes("c 1 0 2")` presses keys one after the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.effort = Effort()
        page.expose_function("struck", self._note)
        page.add_init_script(COUNT)

    def _note(self, kind: str) -> None:
        setattr(self.effort, kind, getattr(self.effort, kind) + 1)

    def strokes(self, keys: str) -> None:
        for key in keys.split():
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def sends(self) -> None:
        self.page.keyboard.press("Control+Enter")

    def tabs_to(self, selector: str) -> None:
        """Tab on until the field has the focus."""
        field = self.page.locator(selector)
        for _step in range(12):
            if field.evaluate("field => field === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        expect(field).to_be_focused()

    def opens(self, dialog: str = "#act form") -> None:
        """Wait, as a person does, until the dialog that was asked for is there."""
        expect(self.page.locator(dialog)).to_be_visible()

    @contextmanager
    def counted(self) -> Iterator[Effort]:
        """The effort of what is done inside."""
        self.effort = Effort()
        yield self.effort
        # The last key has been told once the page answers.
        self.page.evaluate("0")
