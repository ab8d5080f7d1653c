"""What axe finds wrong with a page that stands in a real browser."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def axe_faults(page: Page) -> list[str]:
    """What axe calls serious or critical, with the first elements and what was measured on them."""
    # Sheets are the same on every page and come from here: axe need not fetch them again.
    heard = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    return [
        f"{fault['id']} {[_seen(node) for node in fault['nodes']][:3]}"
        for fault in heard.response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def _seen(node: dict[str, Any]) -> tuple[Any, ...]:
    """Which element it is, and what axe measured on it."""
    return (*node["target"], *(check["data"] for check in node["any"] if check.get("data")))
