"""The door to one ticket lets in exactly whom the list of visible tickets holds."""

import datetime as dt

from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalog.access import rights_of
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed, submitted
from tickets.access import get_ticket_for_view, get_ticket_with_drafts
from tickets.actions import add_watcher, edit_ticket, relay_ticket
from tickets.models import Ticket


def opened(user: User, ticket: Ticket) -> list[bool]:
    """Whether each of the doors lets this person in, asked anew as each request is."""
    found = []
    for door in (get_ticket_for_view, get_ticket_with_drafts):
        person = User.objects.get(pk=user.pk)
        try:
            found.append(door(person, ticket.pk).pk == ticket.pk)
        except Http404:
            found.append(False)
    return found


def test_the_door_and_the_list_agree_on_everybody(cast: Cast, now: dt.datetime) -> None:
    plain, secret, watched, outside = (routed(cast, now) for _number in range(4))
    add_watcher(watched, cast.zhoumin, acting_user=cast.linzhixia, now=now)
    for hidden in (secret, watched):
        edit_ticket(hidden, {"confidential": True}, acting_user=cast.linzhixia, now=now)
    relay_ticket(
        outside, cast.teams["crm_development"], "请处理", acting_user=cast.linzhixia, now=now
    )
    foreign = submitted(cast, now)
    Ticket.objects.filter(pk=foreign.pk).update(product=cast.products["erp"])
    people = [
        cast.linzhixia, cast.zhoumin, cast.gaoyuan, cast.hesiyuan, cast.xucheng, cast.wangke,
        cast.liuyang,
    ]  # fmt: skip
    said = set()
    for ticket in (plain, secret, watched, outside, foreign):
        ticket.refresh_from_db()
        for person in people:
            is_listed = Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()
            assert opened(person, ticket) == [is_listed] * 2, (person, ticket)
            said.add((rights_of(person).is_agent, ticket.confidential, is_listed))
    # Agents let in and kept out, and others, of both kinds of tickets.
    assert {
        (True, True, False),
        (True, True, True),
        (True, False, True),
        (False, False, False),
    } <= said


def test_an_agent_opens_a_ticket_of_their_product_with_one_question(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = submitted(cast, now)
    rights_of(cast.zhoumin)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        get_ticket_for_view(cast.zhoumin, ticket.pk)
    assert len(asked) == 1
    assert "watcher" not in asked[0]["sql"]
