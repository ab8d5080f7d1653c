"""How the browser tests of tickets come to the desk."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from opsdesk.demo.cast import DEMO_PASSWORD


def sign_in(page: Page, address: str, username: str) -> None:
    """Sign in by keyboard and end on the help home, which everybody has."""
    page.goto(f"{address}/sign-in/?next=/help/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page).to_have_url(f"{address}/help/")
