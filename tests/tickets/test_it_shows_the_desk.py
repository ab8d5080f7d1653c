"""The desk: queues, keyset pages, search, and one address for everything that is shown."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed, submitted
from tickets.actions import assign_ticket, claim_ticket
from tickets.models import Ticket
from tickets.search.pages import PAGE_SIZE

ClientOf = Callable[..., Client]
#: Session, user, two of rights, saved views, their counts with those of the queues, list, notices.
LIST_QUERIES = 8


def _many(cast: Cast, now: dt.datetime, count: int) -> list[Ticket]:
    return [submitted(cast, now, f"合同套打多出一页空白 {n}") for n in range(count)]


def test_a_queue_lists_its_tickets_only(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    mine, free = submitted(cast, now, "我的这条"), submitted(cast, now, "没人的这条")
    claim_ticket(mine, acting_user=cast.linzhixia, now=now)
    client = client_of(cast.linzhixia)
    own = client.get(reverse("desk"), {"queue": "mine"}).content.decode()
    unheld = client.get(reverse("desk"), {"queue": "unassigned"}).content.decode()
    assert f'id="row-{mine.pk}"' in own
    assert f'id="row-{free.pk}"' not in own
    assert f'id="row-{free.pk}"' in unheld
    assert f'id="row-{mine.pk}"' not in unheld


def test_counts_equal_their_lists(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    for ticket in _many(cast, now, 3)[:2]:
        assign_ticket(ticket, cast.zhoumin, acting_user=cast.linzhixia, now=now)
    routed(cast, now)
    client = client_of(cast.zhoumin)
    for key in ("unassigned", "mine", "team", "level-1", "pending", "resolved"):
        answer = client.get(reverse("desk"), {"queue": key})
        shown = {
            item["queue"].key: item["count"] for group in answer.context["groups"] for item in group
        }
        assert answer.context["row_count"] == shown[key], key


def test_pages_go_on_and_back_by_key(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    tickets = _many(cast, now, PAGE_SIZE + 5)
    client = client_of(cast.linzhixia)
    first = client.get(reverse("desk"), {"queue": "all"})
    assert first.context["row_count"] == PAGE_SIZE
    assert first.context["previous_url"] == ""
    second = client.get(first.context["next_url"])
    assert second.context["row_count"] == 5
    assert second.context["next_url"] == ""
    assert f'id="row-{tickets[0].pk}"' in second.content.decode()
    back = client.get(second.context["previous_url"])
    assert back.context["row_count"] == PAGE_SIZE
    assert f'id="row-{tickets[-1].pk}"' in back.content.decode()


def test_search_finds_words_inside_and_references(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now, "移动端签到定位偏移约 2 公里")
    other = submitted(cast, now, "合同套打多出一页空白")
    client = client_of(cast.linzhixia)
    for words in ("定位偏移", "定位 公里", ticket.ref.lower()):
        page = client.get(reverse("desk"), {"q": words}).content.decode()
        assert f'id="row-{ticket.pk}"' in page, words
        assert f'id="row-{other.pk}"' not in page, words


def test_the_list_costs_the_same_queries_however_long(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.linzhixia)
    address = reverse("desk") + "?queue=unassigned"
    _many(cast, now, 2)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    _many(cast, now, 20)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(few) == len(many) == LIST_QUERIES, [q["sql"][:90] for q in many.captured_queries]


def test_htmx_gets_the_pane_alone_and_the_address_works_whole(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    address = reverse("ticket", args=[ticket.pk]) + "?queue=unassigned"
    pane = client.get(address, headers={"HX-Request": "true", "HX-Target": "main"})
    whole = client.get(address)
    assert 'id="main"' in pane.content.decode()
    assert "data-rows" not in pane.content.decode()
    assert 'aria-current="true"' in whole.content.decode()
    assert "HX-Target" in pane["Vary"]


def test_who_has_no_desk_is_sent_to_their_own_page(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    requester, stranger = client_of(cast.wangke), client_of(cast.zhaoyi)
    assert requester.get(reverse("desk")).status_code == 403
    answer = requester.get(reverse("ticket", args=[ticket.pk]))
    assert answer["Location"] == reverse("my_ticket", args=[ticket.pk])
    assert stranger.get(reverse("ticket", args=[ticket.pk])).status_code == 404
    assert client_of(cast.linzhixia).get(reverse("desk")).status_code == 200


@pytest.mark.parametrize("bad", ["before=x", "after=99999999999999999999", "queue=nope", "q=%2F"])
def test_a_bent_address_shows_a_page(
    cast: Cast, now: dt.datetime, client_of: ClientOf, bad: str
) -> None:
    submitted(cast, now)
    assert client_of(cast.linzhixia).get(f"{reverse('desk')}?{bad}").status_code == 200
