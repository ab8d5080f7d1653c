"""The board: columns by level or status, and cards whose way is a verb with its own rules."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, pushed, routed, submitted
from tickets.actions import resolve_ticket
from tickets.models import Ticket
from tickets.policies import VERBS
from tickets.policies.board import step_to_level, step_to_status
from tickets.search.board import CARDS

ClientOf = Callable[..., Client]
HTMX = {"HX-Request": "true", "HX-Target": "stage"}


def _place(client: Client, ticket: Ticket, by: str, column: str, **more: object):  # type: ignore[no-untyped-def]
    url = reverse("ticket_place", args=[ticket.pk]) + "?queue=all&layout=board"
    sent = {"by": by, "column": column, "version": ticket.version, **more}
    return client.post(url, sent, headers=HTMX)


def test_cards_stand_in_their_columns_with_counts(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    low, high = routed(cast, now), pushed(cast, now)
    client = client_of(cast.linzhixia)
    page = client.get(reverse("desk"), {"queue": "all", "layout": "board", "board": "level"})
    shown = {
        item["column"].key: (item["count"], item["ids"]) for item in page.context["board_columns"]
    }
    assert shown == {"1": (1, [low.pk]), "2": (0, []), "3": (1, [high.pk]), "4": (0, [])}
    page = client.get(reverse("desk"), {"queue": "all", "layout": "board", "board": "status"})
    by_status = {item["column"].key: item["count"] for item in page.context["board_columns"]}
    assert by_status["on_hold"] == 1
    assert sum(by_status.values()) == 2


def test_a_column_goes_on_by_key_and_misses_none(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    tickets = [submitted(cast, now).pk for _n in range(CARDS + 5)]
    client = client_of(cast.linzhixia)
    page = client.get(reverse("desk"), {"queue": "all", "layout": "board"})
    first = page.context["board_columns"][0]
    more = client.get(first["more_url"], headers=HTMX)
    assert sorted([*first["ids"], *more.context["ids"]]) == sorted(tickets)
    assert more.context["more_url"] == ""
    assert client.get(first["more_url"]).status_code == 302


def test_a_card_climbs_when_its_contract_is_met(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ready, lacking = routed(cast, now), submitted(cast, now)
    client = client_of(cast.linzhixia)
    done = _place(client, ready, "level", "2")
    assert done.status_code == 302
    assert "layout=board" in done["Location"]
    ready.refresh_from_db()
    assert (ready.level, ready.status) == (2, "open")
    refused = _place(client, lacking, "level", "2")
    assert refused.status_code == 409
    assert "data-refused" in refused.content.decode()
    lacking.refresh_from_db()
    assert lacking.level == 1


@pytest.mark.parametrize(
    ("by", "column", "verb"),
    [
        ("level", "3", "push"), ("status", "pending", "ask"), ("status", "on_hold", "relay"),
        ("status", "resolved", "resolve"), ("status", "cancelled", "reject"),
    ],
)  # fmt: skip
def test_a_way_that_needs_words_asks_for_them(
    cast: Cast, now: dt.datetime, client_of: ClientOf, by: str, column: str, verb: str
) -> None:
    ticket = routed(cast, now)
    client = client_of(cast.linzhixia)
    asked = _place(client, ticket, by, column)
    assert asked.status_code == 204
    assert reverse(f"ticket_{verb}", args=[ticket.pk]) in asked["HX-Trigger"]
    ticket.refresh_from_db()
    assert (ticket.level, ticket.version) == (1, 2)
    plain = client.post(
        reverse("ticket_place", args=[ticket.pk]), {"by": by, "column": column}, follow=True
    )
    assert plain.status_code == 200
    assert plain.request["PATH_INFO"] == reverse(f"ticket_{verb}", args=[ticket.pk])


def test_a_way_down_asks_for_the_reason_with_the_level_chosen(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = pushed(cast, now)
    client = client_of(cast.linzhixia)
    answer = client.post(
        reverse("ticket_place", args=[ticket.pk]), {"by": "level", "column": "1"}, follow=True
    )
    assert answer.request["PATH_INFO"] == reverse("ticket_return", args=[ticket.pk])
    assert answer.context["form"]["level"].value() == "1"


@pytest.mark.parametrize("column", ["new", "closed", "open"])
def test_no_verb_leads_there_and_it_says_why(
    cast: Cast, now: dt.datetime, client_of: ClientOf, column: str
) -> None:
    ticket = routed(cast, now)
    client = client_of(cast.linzhixia)
    refused = _place(client, ticket, "status", column)
    assert refused.status_code == 409
    assert "data-refused" in refused.content.decode()
    assert _place(client, ticket, "status", "nowhere").status_code == 400
    assert _place(client, ticket, "colour", "1").status_code == 400
    assert _place(client, ticket, "level", "1" * 5000).status_code == 400
    assert _place(client, ticket, "level", "2").status_code == 302


def test_the_end_is_left_with_a_reason(cast: Cast, now: dt.datetime) -> None:
    ticket = answered(cast, now)
    ticket = resolve_ticket(ticket, "answered", acting_user=cast.linzhixia, now=now)
    assert step_to_status(ticket, "open").verb == "reopen"


def test_only_who_may_moves_a_card(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = routed(cast, now)
    analyst = cast.gaoyuan
    assert _place(client_of(cast.zhaoyi), ticket, "level", "2").status_code == 404
    assert _place(client_of(cast.wangke), ticket, "level", "2").status_code == 403
    assert _place(client_of(analyst), ticket, "level", "2").status_code == 302


def test_a_stale_card_is_refused(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = routed(cast, now)
    client = client_of(cast.linzhixia)
    stale = _place(client, ticket, "level", "2", version=1)
    assert stale.status_code == 409
    assert _place(client, ticket, "level", "2").status_code == 302


def test_every_step_is_a_verb_the_rules_know(cast: Cast, now: dt.datetime) -> None:
    """The board adds no rule: whatever it names stands in the one table of verbs."""
    ticket = routed(cast, now)
    for level in (2, 3, 4):
        assert step_to_level(ticket, level).verb in VERBS
    for status in ("pending", "on_hold", "resolved", "cancelled"):
        assert step_to_status(ticket, status).verb in VERBS
