"""A stale write of several fields: each is chosen for itself, and nothing else is overwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed
from tickets.actions import edit_ticket
from tickets.choices import Impact, Urgency
from tickets.models import Ticket

ClientOf = Callable[..., Client]


def test_each_field_is_chosen_for_itself(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = routed(cast, now)
    seen, address = ticket.version, reverse("ticket_edit", args=[ticket.pk])
    theirs = {"impact": Impact.DEPARTMENTS, "urgency": Urgency.HIGH}
    edit_ticket(ticket, theirs, acting_user=cast.zhoumin, now=now)
    client = client_of(cast.linzhixia)
    mine = {"row": "impact", "impact": Impact.ONLY_ME, "urgency": Urgency.LOW, "version": seen}
    stale = client.post(address, mine)
    assert stale.status_code == 409
    sides = {row["name"]: (row["theirs_value"], row["mine_value"]) for row in stale.context["rows"]}
    assert sides == {
        "impact": (str(theirs["impact"].value), str(mine["impact"])),
        "urgency": (str(theirs["urgency"].value), str(mine["urgency"])),
    }
    chosen = {"impact": sides["impact"][0], "urgency": sides["urgency"][1]}
    answer = client.post(address, {**dict(stale.context["again"]), **chosen})
    found = Ticket.objects.get(pk=ticket.pk)
    assert answer.status_code == 302
    assert (found.impact, found.urgency) == (theirs["impact"], Urgency.LOW)


def test_one_field_is_kept_or_given_up_as_a_whole(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = routed(cast, now)
    seen, address = ticket.version, reverse("ticket_edit", args=[ticket.pk])
    edit_ticket(ticket, {"urgency": Urgency.HIGH}, acting_user=cast.zhoumin, now=now)
    mine = {"row": "impact", "impact": ticket.impact, "urgency": Urgency.LOW, "version": seen}
    stale = client_of(cast.linzhixia).post(address, mine)
    assert stale.status_code == 409
    assert not stale.context["is_choice"]
    assert dict(stale.context["again"])["urgency"] == str(Urgency.LOW.value)
