"""Undo: a new event that reverses an act, for 30 days, refused by name where it was overtaken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.events import history, recorded_value, unfolded
from core.models import Notice, OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, cause, routed, screened
from tickets.actions import (
    add_comment,
    add_watcher,
    ask_requester,
    assign_ticket,
    claim_ticket,
    edit_ticket,
    merge_ticket,
    move_up,
    push_ticket,
    reject_ticket,
    relay_ticket,
    resolve_ticket,
    return_relay,
    tag_ticket,
    undo_act,
)
from tickets.actions.acts import Act, carry_out
from tickets.actions.undo_sides import UNDOING
from tickets.choices import Status
from tickets.errors import ChangedSince, NotUndoable
from tickets.models import Comment, FormerText, HandOver, Ticket, TicketLink, Watcher
from tickets.periodic import forget_former
from tickets.policies import VERBS

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


def stored(ticket: Ticket) -> dict[str, object]:
    """Everything recorded about a ticket but its version."""
    row = Ticket.objects.get(pk=ticket.pk)
    assert unfolded(row) == {}
    return {name: recorded_value(row, name) for name in Ticket.EVENT_FIELDS}


def last_version(ticket: Ticket) -> int:
    return Ticket.objects.values_list("version", flat=True).get(pk=ticket.pk)


def deliver(now: dt.datetime) -> None:
    """Let everything leave that is due by `now`."""
    for row in OutboxRow.objects.filter(done_at=None, due_at__lte=now):
        deliver_row(row, now)


Do = Callable[[Ticket, Cast, dt.datetime], object]
ACTS: dict[str, Do] = {
    "claim": lambda t, c, at: claim_ticket(t, acting_user=c.linzhixia, now=at),
    "assign": lambda t, c, at: assign_ticket(t, c.zhoumin, acting_user=c.linzhixia, now=at),
    "edit": lambda t, c, at: edit_ticket(
        t, {"title": "新标题", "impact": 3, "evidence": "日志"}, acting_user=c.linzhixia, now=at
    ),
    "tag": lambda t, c, at: tag_ticket(t, add=["大促"], acting_user=c.linzhixia, now=at),
    "ask": lambda t, c, at: ask_requester(t, "哪个页面？", acting_user=c.linzhixia, now=at),
    "reply": lambda t, c, at: add_comment(t, "已处理", acting_user=c.linzhixia, now=at),
    "note": lambda t, c, at: add_comment(t, "备注", kind="note", acting_user=c.linzhixia, now=at),
    "move_up": lambda t, c, at: move_up(t, 2, acting_user=c.linzhixia, now=at),
    "relay": lambda t, c, at: relay_ticket(
        t, c.teams["crm_development"], "请看", acting_user=c.linzhixia, now=at
    ),
    "reject": lambda t, c, at: reject_ticket(t, "重复提交", acting_user=c.linzhixia, now=at),
    "watch": lambda t, c, at: add_watcher(t, c.chenlu, acting_user=c.linzhixia, now=at),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_undone_at_once_leaves_the_ticket_as_it_was(
    name: str, cast: Cast, now: dt.datetime
) -> None:
    ticket = routed(cast, now)
    before = stored(ticket)
    sides = side_rows(ticket)
    ACTS[name](ticket, cast, now + SECOND)
    assert (stored(ticket), side_rows(ticket)) != (before, sides)
    undone = undo_act(
        ticket, last_version(ticket), acting_user=cast.linzhixia, now=now + 5 * SECOND
    )
    assert not undone.words_stay
    assert stored(ticket) == before
    assert side_rows(ticket) == sides
    assert history("ticket", ticket.pk).last().verb == "undo"  # type: ignore[union-attr]
    # Nobody is told of what never was.
    deliver(now + 60 * SECOND)
    assert not Notice.objects.filter(subject="ticket", subject_id=ticket.pk).exists()


def side_rows(ticket: Ticket) -> tuple[int, ...]:
    return tuple(
        model.objects.filter(ticket=ticket).count() for model in (HandOver, Watcher, Comment)
    )


def test_an_act_undone_late_sends_one_correction(cast: Cast, now: dt.datetime) -> None:
    ticket = answered(cast, now)
    deliver(now + 60 * SECOND)
    Notice.objects.all().delete()
    resolve_ticket(ticket, "answered", acting_user=cast.linzhixia, now=now + 61 * SECOND)
    deliver(now + 120 * SECOND)
    assert [n.kind for n in Notice.objects.filter(recipient=cast.wangke)] == ["ticket.status"]
    undo_act(ticket, last_version(ticket), acting_user=cast.linzhixia, now=now + 130 * SECOND)
    deliver(now + 200 * SECOND)
    kinds = [n.kind for n in Notice.objects.filter(recipient=cast.wangke).order_by("id")]
    assert kinds == ["ticket.status", "ticket.undone"]
    assert stored(ticket)["status"] == Status.OPEN


def test_what_was_delivered_is_not_unsaid_but_its_other_half_is_undone(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = answered(cast, now)
    act = Act("resolve", {"resolution": "answered", "reply": "这样就好了"})
    carry_out(ticket, act, acting_user=cast.linzhixia, now=now + SECOND)
    deliver(now + 60 * SECOND)
    undone = undo_act(
        ticket, last_version(ticket), acting_user=cast.linzhixia, now=now + 61 * SECOND
    )
    assert undone.words_stay
    assert undone.ticket.status == Status.OPEN
    assert Comment.objects.filter(ticket=ticket, body="这样就好了").exists()
    add_comment(ticket, "再补一句", acting_user=cast.linzhixia, now=now + 70 * SECOND)
    deliver(now + 120 * SECOND)
    with pytest.raises(NotUndoable) as refusal:
        undo_act(ticket, last_version(ticket), acting_user=cast.linzhixia, now=now + 121 * SECOND)
    assert refusal.value.problems[0].value == "comment"


def test_a_later_change_of_the_same_field_is_named_and_one_undone_meanwhile_is_not(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = routed(cast, now)
    edit_ticket(ticket, {"urgency": 3, "title": "甲"}, acting_user=cast.linzhixia, now=now + SECOND)
    first = last_version(ticket)
    edit_ticket(ticket, {"title": "乙"}, acting_user=cast.zhoumin, now=now + 2 * SECOND)
    second = last_version(ticket)
    with pytest.raises(ChangedSince) as refusal:
        undo_act(ticket, first, acting_user=cast.linzhixia, now=now + 3 * SECOND)
    [problem] = refusal.value.problems
    assert problem.field == "title"
    assert cast.zhoumin.name in str(problem.message)
    undo_act(ticket, second, acting_user=cast.zhoumin, now=now + 4 * SECOND)
    undo_act(ticket, first, acting_user=cast.linzhixia, now=now + 5 * SECOND)
    assert stored(ticket)["urgency"] == 2
    assert Ticket.objects.get(pk=ticket.pk).title == "拜访记录提交后，主管看不到"


def test_only_who_acted_undoes_it_once_and_for_30_days(cast: Cast, now: dt.datetime) -> None:
    ticket = routed(cast, now)
    ticket = claim_ticket(ticket, acting_user=cast.linzhixia, now=now + SECOND)
    month = dt.timedelta(days=30)

    def refused(user: User, at: dt.datetime) -> str:
        with pytest.raises(NotUndoable) as refusal:
            undo_act(ticket, ticket.version, acting_user=user, now=at)
        return refusal.value.problems[0].value

    assert refused(cast.zhoumin, now + 2 * SECOND) == cast.linzhixia.name
    assert refused(cast.linzhixia, now + month + 2 * SECOND) == timezone.localdate(now).isoformat()
    undo_act(ticket, ticket.version, acting_user=cast.linzhixia, now=now + month)
    assert refused(cast.linzhixia, now + month) == "claim"


def test_a_return_undone_gives_the_hand_over_back(cast: Cast, now: dt.datetime) -> None:
    ticket = relay_ticket(
        routed(cast, now), cast.teams["crm_development"], "请看日志", acting_user=cast.linzhixia,
        now=now + SECOND,
    )  # fmt: skip
    return_relay(ticket, "misjudged", "不是我们", acting_user=cast.hesiyuan, now=now + 2 * SECOND)
    undo_act(ticket, last_version(ticket), acting_user=cast.hesiyuan, now=now + 3 * SECOND)
    hand_over = HandOver.objects.get(ticket=ticket)
    assert (hand_over.returned_at, hand_over.reason, hand_over.note) == (None, "", "请看日志")
    assert stored(ticket)["status"] == Status.ON_HOLD
    assert stored(ticket)["bounces"] == 0


def test_a_push_undone_takes_the_cause_back_from_an_owner_who_did_nothing(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = screened(cast, now)
    before = stored(ticket)
    given = cause(cast, now + SECOND)
    push_ticket(ticket, given, acting_user=cast.linzhixia, now=now + SECOND)
    undo_act(ticket, last_version(ticket), acting_user=cast.linzhixia, now=now + 2 * SECOND)
    given.refresh_from_db()
    assert (given.state, given.owner) == ("suspected", None)
    assert stored(ticket) == before
    deliver(now + 60 * SECOND)
    assert not Notice.objects.filter(recipient=cast.hesiyuan).exists()


def test_a_merge_undone_gives_the_conversation_back_and_leaves_what_came_between(
    cast: Cast, now: dt.datetime
) -> None:
    first, second = routed(cast, now), routed(cast, now)
    add_watcher(second, cast.chenlu, acting_user=cast.linzhixia, now=now)
    add_comment(second, "原话", acting_user=cast.wangke, now=now)
    before = stored(second)
    merge_ticket(second, first, acting_user=cast.linzhixia, now=now + SECOND)
    add_comment(first, "之间的话", acting_user=cast.wangke, now=now + 2 * SECOND)
    undo_act(second, last_version(second), acting_user=cast.linzhixia, now=now + 3 * SECOND)
    assert stored(second) == before
    assert [c.body for c in second.comments.all()] == ["原话"]
    assert [c.body for c in first.comments.all()] == ["之间的话"]
    assert not TicketLink.objects.exists()
    assert not first.watchers.exists()
    assert history("ticket", first.pk).last().verb == "unmerged"  # type: ignore[union-attr]
    assert unfolded(Ticket.objects.get(pk=first.pk)) == {}


def test_the_page_offers_undo_and_says_why_it_was_not_done(
    cast: Cast, now: dt.datetime, client_of: Callable[[User], Client]
) -> None:
    ticket = routed(cast, now)
    own, other = client_of(cast.linzhixia), client_of(cast.zhoumin)
    own.post(reverse("ticket_assign", args=[ticket.pk]), {"assignee": cast.zhoumin.pk})
    undo = reverse("ticket_undo", args=[ticket.pk, last_version(ticket)])
    page = reverse("ticket", args=[ticket.pk])
    # In the toast and in the history of who did it, and nowhere for a colleague.
    assert own.get(page).content.decode().count(undo) == 2
    assert own.get(page).content.decode().count(undo) == 1
    assert undo not in other.get(page).content.decode()
    assert "只有" in other.post(undo, follow=True).content.decode()
    other.post(reverse("ticket_assign", args=[ticket.pk]), {"assignee": cast.chenlu.pk})
    refused = own.post(undo, follow=True).content.decode()
    assert cast.zhoumin.name in refused
    assert stored(ticket)["assignee_id"] == cast.chenlu.pk
    other.post(reverse("ticket_undo", args=[ticket.pk, last_version(ticket)]))
    own.post(undo)
    assert stored(ticket)["assignee_id"] is None
    assert undo not in own.get(page).content.decode()


def test_former_texts_are_kept_only_for_as_long_as_they_can_be_needed(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = routed(cast, now)
    edit_ticket(ticket, {"title": "新标题"}, acting_user=cast.linzhixia, now=now)
    assert forget_former(now + dt.timedelta(days=30)) == 0
    assert FormerText.objects.get().text == "拜访记录提交后，主管看不到"
    assert forget_former(now + dt.timedelta(days=31)) == 1
    with pytest.raises(NotUndoable):
        undo_act(ticket, last_version(ticket), acting_user=cast.linzhixia, now=now)


def test_every_verb_says_how_it_is_undone() -> None:
    recorded_as = {"return_relay": "return", "deliver_relay": "resolve"}
    for verb in VERBS:
        assert recorded_as.get(verb, verb) in UNDOING, verb
