"""Invariant 8: roll-ups equal recomputation, after any crash, in any order."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from core.models import Touched
from opsdesk.demo.cast import Cast
from reports.actions import exploring, facts, follow_touched, rebuild_facts, recompute_tickets
from reports.actions.deriving import move_rows
from reports.models import DailyRollup, LiveCell, LiveRow, OpenSpan, TicketDay, TicketFact
from reports.policies.verifying import CHECKS
from tests.tickets import ladder
from tickets.actions import (
    confirm_ticket,
    edit_ticket,
    reopen_ticket,
    resolve_ticket,
    withdraw_ticket,
)
from tickets.choices import Resolution, Type
from tickets.models import Ticket

ROUNDS = 40


class Killed(Exception):
    """The worker died here."""


def stored() -> dict[str, list[Any]]:
    """Every derived row, without its own key."""
    skipped = {"id"}
    return {
        model.__name__: sorted(
            tuple(str(value) for name, value in row.items() if name not in skipped)
            for row in model.objects.values()
        )
        for model in (TicketFact, OpenSpan, TicketDay, DailyRollup, LiveRow, LiveCell)
    }


def live_on(cast: Cast, dice: random.Random, now: dt.datetime) -> None:
    """One more thing happens to some ticket, whatever its state allows."""
    tickets = list(Ticket.objects.order_by("pk"))
    if not tickets or dice.random() < 0.3:
        ladder.answered(cast, now)
        return
    ticket, staff = dice.choice(tickets), cast.linzhixia
    if ticket.status in ("new", "open"):
        choice = dice.random()
        if choice < 0.5:
            resolve_ticket(ticket, Resolution.ANSWERED, acting_user=staff, now=now)
        elif choice < 0.7:
            withdraw_ticket(ticket, acting_user=cast.wangke, now=now)
        else:
            type_ = dice.choice((Type.HOW_TO, Type.CONFIGURATION, Type.ACCESS))
            edit_ticket(ticket, {"type": type_}, acting_user=staff, now=now)
    elif ticket.status == "resolved" and dice.random() < 0.5:
        confirm_ticket(ticket, acting_user=cast.wangke, now=now)
    elif ticket.status in ("resolved", "closed"):
        reopen_ticket(ticket, "还是不行", acting_user=staff, now=now)


def die_somewhere(monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> None:
    """The next recomputation is killed before one of its writes."""
    calls = dice.randint(0, 5)

    def guarded(real: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            if calls == 0:
                raise Killed
            calls -= 1
            return real(*args, **kwargs)

        return run

    for module in (facts, exploring):
        monkeypatch.setattr(module, "move_rows", guarded(move_rows))
        monkeypatch.setattr(module, "_apply", guarded(module._apply))


def test_any_crash_any_order(cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(7)
    killed = 0
    for number in range(ROUNDS):
        moment = now + dt.timedelta(hours=7 * number)
        for _ in range(dice.randint(1, 4)):
            live_on(cast, dice, moment)
        # The same rows come in another order, some of them twice.
        waiting = list(Touched.objects.values_list("subject", "subject_id"))
        dice.shuffle(waiting)
        Touched.objects.all().delete()
        for subject, subject_id in [*waiting, *waiting[:2]]:
            Touched.objects.create(subject=subject, subject_id=subject_id)
        before = stored()
        with monkeypatch.context() as patched:
            die_somewhere(patched, dice)
            try:
                follow_touched(moment, limit=dice.randint(1, 9))
            except Killed:
                killed += 1
                assert stored() == before
    assert killed > ROUNDS / 4
    while follow_touched(now):
        pass
    kept = stored()
    for name, check in CHECKS.items():
        assert list(check()) == [], name
    DailyRollup.objects.all().delete()
    TicketDay.objects.all().delete()
    rebuild_facts(now)
    assert stored() == kept


def test_a_lower_id_that_commits_later_is_not_missed(cast: Cast, now: dt.datetime) -> None:
    first, second = ladder.submitted(cast, now), ladder.submitted(cast, now)
    lower, higher = Touched.objects.filter(subject="ticket", subject_id__in=(first.pk, second.pk))
    Touched.objects.filter(pk=lower.pk).delete()
    while follow_touched(now):
        pass
    assert not TicketFact.objects.filter(ticket_id=first.pk).exists()
    Touched.objects.create(pk=lower.pk, subject="ticket", subject_id=lower.subject_id)
    assert lower.pk < higher.pk
    follow_touched(now)
    assert TicketFact.objects.filter(ticket_id=first.pk).exists()


def test_twice_is_once(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.answered(cast, now)
    recompute_tickets([ticket.pk], now)
    kept = stored()
    recompute_tickets([ticket.pk, ticket.pk], now)
    assert stored() == kept


@pytest.mark.parametrize("check", ["roll-ups equal recomputation", "facts are current"])
def test_verify_sees_what_is_wrong(cast: Cast, now: dt.datetime, check: str) -> None:
    recompute_tickets([ladder.answered(cast, now).pk], now)
    Touched.objects.all().delete()
    assert list(CHECKS[check]()) == []
    DailyRollup.objects.update(amount=99)
    TicketFact.objects.update(source_version=99)
    assert list(CHECKS[check]())
