"""Links in both directions, a split, merged tickets taken apart, watchers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput, NotAllowed
from core.events import history, unfolded
from core.models import Notice, OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, routed, submitted
from tickets import actions
from tickets.errors import WrongState
from tickets.models import Ticket, TicketLink, Watcher
from tickets.rendering.conversation import conversation

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
SECOND = dt.timedelta(seconds=1)


def related(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("ticket_related", args=[ticket.pk])).content.decode()


def lines(ticket: Ticket) -> str:
    return " | ".join(entry.text for entry in conversation(ticket, for_staff=True))


def test_a_link_reads_right_from_both_ends_and_in_both_histories(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    first, second = routed(cast, now), routed(cast, now)
    client = client_of(cast.linzhixia)
    client.post(reverse("ticket_link", args=[first.pk]), {"kind": "blocks", "other": second.ref})
    assert f"阻塞 {second.ref}" in related(client, first)
    assert f"被阻塞于 {first.ref}" in related(client, second)
    assert f"阻塞 {second.ref}" in lines(first)
    assert f"被阻塞于 {first.ref}" in lines(second)
    link = TicketLink.objects.get()
    assert (link.source, link.target, link.kind) == (first, second, "blocks")
    # The other way round it is the same link, and said twice it is one.
    actions.link_tickets(second, first, "blocked_by", acting_user=cast.linzhixia, now=now)
    assert TicketLink.objects.count() == 1
    client.post(reverse("ticket_unlink", args=[second.pk]), {"link": link.pk})
    assert not TicketLink.objects.exists()
    assert all(unfolded(row) == {} for row in Ticket.objects.all())


def test_a_blocked_ticket_warns_by_name_before_it_is_resolved(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    blocker, blocked = routed(cast, now), answered(cast, now)
    client = client_of(cast.linzhixia)
    form = reverse("ticket_resolve", args=[blocked.pk])
    assert blocker.ref not in client.get(form).content.decode()
    actions.link_tickets(blocker, blocked, "blocks", acting_user=cast.linzhixia, now=now)
    assert blocker.ref in client.get(form).content.decode()
    actions.reject_ticket(blocker, "重复", acting_user=cast.linzhixia, now=now)
    assert blocker.ref not in client.get(form).content.decode()


def test_what_no_link_may_be_is_refused_by_name(cast: Cast, now: dt.datetime) -> None:
    first, second = routed(cast, now), routed(cast, now)
    agent = cast.linzhixia
    with pytest.raises(BadInput) as refusal:
        actions.link_tickets(first, first, "relates", acting_user=agent, now=now)
    assert refusal.value.problems[0].field == "other"
    with pytest.raises(BadInput):
        actions.link_tickets(first, second, "loves", acting_user=agent, now=now)
    actions.link_tickets(first, second, "blocks", acting_user=agent, now=now)
    with pytest.raises(WrongState):
        actions.link_tickets(second, first, "blocks", acting_user=agent, now=now)
    with pytest.raises(NotAllowed):
        actions.link_tickets(first, second, "relates", acting_user=cast.wangke, now=now)


def test_a_link_undone_is_gone_from_both_histories(cast: Cast, now: dt.datetime) -> None:
    first, second = routed(cast, now), routed(cast, now)
    actions.link_tickets(first, second, "relates", acting_user=cast.linzhixia, now=now + SECOND)
    version = history("ticket", first.pk).filter(verb="link").get().version
    actions.undo_act(first, version, acting_user=cast.linzhixia, now=now + 2 * SECOND)
    assert not TicketLink.objects.exists()
    assert history("ticket", second.pk).last().verb == "unlinked"  # type: ignore[union-attr]


def test_a_ticket_is_split_and_its_requester_told_once(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = routed(cast, now)
    said = actions.add_comment(ticket, "另外，导出按钮也是灰的。", acting_user=cast.wangke, now=now)
    client = client_of(cast.linzhixia)
    form = client.get(reverse("ticket_split", args=[ticket.pk]))
    assert form.context["form"]["message"].initial == str(said.pk)
    empty = client.post(reverse("ticket_split", args=[ticket.pk]), {"message": "", "words": ""})
    assert empty.status_code == 422
    client.post(reverse("ticket_split", args=[ticket.pk]), {"message": said.pk, "words": ""})
    part = Ticket.objects.latest("pk")
    assert (part.requester, part.product) == (cast.wangke, ticket.product)
    assert part.description == "另外，导出按钮也是灰的。"
    assert part.submitted_by == cast.linzhixia
    assert part.ref in related(client, ticket)
    assert ticket.ref in related(client, part)
    for row in OutboxRow.objects.filter(done_at=None):
        deliver_row(row, now)
    notice = Notice.objects.get(recipient=cast.wangke, kind="ticket.split")
    assert notice.params["part"] == part.ref
    # What was said stays where it was said.
    assert ticket.comments.filter(pk=said.pk).exists()


def test_merged_tickets_are_taken_apart_from_the_page_they_went_into(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    first, second = routed(cast, now), routed(cast, now)
    actions.add_watcher(second, cast.chenlu, acting_user=cast.linzhixia, now=now)
    actions.merge_ticket(second, first, acting_user=cast.linzhixia, now=now + SECOND)
    client = client_of(cast.linzhixia)
    link = TicketLink.objects.get()
    refused = client.post(reverse("ticket_unlink", args=[first.pk]), {"link": link.pk})
    assert refused.status_code == 409
    page = related(client, first)
    apart = reverse("ticket_restore", args=[second.pk])
    assert apart in page
    back = reverse("ticket", args=[first.pk])
    assert client.post(apart, {"next": back})["Location"] == back
    second.refresh_from_db()
    assert (second.merged_into, second.status) == (None, "new")
    assert not Watcher.objects.filter(ticket=first).exists()
    assert Watcher.objects.filter(ticket=second).exists()


def test_a_link_to_a_ticket_out_of_sight_is_not_shown(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    first, secret = routed(cast, now), routed(cast, now)
    actions.link_tickets(first, secret, "relates", acting_user=cast.linzhixia, now=now)
    client = client_of(cast.zhoumin)
    assert secret.ref in related(client, first)
    actions.edit_ticket(secret, {"confidential": True}, acting_user=cast.linzhixia, now=now)
    assert secret.ref not in related(client, first)


def test_watching_is_one_click_and_others_are_taken_off(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    client = client_of(cast.linzhixia)
    client.post(reverse("ticket_follow", args=[ticket.pk]))
    client.post(reverse("ticket_watch", args=[ticket.pk]), {"user_name": "chenlu"})
    watching = set(ticket.watchers.values_list("user_id", flat=True))
    assert watching == {cast.linzhixia.pk, cast.chenlu.pk}
    client.post(reverse("ticket_unwatch", args=[ticket.pk]), {"user_id": cast.chenlu.pk})
    client.post(reverse("ticket_unwatch", args=[ticket.pk]))
    assert not ticket.watchers.exists()
