"""Bursts: thresholds by hand, one banner a module, a known issue that reaches everybody alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from core.errors import BadInput
from core.models import OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import TicketDraft, link_cause, reject_ticket, submit_ticket
from tickets.actions.bursting import (
    ATTACH_JOB,
    REPLY_JOB,
    attach_later,
    dismiss_burst,
    keep_usual_rates,
    make_known_issue,
    reply_to_all,
    shown_bursts,
    watch_bursts,
)
from tickets.errors import WrongState
from tickets.models import Burst, Comment, Ticket, UsualRate
from tickets.search.burst_rates import HOURS, p95_of, threshold, usual_rates

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("usual", "least"),
    [(0, 5), (1, 5), (1.6, 5), (1.67, 6), (2, 6), (3.4, 11), (10, 30)],
)  # fmt: skip
def test_a_burst_is_at_least_five_and_three_times_the_usual(usual: float, least: int) -> None:
    assert threshold(usual) == least


def test_the_usual_counts_the_empty_hours() -> None:
    """By hand: of 4,368 hours the P95 is the value at place 4,148.65 of 0 … 4,367."""
    assert HOURS == 4368
    assert p95_of([]) == 0
    assert p95_of([9] * 218) == 0  # places 4,150 to 4,367: just above
    assert p95_of([9] * 219) == pytest.approx(9 * 0.65)  # the 4,149th is the first 9
    assert p95_of([9] * 220) == 9
    assert p95_of([1, 2, 3, 4, 5], hours=5) == pytest.approx(4.8)


def crowd(cast: Cast, now: dt.datetime, size: int, **more: Any) -> list[Ticket]:
    """`size` different people, one ticket each, on one module."""
    people = User.objects.working_here().order_by("pk")[:size]
    assert len(people) == size
    return [
        submit_ticket(
            TicketDraft(
                product=cast.products["crm"], module=cast.modules["visits"],
                description=f"拜访记录打不开 {n}", **more,
            ),
            acting_user=person, now=now + n * MINUTE,
        )
        for n, person in enumerate(people)
    ]  # fmt: skip


def deliver(name: str, now: dt.datetime) -> None:
    for row in OutboxRow.objects.filter(name=name, done_at=None).order_by("pk"):
        deliver_row(row, now)
        row.refresh_from_db()
        assert row.done_at is not None, row.last_error


def test_four_are_none_five_are_one_and_two_sweeps_see_it_once(
    cast: Cast, now: dt.datetime
) -> None:
    crowd(cast, now, 4)
    ladder.submitted(cast, now, module=cast.modules["visits"])  # 王珂 again or a fifth
    ladder.submitted(cast, now, module=cast.modules["visits"])
    soon = now + 10 * MINUTE
    distinct = Ticket.objects.values("requester").distinct().count()
    assert watch_bursts(soon) == (1 if distinct >= 5 else 0)
    crowd(cast, now, 5)
    watch_bursts(soon)
    watch_bursts(soon)
    burst = Burst.objects.get()
    assert (burst.module, burst.threshold, burst.ended_at) == (cast.modules["visits"], 5, None)
    watch_bursts(now + 2 * HOUR)
    burst.refresh_from_db()
    assert burst.ended_at == now + 2 * HOUR
    watch_bursts(now + 2 * HOUR)
    assert Burst.objects.count() == 1


def test_what_is_usual_raises_the_bar_and_rejected_ones_do_not_count(
    cast: Cast, now: dt.datetime
) -> None:
    tickets = crowd(cast, now, 5)
    UsualRate.objects.create(module=cast.modules["visits"], p95=2.0, hours=HOURS, computed_at=now)
    assert watch_bursts(now + 10 * MINUTE) == 0  # 3 × 2 = 6
    UsualRate.objects.all().delete()
    reject_ticket(tickets[0], "测试", acting_user=cast.linzhixia, now=now + 9 * MINUTE)
    assert watch_bursts(now + 10 * MINUTE) == 0
    crowd(cast, now + 9 * MINUTE, 1)
    assert watch_bursts(now + 10 * MINUTE) == 1


def test_the_usual_is_kept_by_module_and_leaves_this_hour_out(cast: Cast, now: dt.datetime) -> None:
    crowd(cast, now - 3 * HOUR, 3)
    crowd(cast, now, 5)
    rates = usual_rates(now + 10 * MINUTE)
    assert rates == {cast.modules["visits"].pk: 0.0}
    assert keep_usual_rates(now) == 1
    assert keep_usual_rates(now) == 1
    assert UsualRate.objects.get().p95 == 0.0


def test_one_key_attaches_and_tells_each_alone(cast: Cast, now: dt.datetime) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now + 12 * MINUTE}
    tickets = crowd(cast, now, 5)
    other_cause = ladder.cause(cast, now)
    taken = link_cause(tickets[4], other_cause, acting_user=cast.linzhixia, now=now + 9 * MINUTE)
    watch_bursts(now + 10 * MINUTE)
    burst = Burst.objects.get()
    assert shown_bursts(None, cast.linzhixia, now) == [burst]
    with pytest.raises(BadInput, match="workaround"):
        make_known_issue(burst, "打不开", " ", **agent)
    cause = make_known_issue(burst, "拜访记录打不开", "请先用网页版填写。", **agent)
    with pytest.raises(WrongState, match="title"):
        make_known_issue(burst, "又一个", "等等", **agent)
    assert cause.is_known_issue
    for _twice in range(2):
        deliver(ATTACH_JOB, now + 13 * MINUTE)
        OutboxRow.objects.filter(name=ATTACH_JOB).update(done_at=None)
    for ticket in tickets[:4]:
        ticket.refresh_from_db()
        assert ticket.cause_id == cause.pk
        replies = Comment.objects.filter(ticket=ticket, kind="public")
        assert [reply.body for reply in replies] == ["请先用网页版填写。"]
        names = {one.requester.name for one in tickets} - {ticket.requester.name}
        assert not any(name in reply.body for reply in replies for name in names)
    taken.refresh_from_db()
    assert taken.cause_id == other_cause.pk
    assert not Comment.objects.filter(ticket=taken).exists()
    late = ladder.submitted(cast, now + 20 * MINUTE, module=cast.modules["visits"])
    OutboxRow.objects.filter(name=ATTACH_JOB).update(done_at=now)
    assert attach_later(burst, acting_user=cast.linzhixia, now=now + 21 * MINUTE) == 1
    deliver(ATTACH_JOB, now + 21 * MINUTE)
    late.refresh_from_db()
    assert late.cause_id == cause.pk


def test_what_is_about_something_else_is_left_out(cast: Cast, now: dt.datetime) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now + 12 * MINUTE}
    tickets = crowd(cast, now, 5)
    watch_bursts(now + 10 * MINUTE)
    kept = {ticket.pk for ticket in tickets[1:]}
    make_known_issue(Burst.objects.get(), "打不开", "用网页版", only=kept, **agent)
    deliver(ATTACH_JOB, now + 13 * MINUTE)
    attached = Ticket.objects.filter(cause__isnull=False).values_list("pk", flat=True)
    assert set(attached) == kept
    assert not Comment.objects.filter(ticket=tickets[0]).exists()


def test_a_reply_to_all_is_one_reply_each(cast: Cast, now: dt.datetime) -> None:
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now + 12 * MINUTE}
    tickets = crowd(cast, now, 5)
    cause = ladder.cause(cast, now)
    for ticket in tickets[:3]:
        link_cause(ticket, cause, **agent)
    assert reply_to_all(cause, "已修复，请刷新。", key="k1", **agent) == 3
    assert reply_to_all(cause, "已修复，请刷新。", key="k1", **agent) == 3
    for _twice in range(2):
        deliver(REPLY_JOB, now + 13 * MINUTE)
        OutboxRow.objects.filter(name=REPLY_JOB).update(done_at=None)
    assert Comment.objects.filter(body="已修复，请刷新。").count() == 3


def test_a_banner_is_dismissed_for_oneself(cast: Cast, now: dt.datetime) -> None:
    crowd(cast, now, 5)
    watch_bursts(now + 10 * MINUTE)
    burst = Burst.objects.get()
    for _twice in range(2):
        dismiss_burst(burst, acting_user=cast.linzhixia, now=now)
    assert shown_bursts(None, cast.linzhixia, now) == []
    assert shown_bursts(None, cast.zhoumin, now) == [burst]
    assert shown_bursts(frozenset({cast.products["erp"].pk}), cast.zhoumin, now) == []
