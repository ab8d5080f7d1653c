"""Guided mode, and what comes after an act."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed, submitted
from tickets.actions import assign_ticket, claim_ticket, serve_ticket, skip_ticket
from tickets.choices import Impact, Urgency
from tickets.errors import WrongState
from tickets.models import Skip, Ticket

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


def _served(cast: Cast, now: dt.datetime, who: User) -> Ticket:
    ticket = serve_ticket(acting_user=who, now=now)
    assert ticket is not None
    return ticket


def test_the_most_urgent_ticket_nobody_holds_is_served_and_claimed(
    cast: Cast, now: dt.datetime
) -> None:
    older, held = submitted(cast, now, "第一条"), submitted(cast, now, "有人处理")
    urgent = submitted(cast, now, "停了", impact=Impact.BUSINESS_STOPPED, urgency=Urgency.HIGH)
    claim_ticket(held, acting_user=cast.zhoumin, now=now)
    assert _served(cast, now, cast.linzhixia) == urgent
    assert Ticket.objects.get(pk=urgent.pk).assignee == cast.linzhixia
    assert _served(cast, now, cast.linzhixia) == older
    assert serve_ticket(acting_user=cast.linzhixia, now=now) is None


def test_a_skipped_ticket_is_served_to_others_and_to_oneself_tomorrow(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = submitted(cast, now)
    skip_ticket(_served(cast, now, cast.linzhixia), "field", acting_user=cast.linzhixia, now=now)
    assert Ticket.objects.get(pk=ticket.pk).assignee is None
    assert Skip.objects.get().reason == "field"
    assert serve_ticket(acting_user=cast.linzhixia, now=now) is None
    assert _served(cast, now, cast.zhoumin) == ticket
    assign_ticket(ticket, None, acting_user=cast.zhoumin, now=now)
    assert _served(cast, now + dt.timedelta(days=1), cast.linzhixia) == ticket


def test_only_what_one_holds_is_skipped_and_for_a_known_reason(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = claim_ticket(submitted(cast, now), acting_user=cast.linzhixia, now=now)
    with pytest.raises(WrongState) as state:
        skip_ticket(ticket, acting_user=cast.zhoumin, now=now)
    assert state.value.problems[0].field == "assignee"
    with pytest.raises(BadInput) as reason:
        skip_ticket(ticket, "lunch", acting_user=cast.linzhixia, now=now)
    assert (reason.value.problems[0].field, reason.value.problems[0].value) == ("reason", "lunch")
    assert not Skip.objects.exists()
    skip_ticket(ticket, acting_user=cast.linzhixia, now=now)
    assert Skip.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_people_who_ask_at_once_get_different_tickets(cast: Cast, now: dt.datetime) -> None:
    tickets = {submitted(cast, now, f"第{number}条").pk for number in range(6)}
    people = (cast.linzhixia, cast.zhoumin, cast.chenlu)
    start = threading.Barrier(len(people))
    found: list[int] = []

    def work(person: User) -> None:
        start.wait()
        try:
            found.extend(_served(cast, now, person).pk for _again in range(2))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(tickets)


def test_served_tickets_follow_one_another_and_are_counted(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    first, second, third = (submitted(cast, now, text) for text in ("一", "二", "三"))
    client = client_of(cast.linzhixia)
    url = [reverse("ticket", args=[t.pk]) + "?guided=on" for t in (first, second, third)]
    assert client.post(reverse("guided_next")).headers["Location"] == url[0]
    note = {"body": "看过了", "note": "on"}
    reply = reverse("ticket_reply", args=[first.pk]) + "?guided=on"
    assert client.post(reply, note).headers["Location"] == url[1]
    skipped = client.post(reverse("ticket_skip", args=[second.pk]))
    assert skipped.headers["Location"] == url[2]
    page = client.get(url[2])
    assert page.context["served"] == {"done": 1, "skipped": 1}
    client.post(reverse("ticket_reply", args=[third.pk]) + "?guided=on", note)
    assert client.get(reverse("guided")).context["waiting"] == 0


@pytest.mark.parametrize("choice", list(User.AfterAct))
def test_after_an_act_a_person_goes_where_they_chose(
    cast: Cast, now: dt.datetime, client_of: ClientOf, choice: User.AfterAct
) -> None:
    older, ticket = routed(cast, now), routed(cast, now)
    client = client_of(cast.linzhixia)
    kept = "?queue=unassigned"
    chosen = client.post(reverse("preferences_after_act"), {"after_act": choice})
    assert chosen.status_code == 302
    went = {
        User.AfterAct.STAY: reverse("ticket", args=[ticket.pk]) + kept,
        User.AfterAct.NEXT: reverse("ticket", args=[older.pk]) + kept,
        User.AfterAct.BACK: reverse("desk") + kept,
    }
    up = client.post(reverse("ticket_move_up", args=[ticket.pk]) + kept, {"level": 2})
    assert up.headers["Location"] == went[choice]
    # Taking a ticket is no end of a turn; and behind the last one stands the list.
    claim = client.post(reverse("ticket_claim", args=[older.pk]) + kept)
    assert claim.headers["Location"] == reverse("ticket", args=[older.pk]) + kept
    if choice == User.AfterAct.NEXT:
        last = client.post(
            reverse("ticket_reply", args=[older.pk]) + "?queue=all", {"body": "好", "note": "on"}
        )
        assert last.headers["Location"] == reverse("desk") + "?queue=all"


def test_an_unknown_choice_is_refused_by_name(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.linzhixia).post(reverse("preferences_after_act"), {"after_act": "x"})
    assert answer.status_code == 400
    assert "“x”" in answer.content.decode()
    assert User.objects.get(pk=cast.linzhixia.pk).after_act == User.AfterAct.STAY
