"""The page of an answer: chosen from a list while the manual is small, found by words beyond."""

import datetime as dt
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from docs_portal.actions import PageDraft, create_page, publish_page
from docs_portal.models import Page
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed
from tickets.actions import edit_ticket, move_up
from tickets.models import Ticket

ClientOf = Callable[..., Client]
LISTED = 3
_numbers = count(1)


def published(cast: Cast, now: dt.datetime, product: str = "crm") -> Page:
    draft = PageDraft(
        product=cast.products[product], title=f"导出 {next(_numbers)}", body="打开列表。"
    )
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    return publish_page(create_page(draft, **by), **by)


@pytest.fixture
def asked(cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Ticket:
    """A how-to on level 2, which asks for its page."""
    monkeypatch.setattr("tickets.forms.fields.PAGES_LISTED", LISTED)
    return move_up(routed(cast, now), 2, acting_user=cast.linzhixia, now=now)


def test_a_small_manual_is_a_list(
    asked: Ticket, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    pages = [published(cast, now) for _number in range(LISTED)]
    html = client_of(cast.linzhixia).get(reverse("ticket", args=[asked.pk])).content.decode()
    row = html.split('id="row_answer_page_answer_page"')[1].split("</li>")[0]
    assert [f'value="{page.pk}"' in row for page in pages] == [True] * LISTED
    assert reverse("ticket_pages", args=[asked.pk]) not in row


def test_in_a_large_manual_one_searches_and_any_page_is_taken(
    asked: Ticket, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    pages = [published(cast, now) for _number in range(LISTED + 1)]
    foreign = published(cast, now, "erp")
    client = client_of(cast.linzhixia)
    html = client.get(reverse("ticket", args=[asked.pk])).content.decode()
    row = html.split('id="row_answer_page_answer_page"')[1].split("</li>")[0]
    assert [f'value="{page.pk}"' in row for page in pages] == [False] * (LISTED + 1)
    assert reverse("ticket_pages", args=[asked.pk]) in row

    send = reverse("ticket_edit", args=[asked.pk])
    for wrong in (str(foreign.pk), "99999999", "9" * 40, "²", "-1"):
        refused = client.post(send, {"row": "answer_page", "answer_page": wrong})
        assert refused.status_code == 422
        assert wrong in str(refused.context["form"].errors["answer_page"])
    client.post(send, {"row": "answer_page", "answer_page": str(pages[-1].pk)})
    found = Ticket.objects.get(pk=asked.pk)
    assert found.answer_page == pages[-1]

    # What is on record stays chosen in the form that changes it.
    form = client.get(send, {"row": "answer_page"}).content.decode()
    assert f'value="{pages[-1].pk}" selected' in form
    assert reverse("ticket_pages", args=[asked.pk]) in form
    edit_ticket(found, {"answer_page": None}, acting_user=cast.linzhixia, now=now)
    assert 'value="" selected' in client.get(send, {"row": "answer_page"}).content.decode()
