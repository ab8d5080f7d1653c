"""Who may see a ticket and who may act on it; the refusal shares its set-up with the permission."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import Http404

from accounts.models import User
from core.errors import NotAllowed
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.access import (
    get_ticket_for_edit,
    get_ticket_for_staff,
    get_ticket_for_view,
    may_read_notes,
)
from tickets.actions import (
    TicketDraft,
    accept_cause,
    add_comment,
    add_watcher,
    assign_ticket,
    claim_ticket,
    edit_ticket,
    merge_ticket,
    reject_ticket,
    relay_ticket,
    remove_watcher,
    resolve_ticket,
    restore_ticket,
    submit_ticket,
)
from tickets.choices import Resolution, Type
from tickets.models import Cause, Ticket

#: Who sees a plain CRM ticket of 王珂.
SEES = {"wangke", "linzhixia", "zhoumin", "chenlu", "shenyi", "gaoyuan"}


def fresh(user: User) -> User:
    """The person without rights read before."""
    return User.objects.get(pk=user.pk)


def test_a_plain_ticket_is_seen_by_requester_agents_and_managers(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = ladder.submitted(cast, now)
    seen = set()
    for username, person in cast.people.items():
        visible = Ticket.objects.visible_to(fresh(person)).filter(pk=ticket.pk).exists()
        if visible:
            seen.add(username)
            assert get_ticket_for_view(fresh(person), ticket.pk) == ticket
        else:
            with pytest.raises(Http404):
                get_ticket_for_view(fresh(person), ticket.pk)
    assert seen == SEES


def test_a_watcher_sees_it_but_not_its_notes(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    assert not Ticket.objects.visible_to(fresh(cast.zhaoyi)).exists()
    add_watcher(ticket, cast.zhaoyi, acting_user=cast.wangke, now=now)
    assert get_ticket_for_view(fresh(cast.zhaoyi), ticket.pk) == ticket
    assert not may_read_notes(ticket, fresh(cast.zhaoyi))
    assert may_read_notes(ticket, fresh(cast.zhoumin))


def test_the_pushed_owner_sees_it(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.screened(cast, now)
    assert not Ticket.objects.visible_to(fresh(cast.hesiyuan)).exists()
    ticket = ladder.pushed(cast, now)
    assert get_ticket_for_staff(fresh(cast.hesiyuan), ticket.pk) == ticket


def test_the_outside_team_sees_what_was_relayed_to_it(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now, Type.DATA)
    assert not Ticket.objects.visible_to(fresh(cast.xucheng)).exists()
    relay_ticket(ticket, cast.teams["recognition"], acting_user=cast.linzhixia, now=now)
    assert get_ticket_for_view(fresh(cast.xucheng), ticket.pk) == ticket


def test_a_confidential_ticket_is_for_holder_requester_and_manager(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = claim_ticket(ladder.submitted(cast, now), acting_user=cast.linzhixia, now=now)
    edit_ticket(ticket, {"confidential": True}, acting_user=cast.linzhixia, now=now)
    seen = {
        username
        for username, person in cast.people.items()
        if Ticket.objects.visible_to(fresh(person)).filter(pk=ticket.pk).exists()
    }
    assert seen == {"wangke", "linzhixia", "gaoyuan"}
    listed = {
        username
        for username, person in cast.people.items()
        if Ticket.objects.on_desk_of(fresh(person)).filter(pk=ticket.pk).exists()
    }
    assert listed <= seen


def test_only_staff_edits(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    assert get_ticket_for_edit(fresh(cast.linzhixia), ticket.pk) == ticket
    with pytest.raises(NotAllowed):
        edit_ticket(ticket, {"type": "bug"}, acting_user=fresh(cast.wangke), now=now)
    with pytest.raises(NotAllowed):
        edit_ticket(ticket, {"type": "bug"}, acting_user=fresh(cast.hesiyuan), now=now)


def test_only_the_owner_answers_a_push(cast: Cast, now: dt.datetime) -> None:
    cause = ladder.cause(cast, now)
    for person in (cast.linzhixia, cast.xucheng):
        with pytest.raises(NotAllowed, match="owner"):
            accept_cause(cause, now.date(), acting_user=fresh(person), now=now)
    accept_cause(cause, now.date(), acting_user=fresh(cast.hesiyuan), now=now)
    assert Cause.objects.get().state == "accepted"


def test_only_agents_of_the_product_are_assigned(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    with pytest.raises(Exception, match="assignee"):
        assign_ticket(ticket, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
    assert assign_ticket(ticket, cast.zhoumin, acting_user=cast.linzhixia, now=now).assignee


def test_a_colleague_who_was_faster_is_named(cast: Cast, now: dt.datetime) -> None:
    ticket = claim_ticket(ladder.submitted(cast, now), acting_user=cast.zhoumin, now=now)
    with pytest.raises(Exception, match="assignee") as refusal:
        claim_ticket(ticket, acting_user=cast.linzhixia, now=now)
    assert refusal.value.problems[0].value == "周敏"  # type: ignore[attr-defined]


def test_only_staff_submits_for_a_colleague(cast: Cast, now: dt.datetime) -> None:
    draft = TicketDraft(cast.products["crm"], "代刘洋提交", requester=cast.liuyang)
    with pytest.raises(NotAllowed, match="requester"):
        submit_ticket(draft, acting_user=cast.wangke, now=now)
    ticket = submit_ticket(draft, acting_user=cast.linzhixia, now=now)
    assert (ticket.requester, ticket.channel) == (cast.liuyang, "on_behalf")


def test_tickets_of_two_people_are_not_merged(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    foreign = submit_ticket(
        TicketDraft(cast.products["crm"], "我也看不到"), acting_user=cast.liuyang, now=now
    )
    twin = ladder.submitted(cast, now, "再提一次：看不到")
    with pytest.raises(NotAllowed, match="into"):
        merge_ticket(foreign, ticket, acting_user=cast.linzhixia, now=now)
    merged = merge_ticket(twin, ticket, acting_user=cast.linzhixia, now=now)
    assert (merged.status, merged.merged_into_id) == ("cancelled", ticket.pk)
    restored = restore_ticket(merged, acting_user=cast.linzhixia, now=now)
    assert (restored.status, restored.merged_into_id) == ("new", None)


def test_a_requester_restores_only_what_they_withdrew(cast: Cast, now: dt.datetime) -> None:
    ticket = reject_ticket(
        ladder.submitted(cast, now), "不在支持范围", acting_user=cast.linzhixia, now=now
    )
    with pytest.raises(NotAllowed):
        restore_ticket(ticket, acting_user=cast.wangke, now=now)
    assert restore_ticket(ticket, acting_user=cast.linzhixia, now=now).status == "new"


def test_only_the_requester_confirms(cast: Cast, now: dt.datetime) -> None:
    from tickets.actions import confirm_ticket

    ticket = resolve_ticket(
        ladder.answered(cast, now), Resolution.ANSWERED, acting_user=cast.linzhixia, now=now
    )
    with pytest.raises(NotAllowed):
        confirm_ticket(ticket, acting_user=cast.linzhixia, now=now)
    assert confirm_ticket(ticket, acting_user=cast.wangke, now=now).status == "closed"


def test_a_watcher_may_speak_and_stop_watching(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    with pytest.raises(NotAllowed):
        add_comment(ticket, "我也关心", acting_user=cast.zhaoyi, now=now)
    add_watcher(ticket, cast.zhaoyi, acting_user=cast.wangke, now=now)
    add_comment(ticket, "我也关心", acting_user=cast.zhaoyi, now=now)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.first_response_at) == ("new", None)
    remove_watcher(ticket, cast.zhaoyi, acting_user=cast.zhaoyi, now=now)
    assert not Ticket.objects.visible_to(fresh(cast.zhaoyi)).exists()
