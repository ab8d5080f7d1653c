"""Silence closes a resolved ticket: announced with its day, stopped by any word, counted apart."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from core.errors import Refused
from core.events import history
from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered
from tickets.actions import (
    add_comment,
    add_watcher,
    announce_closing,
    auto_confirm_ticket,
    confirm_ticket,
    edit_policy,
    reopen_ticket,
    resolve_ticket,
    undo_act,
)
from tickets.actions.closing import close_silent
from tickets.choices import Resolution, Status
from tickets.models import ServicePolicy, Ticket

SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 10) -> dt.datetime:
    """A moment of November 2026: the 16th, when the tickets are resolved, is a Monday."""
    return dt.datetime(2026, 11, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def resolved(cast: Cast, now: dt.datetime) -> Ticket:
    return resolve_ticket(
        answered(cast, now), Resolution.ANSWERED, acting_user=cast.linzhixia, now=now
    )


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def told(ticket: Ticket, kind: str) -> list[dict[str, object]]:
    rows = OutboxRow.objects.filter(kind="notice", name=kind, payload__subject_id=ticket.pk)
    return [row.payload for row in rows.order_by("pk")]


def run_daily(first: int, last: int) -> None:
    """The clock on every day, at ten and again at night."""
    for day in range(first, last + 1):
        close_silent(at(day))
        close_silent(at(day, 23))


def test_it_is_announced_with_its_day_and_then_closed(cast: Cast, resolved: Ticket) -> None:
    run_daily(16, 18)
    assert fresh(resolved).closes_on is None
    run_daily(19, 19)
    # Resolved on Monday: five working days of silence end on the Monday after.
    assert fresh(resolved).closes_on == dt.date(2026, 11, 23)
    (notice,) = told(resolved, "ticket.closing")
    assert notice["recipient"] == cast.wangke.pk
    assert notice["params"]["closes_on"] == "2026-11-23"  # type: ignore[index]
    run_daily(20, 23)
    assert fresh(resolved).status == Status.RESOLVED
    assert len(told(resolved, "ticket.closing")) == 1
    run_daily(24, 24)
    row = fresh(resolved)
    assert (row.status, row.auto_confirmed, row.closes_on) == (Status.CLOSED, True, None)
    verbs = [event.verb for event in history(Ticket.SUBJECT, row.pk)]
    assert verbs[-2:] == ["announce_closing", "auto_confirm"]


def test_the_resolution_tells_the_requester_the_day_and_nobody_else(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = answered(cast, now)
    add_watcher(ticket, cast.liuyang, acting_user=cast.wangke, now=now)
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)
    days = {
        row["recipient"]: row["params"].get("closes_on")  # type: ignore[attr-defined]
        for row in told(ticket, "ticket.status")
        if row["params"]["status"] == "resolved"  # type: ignore[index]
    }
    assert days == {cast.wangke.pk: "2026-11-23", cast.liuyang.pk: None}


@pytest.mark.parametrize("announced", [False, True])
def test_any_word_of_the_requester_stops_it(
    cast: Cast, resolved: Ticket, *, announced: bool
) -> None:
    if announced:
        run_daily(16, 19)
        assert fresh(resolved).closes_on is not None
    add_comment(resolved, "周一再试", acting_user=cast.wangke, now=at(20))
    run_daily(20, 30)
    row = fresh(resolved)
    assert (row.status, row.closes_on, row.answer_owed) == (Status.RESOLVED, None, True)
    # An answer of staff begins the silence anew: five working days from the 30th.
    add_comment(resolved, "好的，等您", acting_user=cast.linzhixia, now=at(30))
    for day in (1, 2, 3, 4, 5, 6, 7):
        close_silent(dt.datetime(2026, 12, day, 10, tzinfo=SHANGHAI))
    row = fresh(resolved)
    assert (row.status, row.closes_on) == (Status.RESOLVED, dt.date(2026, 12, 7))
    close_silent(dt.datetime(2026, 12, 8, 10, tzinfo=SHANGHAI))
    assert fresh(resolved).auto_confirmed


def test_a_word_of_an_observer_stops_it_too_and_a_note_of_staff_does_not(
    cast: Cast, resolved: Ticket
) -> None:
    add_watcher(resolved, cast.liuyang, acting_user=cast.wangke, now=at(16))
    run_daily(16, 19)
    add_comment(resolved, "等等看", kind="note", acting_user=cast.linzhixia, now=at(19))
    assert fresh(resolved).closes_on == dt.date(2026, 11, 23)
    add_comment(resolved, "我这边还不行", acting_user=cast.liuyang, now=at(20))
    run_daily(20, 27)
    assert fresh(resolved).status == Status.RESOLVED


def test_a_word_between_the_look_and_the_act_counts(cast: Cast, resolved: Ticket) -> None:
    run_daily(16, 19)
    seen = fresh(resolved)
    with pytest.raises(Refused) as early:
        auto_confirm_ticket(seen, now=at(23))
    assert early.value.problems[0].field == "closes_on"
    add_comment(resolved, "还没试", acting_user=cast.wangke, now=at(24, 9))
    with pytest.raises(Refused):
        auto_confirm_ticket(seen, now=at(24))
    assert fresh(resolved).status == Status.RESOLVED


def test_a_clock_that_stood_still_announces_late_and_gives_the_same_days(
    resolved: Ticket,
) -> None:
    """Three weeks without a worker: nothing is closed that was not announced."""
    later = dt.datetime(2026, 12, 8, 10, tzinfo=SHANGHAI)
    close_silent(later)
    row = fresh(resolved)
    assert (row.status, row.closes_on) == (Status.RESOLVED, dt.date(2026, 12, 10))
    close_silent(later + dt.timedelta(days=2))
    assert fresh(resolved).status == Status.RESOLVED
    close_silent(later + dt.timedelta(days=3))
    assert fresh(resolved).auto_confirmed


@pytest.mark.parametrize(("days", "told_on", "closes"), [(1, 17, 17), (2, 17, 18), (3, 17, 19)])
def test_a_policy_sets_the_days(
    cast: Cast, resolved: Ticket, days: int, told_on: int, closes: int
) -> None:
    policy = ServicePolicy.objects.get(is_default=True)
    with pytest.raises(Refused) as refused:
        edit_policy(policy, {"confirm_days": 0}, acting_user=cast.admin, now=at(16))
    assert refused.value.problems[0].field == "confirm_days"
    edit_policy(policy, {"confirm_days": days}, acting_user=cast.admin, now=at(16))
    run_daily(16, told_on - 1)
    assert fresh(resolved).closes_on is None
    run_daily(told_on, closes)
    assert fresh(resolved).closes_on == dt.date(2026, 11, closes)
    run_daily(closes + 1, closes + 1)
    assert fresh(resolved).auto_confirmed


def test_what_ends_or_reopens_it_forgets_the_day(cast: Cast, resolved: Ticket) -> None:
    run_daily(16, 19)
    confirmed = confirm_ticket(resolved, acting_user=cast.wangke, now=at(20))
    assert (confirmed.status, confirmed.closes_on) == (Status.CLOSED, None)
    assert not confirmed.auto_confirmed
    # Taken back, the old day does not hold: it is announced anew before anything closes.
    undo_act(confirmed, confirmed.version, acting_user=cast.wangke, now=at(27))
    assert fresh(resolved).closes_on is None
    close_silent(at(28))
    assert fresh(resolved).status == Status.RESOLVED
    reopened = reopen_ticket(resolved, "又来了", acting_user=cast.wangke, now=at(29))
    assert (reopened.closes_on, reopened.answer_owed) == (None, False)


def test_announcing_twice_tells_once(resolved: Ticket) -> None:
    for _run in range(2):
        announce_closing(resolved, now=at(19))
    assert len(told(resolved, "ticket.closing")) == 1
