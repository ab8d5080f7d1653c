"""Seven people ask for one thing, and each is somewhere else when it is released.

A by a ticket, B by "same here", C through a merged demand, D has left, E has every channel off and
never opens the app, F is outside the roll-out, G has an address that does not work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db.models import F

from accounts.actions import edit_person, mark_left
from accounts.actions.telling import save_telling
from accounts.models import User
from core import registry
from core.events import unfolded
from core.models import Notice, OutboxRow
from core.registry import notice_groups
from feedback.actions import (
    DemandDraft,
    add_feedback,
    create_demand,
    create_release,
    fill_gate,
    merge_demand,
    publish_release,
    put_in_release,
    reach_people,
    roll_back_release,
    roll_out_to,
    roll_out_to_everybody,
    see_people,
    split_demand,
    unmerge_demand,
    verify_demand,
)
from feedback.choices import DemandStatus, RoundKind, RoundState
from feedback.models import Demand, FeedbackItem, Obligation, Release, Round
from feedback.periodic import note_bounced, note_delivered
from feedback.search import told_of, told_of_release
from opsdesk.demo.cast import Cast
from tests.feedback import loop
from tests.standins import MailServer, mail_server
from tickets.actions import same_here
from tickets.models import Ticket

HOUR = dt.timedelta(hours=1)


@dataclass
class Seven:
    """The demand, its release, and the people by their letters."""

    cast: Cast
    now: dt.datetime
    demand: Demand
    other: Demand
    ticket: Ticket
    release: Release
    people: dict[str, User] = field(default_factory=dict)

    def by(self) -> dict[str, Any]:
        return {"acting_user": self.cast.linzhixia, "now": self.now}

    def round_of(self, letter: str, kind: str = RoundKind.RELEASE) -> Round:
        rounds = Round.objects.filter(obligation__person=self.people[letter], kind=kind)
        return rounds.select_related("obligation__demand", "obligation__person").latest("pk")

    def states(self) -> dict[str, str]:
        return {letter: self.round_of(letter).state for letter in self.people}

    def look(self, *letters: str) -> None:
        """These people open the app and see what is new."""
        seen = Notice.objects.filter(recipient__in=[self.people[letter] for letter in letters])
        seen.filter(seen_at__isnull=True).update(seen_at=F("created_at"))
        note_delivered(self.now + HOUR)
        note_bounced(self.now + HOUR)

    def count(self, demand: Demand) -> list[str]:
        standing = Obligation.objects.standing().filter(demand=demand)
        letters = {person.pk: letter for letter, person in self.people.items()}
        return sorted(letters[pk] for pk in standing.values_list("person_id", flat=True))

    def faults(self) -> list[str]:
        checks = registry.verifiers()
        return [f for name, check in checks.items() if "obligation" in name for f in check()]


def _words(seven: Seven, letter: str, demand: Demand) -> FeedbackItem:
    return add_feedback(
        product=demand.product, person=seven.people[letter], words=f"{letter} 也要看到下属的拜访",
        source="interview", demand=demand, **seven.by(),
    )  # fmt: skip


def _has_address(person: User, address: str, seven: Seven) -> None:
    edit_person(person, {"email": address}, acting_user=seven.cast.admin, now=seven.now)


@pytest.fixture
def post(settings: Any) -> Iterator[MailServer]:
    """A real mail server."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAIL_SERVER_IS_GIVEN = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def seven(cast: Cast, now: dt.datetime, post: MailServer) -> Iterator[Seven]:
    """Everything up to the release and its verification; what is due is delivered."""
    demand, ticket = loop.driving(cast, now)
    crm = cast.products["crm"]
    other = create_demand(
        DemandDraft("看不到下属填的拜访", crm, kind="defect"), acting_user=cast.linzhixia, now=now
    )
    made = Seven(cast, now, demand, other, ticket, Release(), {
        "A": cast.wangke, "B": cast.liuyang, "C": cast.zhaoyi, "D": cast.shenyi,
        "E": cast.emma, "F": cast.xucheng, "G": cast.hesiyuan,
    })  # fmt: skip
    same_here(ticket, "我的下属也看不到", acting_user=made.people["B"], now=now)
    for letter in "DEFG":
        _words(made, letter, demand)
    # A asked in the other demand as well, and is still told once.
    for letter in "AC":
        _words(made, letter, other)
    loop.deliver(now)
    made.now = now = now + 2 * HOUR
    merge_demand(other, demand, **made.by())
    mark_left(made.people["D"], now.date(), None, acting_user=cast.admin, now=now)
    _switch_everything_off(made.people["E"], now)
    _has_address(made.people["E"], "emma@yuanhe.example", made)
    _has_address(made.people["G"], "nobody@lost.example", made)
    post.unknown.add("nobody@lost.example")
    _release(made)
    yield made
    assert made.faults() == []
    for row in (*Round.objects.all(), *Obligation.objects.all(), *Demand.objects.all()):
        assert unfolded(row) == {}


def _switch_everything_off(person: User, now: dt.datetime) -> None:
    modes = {
        group.name: {"mail": "off", "chat": "off", **({} if group.obligation else {"inbox": "off"})}
        for group in notice_groups()
        if group.concerns is None or group.concerns(person)
    }
    save_telling(person, modes, {}, acting_user=person, now=now)


def _release(made: Seven) -> None:
    cast, now = made.cast, made.now
    loop.tested(cast, now, made.demand)
    made.release = create_release(cast.products["crm"], "5.8", **made.by())
    put_in_release(made.demand, made.release, **made.by())
    for letter in "ABCDEG":
        roll_out_to(made.release, made.people[letter], now.date(), **made.by())
    fill_gate(made.release, loop.GATE, **made.by())
    see_people(made.release, **made.by())
    publish_release(made.release, **made.by())
    loop.deliver(now)
    made.look("A", "B", "C")  # what they were told on the way
    verify_demand(made.demand, acting_user=cast.zhoumin, now=now)
    loop.deliver(now)
    loop.deliver(now + HOUR)
    note_bounced(now + HOUR)


def test_seven_rows_and_each_in_its_own_state(seven: Seven, post: MailServer) -> None:
    seven.look("A", "B", "C")
    assert seven.count(seven.demand) == list("ABCDEFG")
    assert seven.states() == {
        "A": RoundState.DELIVERED, "B": RoundState.DELIVERED, "C": RoundState.DELIVERED,
        "D": RoundState.WAIVED, "E": RoundState.QUEUED, "F": RoundState.OWED,
        "G": RoundState.UNREACHABLE,
    }  # fmt: skip
    assert (seven.round_of("D").reason, seven.round_of("G").reason) == ("left", "mail bounced")
    asked = Notice.objects.filter(kind="demand.release", recipient=seven.people["A"])
    assert asked.count() == 1
    assert not [mail for mail in post.arrived if mail["To"] == "emma@yuanhe.example"]
    # A's two obligations became one; the second one stands behind it with its rounds.
    assert Obligation.objects.filter(person=seven.people["A"]).count() == 2
    told = told_of_release(seven.release)
    assert (told.delivered, told.to_tell) == (3, 5)
    assert told_of([seven.demand.pk])[seven.demand.pk].people == 7


def test_taking_the_merge_back_gives_c_back_with_what_they_heard(seven: Seven) -> None:
    seven.look("A", "B", "C")
    heard = seven.round_of("C")
    unmerge_demand(Demand.objects.get(pk=seven.other.pk), **seven.by())
    assert seven.count(seven.demand) == list("ABDEFG")
    assert seven.count(seven.other) == ["A", "C"]
    back = Obligation.objects.standing().get(demand=seven.other, person=seven.people["C"])
    assert heard in back.rounds.all()
    kinds = [row.kind for row in back.rounds.order_by("pk")]
    assert {RoundKind.MOVED, RoundKind.DECISION, RoundKind.DATE_CHANGE} <= set(kinds)
    own = Obligation.objects.standing().get(demand=seven.demand, person=seven.people["A"])
    assert own.rounds.filter(kind=RoundKind.RELEASE).get().state == RoundState.DELIVERED
    assert Demand.objects.get(pk=seven.other.pk).status == DemandStatus.COLLECTED


def test_what_c_said_in_between_stays_owed_there(seven: Seven) -> None:
    _words(seven, "C", seven.demand)
    unmerge_demand(Demand.objects.get(pk=seven.other.pk), **seven.by())
    assert "C" in seven.count(seven.demand)
    assert "C" in seven.count(seven.other)
    assert Notice.objects.filter(kind="demand.release", recipient=seven.people["C"]).count() == 1


def test_a_rollback_tells_exactly_those_told(seven: Seven) -> None:
    seven.look("A", "B", "C")
    roll_back_release(seven.release, "列表打不开", **seven.by())
    loop.deliver(seven.now + HOUR)
    told = Round.objects.filter(kind=RoundKind.ROLLBACK).select_related("obligation")
    assert {row.obligation.person for row in told} == {seven.people[name] for name in "ABC"}
    heard = Notice.objects.filter(kind="demand.rollback")
    assert {n.recipient for n in heard} == {seven.people[name] for name in "ABC"}
    # What nobody has seen yet is gone from the inbox as well: it is not live any more.
    unseen = Notice.objects.filter(kind="demand.release", recipient=seven.people["E"])
    assert not unseen.exists()
    assert (seven.states()["E"], seven.states()["F"]) == (RoundState.WAIVED, RoundState.WAIVED)


def test_nobody_hears_of_a_rollback_whose_notice_was_never_sent(seven: Seven) -> None:
    roll_out_to(seven.release, seven.people["F"], seven.now.date(), **seven.by())
    assert seven.states()["F"] == RoundState.QUEUED
    roll_back_release(seven.release, "列表打不开", **seven.by())
    loop.deliver(seven.now + 2 * HOUR)
    assert not Notice.objects.filter(recipient=seven.people["F"], kind="demand.rollback").exists()
    assert not Notice.objects.filter(recipient=seven.people["F"], kind="demand.release").exists()


def test_everybody_is_asked_once_the_roll_out_reaches_them(seven: Seven) -> None:
    day = seven.now.date() + dt.timedelta(days=3)
    roll_out_to_everybody(seven.release, day, **seven.by())
    assert reach_people(seven.release, now=seven.now) == 0
    assert reach_people(seven.release, now=seven.now + dt.timedelta(days=3)) == 1
    assert reach_people(seven.release, now=seven.now + dt.timedelta(days=3)) == 0
    assert seven.states()["F"] == RoundState.QUEUED


def test_g_counts_as_told_once_they_meet_it_in_the_app(seven: Seven) -> None:
    assert seven.states()["G"] == RoundState.UNREACHABLE
    seven.look("G")
    row = seven.round_of("G")
    assert (row.state, row.reason, row.ended_at) == (RoundState.DELIVERED, "", None)


def test_a_split_takes_one_of_them_along_and_can_be_undone(seven: Seven) -> None:
    roll_back_release(seven.release, "列表打不开", **seven.by())
    demand = Demand.objects.get(pk=seven.demand.pk)
    words = FeedbackItem.objects.filter(demand=demand, person=seven.people["E"])
    child = split_demand(demand, list(words), "下属拜访的英文界面", **seven.by())
    assert (seven.count(child), seven.count(demand)) == (["E"], list("ABCDFG"))
    assert OutboxRow.objects.filter(name="demand.moved", done_at__isnull=True).count() == 1
