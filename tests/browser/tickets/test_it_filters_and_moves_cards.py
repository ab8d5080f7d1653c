"""Filter, saved view and board in a real browser, by keyboard and by dragging."""

import contextlib
import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import routed, submitted
from tickets.models import SavedView, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
#: A page that is still being put together hears no keys and no changes yet.
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
NewContext = Callable[..., BrowserContext]


def test_a_condition_is_added_by_keyboard_and_kept_as_a_view(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    ready, lacking = routed(cast, now), submitted(cast, now)
    context = new_context()
    page = context.new_page()
    sign_in(page, live_server.url, cast.linzhixia.username)
    page.goto(f"{live_server.url}/desk/?queue=all")
    expect(page.locator(f"#row-{lacking.pk}")).to_be_visible()
    page.keyboard.press("Shift+KeyF")
    form = page.locator("#act-form")
    expect(form).to_be_visible()
    expect(page.locator(UNSETTLED)).to_have_count(0)
    form.locator("[name=field]").select_option("contract")
    value = form.locator("[name=value]")
    expect(value.locator("option[value=complete]")).to_have_count(1)
    value.select_option("complete")
    form.locator("[name=apply]").press("Enter")
    expect(page).to_have_url(re.compile(r"f=contract:is:complete"))
    expect(page.locator(f"#row-{ready.pk}")).to_be_visible()
    expect(page.locator(f"#row-{lacking.pk}")).to_have_count(0)
    assert axe_faults(page) == []
    page.keyboard.press("KeyV")
    page.locator("#act-form [name=name]").fill("可以转出")
    page.locator("#act-form [name=name]").press("Enter")
    expect(page).to_have_url(re.compile(r"view=\d+"))
    expect(page.locator(".queues [aria-current]")).to_contain_text("可以转出")
    # Over everything that ever was, so it is counted when somebody asks.
    page.locator(".queues a.count-it").click()
    expect(page.locator(".queues .count-it")).to_have_text("1")
    assert SavedView.objects.get().filters == ["contract:is:complete"]
    page.locator(".condition .off").click()
    expect(page.locator(f"#row-{lacking.pk}")).to_be_visible()


def drag(page: Page, ticket: Ticket, column: str, seen: Locator) -> None:
    """Drag the card until `seen` is: a busy browser now and then loses a drag that was let go
    before it had begun, as it would lose a person's.
    """
    for _again in range(3):
        expect(page.locator(UNSETTLED)).to_have_count(0)
        page.drag_and_drop(f"#row-{ticket.pk} a.title", f"[data-column='{column}'] h3")
        with contextlib.suppress(AssertionError):
            expect(seen).to_be_visible(timeout=15_000)
            return
    expect(seen).to_be_visible()


def test_cards_move_by_keyboard_and_by_dragging_under_the_same_rules(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    by_keys, by_hand, lacking = routed(cast, now), routed(cast, now), submitted(cast, now)
    context = new_context()
    page = context.new_page()
    sign_in(page, live_server.url, cast.linzhixia.username)
    page.goto(f"{live_server.url}/desk/?queue=all&layout=board")
    second = page.locator("[data-column='2']")
    page.locator(f"#row-{by_keys.pk} a.title").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#toasts [data-undo]").first).to_be_visible()
    expect(second.locator(f"#row-{by_keys.pk}")).to_be_visible()
    drag(page, by_hand, "2", second.locator(f"#row-{by_hand.pk}:not([aria-busy])"))
    drag(page, lacking, "2", page.locator("#refusal"))
    expect(page.locator("[data-column='1']").locator(f"#row-{lacking.pk}")).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator(f"#row-{by_hand.pk} a.title").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#act-form [name=reason]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(second.locator(f"#row-{by_hand.pk}")).to_be_visible()
    assert axe_faults(page) == []
    levels = dict(Ticket.objects.values_list("pk", "level"))
    assert levels == {by_keys.pk: 2, by_hand.pk: 2, lacking.pk: 1}
