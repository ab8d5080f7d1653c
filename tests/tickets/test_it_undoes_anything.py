"""Random acts and their undos: the fields are restored exactly or the undo refuses by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.errors import Refused
from core.events import history, recorded_value, unfolded
from opsdesk.demo.cast import Cast
from tests.guards.world import undone
from tests.tickets.ladder import answered, routed
from tickets import actions
from tickets.actions.undoing import act_of, undone_versions
from tickets.errors import ChangedSince, NotUndoable
from tickets.models import Comment, HandOver, Ticket, TicketLink, Watcher
from tickets.rendering.words import field_of

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)

Do = Callable[[Ticket, Ticket, Cast, User, dt.datetime], object]


def _any_link(ticket: Ticket) -> TicketLink:
    link = TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket)).first()
    if link is None:
        raise Refused
    return link


ACTS: dict[str, Do] = {
    "claim": lambda t, o, c, u, at: actions.claim_ticket(t, acting_user=u, now=at),
    "assign": lambda t, o, c, u, at: actions.assign_ticket(t, c.chenlu, acting_user=u, now=at),
    "release": lambda t, o, c, u, at: actions.assign_ticket(t, None, acting_user=u, now=at),
    "title": lambda t, o, c, u, at: actions.edit_ticket(
        t, {"title": f"标题 {at.second}", "evidence": "日志"}, acting_user=u, now=at
    ),
    "weight": lambda t, o, c, u, at: actions.edit_ticket(
        t, {"impact": 1 + at.second % 3, "urgency": 3}, acting_user=u, now=at
    ),
    "type": lambda t, o, c, u, at: actions.edit_ticket(t, {"type": "bug"}, acting_user=u, now=at),
    "tag": lambda t, o, c, u, at: actions.tag_ticket(t, add=["大促"], acting_user=u, now=at),
    "untag": lambda t, o, c, u, at: actions.tag_ticket(t, remove=["大促"], acting_user=u, now=at),
    "reply": lambda t, o, c, u, at: actions.add_comment(t, "已处理", acting_user=u, now=at),
    "ask": lambda t, o, c, u, at: actions.ask_requester(t, "哪个页面？", acting_user=u, now=at),
    "move_up": lambda t, o, c, u, at: actions.move_up(t, 2, acting_user=u, now=at),
    "return": lambda t, o, c, u, at: actions.return_ticket(
        t, 1, "misjudged", "不对", acting_user=u, now=at
    ),
    "relay": lambda t, o, c, u, at: actions.relay_ticket(
        t, c.teams["crm_development"], "请看", acting_user=u, now=at
    ),
    "resolve": lambda t, o, c, u, at: actions.resolve_ticket(t, "answered", acting_user=u, now=at),
    "reopen": lambda t, o, c, u, at: actions.reopen_ticket(t, "还不行", acting_user=u, now=at),
    "reject": lambda t, o, c, u, at: actions.reject_ticket(t, "重复", acting_user=u, now=at),
    "merge": lambda t, o, c, u, at: actions.merge_ticket(t, o, acting_user=u, now=at),
    "restore": lambda t, o, c, u, at: actions.restore_ticket(t, acting_user=u, now=at),
    "watch": lambda t, o, c, u, at: actions.add_watcher(t, c.shenyi, acting_user=u, now=at),
    "unwatch": lambda t, o, c, u, at: actions.remove_watcher(t, c.shenyi, acting_user=u, now=at),
    "link": lambda t, o, c, u, at: actions.link_tickets(t, o, "blocks", acting_user=u, now=at),
    "unlink": lambda t, o, c, u, at: actions.unlink_tickets(
        t, _any_link(t), acting_user=u, now=at
    ),
}  # fmt: skip
names = st.lists(st.sampled_from(sorted(ACTS)), min_size=1, max_size=8)


def stored(ticket: Ticket) -> dict[str, object]:
    row = Ticket.objects.get(pk=ticket.pk)
    assert unfolded(row) == {}
    return {name: recorded_value(row, name) for name in Ticket.EVENT_FIELDS}


def beside(ticket: Ticket) -> list[object]:
    """What stands in rows beside the ticket."""
    return [
        sorted(HandOver.objects.filter(ticket=ticket).values_list("from_level", "returned_at")),
        sorted(Watcher.objects.filter(ticket=ticket).values_list("user_id", flat=True)),
        sorted(Comment.objects.filter(ticket=ticket).values_list("body", flat=True)),
        sorted(TicketLink.objects.values_list("source_id", "target_id", "kind")),
    ]


def play(
    wanted: list[str], ticket: Ticket, other: Ticket, cast: Cast, at: dt.datetime
) -> list[tuple[User, int]]:
    """Do what the guards let through, a second each; who did which version."""
    done = []
    for place, name in enumerate(wanted):
        user = (cast.linzhixia, cast.zhoumin)[place % 2]
        at += SECOND
        before = Ticket.objects.get(pk=ticket.pk)
        try:
            ACTS[name](before, other, cast, user, at)
        except Refused:
            continue
        version = Ticket.objects.values_list("version", flat=True).get(pk=ticket.pk)
        if version != before.version:
            done.append((user, version))
    return done


def undo(ticket: Ticket, version: int, user: User, at: dt.datetime) -> Refused | None:
    try:
        actions.undo_act(ticket, version, acting_user=user, now=at)
    except (ChangedSince, NotUndoable) as refusal:
        return refusal
    return None


def changed_after(ticket: Ticket, version: int) -> set[str]:
    """The fields that acts after `version` changed which still hold."""
    later = history("ticket", ticket.pk).filter(version__gt=version)
    gone = undone_versions(later)
    return {field_of(n) for event in later if event.version not in gone for n in event.changes}


quick = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(wanted=names)
@example(wanted=["watch", "unwatch"])
@example(wanted=["link", "unlink"])
def test_acts_undone_newest_first_leave_nothing_behind(
    wanted: list[str], cast: Cast, now: dt.datetime
) -> None:
    with undone():
        ticket, other = answered(cast, now), routed(cast, now)
        before, sides, others = stored(ticket), beside(ticket), stored(other)
        done = play(wanted, ticket, other, cast, now)
        at = now + 9 * SECOND
        for user, version in reversed(done):
            at += SECOND
            actions.undo_act(ticket, version, acting_user=user, now=at)
        assert stored(ticket) == before
        assert beside(ticket) == sides
        assert stored(other) == others


@quick
@given(wanted=names, order=st.randoms(use_true_random=False))
def test_an_undo_in_any_order_restores_its_fields_or_names_what_stands_against_it(
    wanted: list[str], order: object, cast: Cast, now: dt.datetime
) -> None:
    with undone():
        ticket, other = answered(cast, now), routed(cast, now)
        done = play(wanted, ticket, other, cast, now)
        order.shuffle(done)  # type: ignore[attr-defined]
        at = now + 9 * SECOND
        for user, version in done:
            at += SECOND
            act = act_of(ticket, version)
            wished: dict[str, object] = {}
            for event in act:
                for name, (was, _after) in event.changes.items():
                    wished.setdefault(name, was)
            before = stored(ticket)
            refusal = undo(ticket, version, user, at)
            if refusal is not None:
                # A refused undo changed nothing, and names what it met.
                assert stored(ticket) == before
                assert all(problem.message and problem.remedy for problem in refusal.problems)
            if isinstance(refusal, ChangedSince):
                # Rows beside the ticket (a watcher, a link) are named by what they are.
                named = {problem.field for problem in refusal.problems}
                assert named <= changed_after(ticket, act[-1].version) | {"user", "other"}
            if refusal is None:
                after = stored(ticket)
                assert {name: after[name] for name in wished} == wished
                untouched = set(after) - set(wished)
                assert {n: after[n] for n in untouched} == {n: before[n] for n in untouched}
