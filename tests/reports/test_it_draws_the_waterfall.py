"""The waterfall of a ticket: its stays by level, status and holder, and what came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise

from django.test import Client
from django.urls import reverse

from accounts.models import User
from opsdesk.demo.cast import Cast
from reports.policies.waterfall import waterfall
from tests.tickets import ladder
from tickets.actions import (
    accept_cause,
    assign_ticket,
    claim_ticket,
    decline_cause,
    deliver_cause,
    move_up,
    push_cause,
    return_ticket,
)
from tickets.choices import ReturnReason, Status
from tickets.models import Cause, Ticket

HOUR = dt.timedelta(hours=1)


def test_stays_name_their_holders_and_add_up(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.pushed(cast, now)
    cause = Cause.objects.get()
    decline_cause(
        cause, ReturnReason.NOT_REPRODUCIBLE, "未复现", acting_user=cast.hesiyuan, now=now + HOUR
    )
    push_cause(cause, cast.xucheng, acting_user=cast.linzhixia, now=now + 4 * HOUR)
    cause = Cause.objects.get()
    day = now.date() + dt.timedelta(days=2)
    accept_cause(cause, day, acting_user=cast.xucheng, now=now + 5 * HOUR)
    deliver_cause(cause, "已改", acting_user=cast.xucheng, now=now + 6 * HOUR)
    end = now + 24 * HOUR
    found = waterfall(Ticket.objects.get(pk=ticket.pk), end)
    assert [(s.level, s.status, s.holder, s.working // HOUR) for s in found.stays] == [
        (3, "on_hold", "何思源", 1),
        (3, "open", "产品运营一组", 2),  # 11 to 14 o'clock, less lunch
        (3, "on_hold", "许澄", 2),
        (3, "open", "产品运营一组", 3),  # to 18 o'clock and from 9 to 10
    ]
    assert [s.reason for s in found.stays] == [ReturnReason.NOT_REPRODUCIBLE, "", "", ""]
    assert found.stays[0].start == ticket.submitted_at
    assert all(a.end == b.start for a, b in pairwise(found.stays))
    assert found.wall == end - ticket.submitted_at
    assert found.by_level() == {3: 8 * HOUR}
    assert (found.bounces, found.is_flagged) == (1, False)


def test_who_holds_it_parts_the_stays_of_a_level(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    ticket = claim_ticket(ticket, acting_user=cast.zhoumin, now=now + HOUR)
    assign_ticket(ticket, cast.chenlu, acting_user=cast.zhoumin, now=now + 2 * HOUR)
    found = waterfall(Ticket.objects.get(pk=ticket.pk), now + 4 * HOUR)
    assert [(s.holder_kind, s.holder, s.handed_over) for s in found.stays] == [
        ("team", "产品运营一组", False), ("person", "周敏", True), ("person", "陈璐", False),
    ]  # fmt: skip
    assert [s.wall for s in found.stays] == [HOUR, HOUR, 2 * HOUR]


def test_three_bounces_are_flagged_on_the_page(
    cast: Cast, now: dt.datetime, client_of: Callable[[User], Client]
) -> None:
    ticket = ladder.screened(cast, now)
    page = reverse("ticket_clock", args=[ticket.pk])
    client = client_of(cast.linzhixia)
    for turn in range(1, 4):
        ticket = return_ticket(
            ticket, 1, ReturnReason.MISJUDGED, "是配置问题", acting_user=cast.zhoumin,
            now=now + HOUR * turn,
        )  # fmt: skip
        flagged = "次：由主管定责" in client.get(page, headers={"accept-language": "zh-hans"}).text
        assert flagged == (turn == 3)
        ticket = move_up(ticket, 2, acting_user=cast.linzhixia, now=now + HOUR * turn)
    assert ticket.status != Status.RESOLVED
