"""Invariant 4 at every moment: random people do random things – they ask, merge, split, release in
part, roll back, leave – and after each step whoever asked is owed word exactly once, nobody owed is
without a row, and nothing is told twice.

OPSDESK_LOOP_EXAMPLES=200 walks longer than CI does.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import mark_left
from accounts.models import User
from core import outbox, registry
from core.errors import Refused
from core.models import Event, Notice, OutboxRow
from core.tasks import deliver_row
from feedback import actions
from feedback.choices import (
    DemandStatus,
    FeedbackSource,
    ReleaseStatus,
    RoundKind,
    RoundState,
)
from feedback.models import Demand, FeedbackItem, Obligation, Release, Round
from feedback.periodic import (
    close_unasked,
    expire_silent,
    note_bounced,
    note_delivered,
    pass_on_rounds,
    reach_due,
    remind_silent,
)
from opsdesk.demo.cast import Cast
from tests.feedback.promises import check_promises
from tests.tickets import ladder
from tickets.actions import confirm_ticket, reopen_ticket, same_here
from tickets.choices import Status
from tickets.models import Ticket

Row = TypeVar("Row")
STEPS = 60
#: So few that they meet: people join late, releases carry several.
DEMANDS = 3


class NobodyThere(Exception):
    """There is nothing yet to do this to."""


class World:
    """The cast at work on demands of CRM; every choice comes from one seed."""

    def __init__(self, cast: Cast, now: dt.datetime, dice: Random) -> None:
        self.cast = cast
        self.now = now
        self.dice = dice
        self.crm = cast.products["crm"]
        self.agents = [cast.linzhixia, cast.zhoumin, cast.chenlu]
        self.people = [cast.wangke, cast.liuyang, cast.zhaoyi, cast.emma, cast.xucheng]
        self.done: dict[str, int] = {}
        self.refused: dict[str, str] = {}

    @property
    def agent(self) -> User:
        return self.dice.choice(self.agents)

    def one_of(self, rows: Iterable[Row]) -> Row:
        found = list(rows)
        if not found:
            raise NobodyThere
        return self.dice.choice(found)

    def demand(self, *statuses: str) -> Demand:
        demands = Demand.objects.order_by("pk")
        return self.one_of(demands.filter(status__in=statuses) if statuses else demands)

    def release(self, status: str) -> Release:
        found = Release.objects.filter(status=status, demands__isnull=False).distinct()
        return self.one_of(found.order_by("pk"))

    def question(self) -> Round:
        rounds = Round.objects.filter(kind=RoundKind.RELEASE, ended_at__isnull=True)
        return self.one_of(rounds.select_related("obligation__person").order_by("pk"))

    def ticket(self, *statuses: str) -> Ticket:
        driven = Ticket.objects.exclude(driver="").filter(status__in=statuses).order_by("pk")
        return self.one_of(driven.select_related("requester"))

    def words(self) -> str:
        return f"原话 {self.dice.randrange(10**6)}"

    # ---- what people do -------------------------------------------------------------------------

    def create(self) -> None:
        if Demand.objects.count() >= DEMANDS:
            raise NobodyThere
        kind = self.dice.choice(["defect", "improvement"])
        draft = actions.DemandDraft(self.words(), self.crm, kind=kind)
        actions.create_demand(draft, acting_user=self.agent, now=self.now)

    def ask(self) -> None:
        actions.add_feedback(
            product=self.crm, person=self.dice.choice(self.people), words=self.words(),
            source=self.dice.choice([FeedbackSource.CHAT, FeedbackSource.INTERVIEW]),
            demand=self.demand("collected", "evaluating", "accepted", "scheduled",
                               "in_development", "testing", "released"),
            acting_user=self.agent, now=self.now,
        )  # fmt: skip

    def drive(self) -> None:
        ticket = ladder.screened(self.cast, self.now)
        demand = self.demand(
            "collected", "evaluating", "accepted", "scheduled", "in_development", "released"
        )
        actions.drive_by_demand(
            ticket, demand, self.words(), acting_user=self.cast.linzhixia, now=self.now
        )

    def evaluate(self) -> None:
        actions.evaluate_demand(self.demand(), acting_user=self.agent, now=self.now)

    def accept(self) -> None:
        actions.accept_demand(self.demand(), "值得做", acting_user=self.agent, now=self.now)

    def decline(self) -> None:
        actions.decline_demand(self.demand(), "不做了", acting_user=self.agent, now=self.now)

    def defer(self) -> None:
        until = self.now.date() + dt.timedelta(days=self.dice.randrange(1, 90))
        actions.defer_demand(self.demand(), until, "下季度", acting_user=self.agent, now=self.now)

    def appeal(self) -> None:
        demand = self.demand(DemandStatus.DECLINED)
        standing = demand.obligations.standing().select_related("person")
        owed = [o.person for o in standing.order_by("pk")]
        actions.appeal_demand(demand, self.words(), acting_user=self.one_of(owed), now=self.now)

    def schedule(self) -> None:
        day = self.now.date() + dt.timedelta(days=self.dice.randrange(60))
        actions.schedule_demand(self.demand(), day, acting_user=self.agent, now=self.now)

    def develop(self) -> None:
        actions.start_development(self.demand(), acting_user=self.agent, now=self.now)

    def test(self) -> None:
        actions.start_testing(self.demand(), acting_user=self.agent, now=self.now)

    def bundle(self) -> None:
        """A release through its gate, with every demand that is tested."""
        free = Demand.objects.filter(status=DemandStatus.TESTING, release=None).order_by("pk")
        tested = list(free)
        if not tested:
            raise NobodyThere
        name = f"5.{Release.objects.count()}"
        by: dict[str, Any] = {"acting_user": self.agent, "now": self.now}
        release = actions.create_release(self.crm, name, **by)
        for demand in tested:
            actions.put_in_release(demand, release, **by)
        if self.dice.random() < 0.5:
            for person in self.dice.sample(self.people, 2):
                actions.roll_out_to(release, person, self.day(5), **by)
        gate = {"pages_unchanged": True, "announcement": "新版本", "measures_nothing": True}
        actions.fill_gate(release, gate, **by)
        actions.see_people(release, **by)

    def publish(self) -> None:
        release = self.release(ReleaseStatus.PLANNED)
        actions.publish_release(release, acting_user=self.agent, now=self.now)

    def day(self, within: int) -> dt.date:
        return self.now.date() + dt.timedelta(days=self.dice.randrange(within))

    def roll_out(self) -> None:
        """A release in part reaches one person more, or everybody."""
        rolling = Release.objects.filter(is_partial=True).exclude(status="rolled_back")
        release = self.one_of(rolling.order_by("pk"))
        by: dict[str, Any] = {"acting_user": self.agent, "now": self.now}
        if self.dice.random() < 0.3:
            actions.roll_out_to_everybody(release, self.day(3), **by)
        else:
            actions.roll_out_to(release, self.dice.choice(self.people), self.day(3), **by)

    def merge(self) -> None:
        demand, into = self.demand(), self.demand()
        actions.merge_demand(demand, into, acting_user=self.agent, now=self.now)

    def unmerge(self) -> None:
        demand = self.demand(DemandStatus.MERGED)
        actions.unmerge_demand(demand, acting_user=self.agent, now=self.now)

    def split(self) -> None:
        demand = self.demand()
        words = list(demand.feedback.order_by("pk"))
        if not words:
            raise NobodyThere
        some = self.dice.sample(words, self.dice.randrange(1, len(words) + 1))
        actions.split_demand(demand, some, self.words(), acting_user=self.agent, now=self.now)

    def undo_split(self) -> None:
        demand = self.one_of(Demand.objects.filter(split_from__isnull=False).order_by("pk"))
        actions.undo_split(demand, acting_user=self.agent, now=self.now)

    def fail(self) -> None:
        demand = self.demand(DemandStatus.RELEASED)
        actions.fail_demand(demand, "生产环境报错", acting_user=self.agent, now=self.now)

    def tell_progress(self) -> None:
        actions.tell_progress(self.demand(), "还在做", acting_user=self.agent, now=self.now)

    def meet_it_too(self) -> None:
        """Somebody else says "same here" of a ticket that a demand drives."""
        driven = Ticket.objects.exclude(driver="").unresolved().order_by("pk")
        same_here(
            self.one_of(driven), self.words(), acting_user=self.dice.choice(self.people),
            now=self.now,
        )  # fmt: skip

    def mail_comes_back(self) -> None:
        queued = Round.objects.filter(state=RoundState.QUEUED).select_related("obligation")
        actions.bounce_round(self.one_of(queued.order_by("pk")), now=self.now)

    def verify(self) -> None:
        demand = self.demand(DemandStatus.RELEASED)
        actions.verify_demand(demand, acting_user=self.agent, now=self.now)

    def roll_back(self) -> None:
        release = self.release(ReleaseStatus.RELEASED)
        actions.roll_back_release(release, "报错", acting_user=self.agent, now=self.now)

    def answer(self) -> None:
        question = self.question()
        state = self.dice.choice([RoundState.CONFIRMED, RoundState.NOT_SOLVED])
        actions.answer_round(
            question, state, self.words(), acting_user=question.obligation.person, now=self.now
        )

    def confirm_ticket(self) -> None:
        ticket = self.ticket(Status.RESOLVED)
        confirm_ticket(ticket, acting_user=ticket.requester, now=self.now)

    def reopen_ticket(self) -> None:
        ticket = self.ticket(Status.RESOLVED)
        reopen_ticket(ticket, self.words(), acting_user=ticket.requester, now=self.now)

    def read(self) -> None:
        owed = self.one_of(Obligation.objects.order_by("pk").select_related("demand", "person"))
        actions.read_rounds(owed.demand, acting_user=owed.person, now=self.now)

    def look_at_inbox(self) -> None:
        """Some unseen notices were rendered to their people."""
        unseen = list(Notice.objects.filter(seen_at__isnull=True).values_list("pk", flat=True))
        some = self.dice.sample(unseen, len(unseen) // 2)
        Notice.objects.filter(pk__in=some).update(seen_at=F("created_at"))
        note_delivered(self.now)

    def close(self) -> None:
        demand = self.demand(DemandStatus.RELEASED)
        actions.close_demand(demand, "工单少了一半", acting_user=self.agent, now=self.now)

    def leave(self) -> None:
        """Somebody leaves the company; at most two, so that work goes on."""
        if len(self.people) <= 3:
            raise NobodyThere
        person = self.people.pop()
        mark_left(
            User.objects.get(pk=person.pk), self.now.date(), None,
            acting_user=self.cast.admin, now=self.now,
        )  # fmt: skip

    def days_pass(self) -> None:
        self.now += dt.timedelta(days=self.dice.randrange(1, 10))
        for follow in (
            note_delivered, note_bounced, pass_on_rounds, reach_due, remind_silent, expire_silent,
            close_unasked,
        ):  # fmt: skip
            follow(self.now)

    def deliver(self) -> None:
        """A worker delivers everything due, and every row of it once more."""
        self.now += dt.timedelta(minutes=1)
        while rows := outbox.claim(self.now):
            for row in rows:
                deliver_row(row, self.now)
                before = everything()
                again(row, self.now)
                assert everything() == before, f"{row.name} delivered twice is not once"
        # Taken back in time, or no longer the reader's business, is no failure.
        said = OutboxRow.objects.exclude(last_error="").exclude(last_error=outbox.WITHDRAWN)
        failed = said.exclude(last_error__startswith="not sent")
        assert list(failed.values_list("last_error")) == []

    def start(self) -> None:
        """Demands that somebody has asked for."""
        for _demand in range(DEMANDS):
            self.create()
        for demand in Demand.objects.order_by("pk"):
            actions.add_feedback(
                product=self.crm, person=self.one_of(self.people), words=self.words(),
                source=FeedbackSource.VISIT, demand=demand, acting_user=self.agent, now=self.now,
            )  # fmt: skip

    def step(self) -> None:
        likely: list[Callable[[], None]] = [self.ask, self.drive, self.deliver, self.answer]
        others = [
            self.create, self.evaluate, self.accept, self.decline, self.defer, self.appeal,
            self.schedule, self.develop, self.test, self.bundle, self.publish, self.verify,
            self.roll_back, self.confirm_ticket, self.reopen_ticket, self.read,
            self.look_at_inbox, self.close, self.days_pass, self.leave, self.merge, self.unmerge,
            self.split, self.undo_split, self.roll_out, self.fail, self.tell_progress,
            self.meet_it_too, self.mail_comes_back, self.merge, self.unmerge, self.split,
        ]  # fmt: skip
        # Mostly onwards: a walk of pure chance hardly ever gets as far as a release.
        onwards = self.dice.random() < 0.6
        act = self.dice.choice(self.forward() if onwards else likely * 2 + others)
        self.now += dt.timedelta(minutes=7)
        before = written()
        try:
            act()
        except NobodyThere:
            return
        except Refused as refusal:
            self.refused[act.__name__] = f"{refusal}"
            # Two acts of several actions each; every other one is refused whole.
            if act.__name__ not in ("bundle", "drive"):
                assert written() == before, f"{act.__name__} was refused and yet wrote"
            return
        self.done[act.__name__] = self.done.get(act.__name__, 0) + 1

    def forward(self) -> list[Callable[[], None]]:
        """The next step of some demand, so that the walk reaches the end of the loop often."""
        following = {
            DemandStatus.COLLECTED: self.accept, DemandStatus.EVALUATING: self.accept,
            DemandStatus.ACCEPTED: self.schedule, DemandStatus.SCHEDULED: self.develop,
            DemandStatus.IN_DEVELOPMENT: self.test, DemandStatus.TESTING: self.bundle,
            DemandStatus.RELEASED: self.verify, DemandStatus.DECLINED: self.appeal,
            DemandStatus.DEFERRED: self.evaluate,
        }  # fmt: skip
        there = Demand.objects.order_by("pk").values_list("status", flat=True)
        return [following[DemandStatus(s)] for s in there if s in following] + [
            self.publish, self.deliver, self.answer,
        ]  # fmt: skip


def again(row: OutboxRow, now: dt.datetime) -> None:
    """The worker died after acting and before it could say so."""
    if row.kind == OutboxRow.Kind.NEWS:
        for receiver in registry.receivers_of(row.name):
            receiver(row.payload, now)
    elif row.kind == OutboxRow.Kind.JOB:
        registry.job_named(row.name)(row.payload, now)
    else:
        deliver_row(row, now)


def written() -> tuple[int, ...]:
    """How much was ever written: every change leaves an event."""
    return tuple(model._default_manager.count() for model in (Event, OutboxRow, FeedbackItem))


def everything() -> list[Any]:
    """What a second delivery must leave as it is."""
    models = (Demand, Release, FeedbackItem, Obligation, Round, Ticket, Notice)
    tables = [list(model._default_manager.order_by("pk").values_list()) for model in models]
    return [*tables, Event.objects.count(), OutboxRow.objects.count()]


EXAMPLES = int(os.environ.get("OPSDESK_LOOP_EXAMPLES", "12"))
walks = settings(
    max_examples=EXAMPLES, deadline=None, print_blob=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
                           HealthCheck.data_too_large, HealthCheck.large_base_example],
)  # fmt: skip
#: Hypothesis chooses, so that a walk that fails is shown in its shortest form.
DICE = st.randoms(use_true_random=False)


def walk(cast: Cast, now: dt.datetime, dice: Random, steps: int, every: int = 1) -> World:
    """One walk in a transaction that is thrown away; everything is checked after `every` steps."""
    with transaction.atomic():
        world = World(cast, now, dice)
        world.start()
        for step in range(steps):
            world.step()
            if step % every == 0:
                check_promises()
        check_promises()
        transaction.set_rollback(True)
    return world


@pytest.mark.slow
@pytest.mark.timeout(600)
@walks
@given(dice=DICE)
def test_random_walks_keep_every_promise(cast: Cast, now: dt.datetime, dice: Random) -> None:
    walk(cast, now, dice, STEPS)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_walks_reach_the_end_of_the_loop(cast: Cast, now: dt.datetime) -> None:
    """Walks that did nothing would prove nothing: together they do everything there is to do."""
    done: set[str] = set()
    wanted = {
        "publish", "verify", "answer", "merge", "unmerge", "split", "roll_out", "roll_back",
        "leave",
        "meet_it_too", "days_pass",
    }  # fmt: skip
    for seed in range(8):
        world = walk(cast, now, Random(seed), 150, every=50)
        done |= world.done.keys()
        if wanted <= done:
            break
    assert wanted <= done, wanted - done
