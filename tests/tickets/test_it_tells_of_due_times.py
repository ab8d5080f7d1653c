"""The sweep: warning, breach and escalation of each due time are told once, to the right people."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from core.models import Event, OutboxRow
from opsdesk.demo.cast import Cast
from tickets.actions import (
    TicketDraft,
    add_comment,
    ask_requester,
    assign_ticket,
    edit_ticket,
    submit_ticket,
    tell_due,
)
from tickets.choices import CommentKind, Impact, SlaStep, Urgency
from tickets.models import Ticket

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


#: A Monday morning.
START = at("2026-11-16 10:00")


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """P2: four working hours to the first response, three working days to the resolution."""
    draft = TicketDraft(
        product=cast.products["crm"], description="报价单打不开", impact=Impact.MY_GROUP,
        urgency=Urgency.NORMAL,
    )  # fmt: skip
    row = submit_ticket(draft, acting_user=cast.liuyang, now=START)
    return assign_ticket(row, cast.chenlu, acting_user=cast.linzhixia, now=START)


def notices(verb: str) -> dict[str, list[int]]:
    """Recipients of each notice by its key without the recipient."""
    found: dict[str, list[int]] = {}
    for row in OutboxRow.objects.filter(kind="notice", name__endswith=f".{verb}").order_by("id"):
        found.setdefault(row.key.rsplit(":", 1)[0], []).append(row.payload["recipient"])
    return found


def verbs(ticket: Ticket) -> list[str]:
    rows = Event.objects.filter(subject="ticket", subject_id=ticket.pk, verb__startswith="sla_")
    return list(rows.order_by("version").values_list("verb", flat=True))


def test_each_step_is_told_once_to_its_people(cast: Cast, ticket: Ticket) -> None:
    assert (ticket.warn_at, ticket.due_at) == (at("2026-11-16 14:12"), at("2026-11-16 15:00"))
    assert tell_due(now=at("2026-11-16 14:11")) == 0
    for moment in ("14:12", "14:13", "14:59"):
        tell_due(now=at(f"2026-11-16 {moment}"))
    assert list(notices("sla_warned").values()) == [[cast.chenlu.pk]]

    for moment in ("15:00", "15:01"):
        tell_due(now=at(f"2026-11-16 {moment}"))
    # 周敏 is on duty this week.
    assert list(map(sorted, notices("sla_breached").values())) == [
        sorted([cast.chenlu.pk, cast.zhoumin.pk])
    ]
    # Two working hours after the breach, managers in scope as well.
    assert tell_due(now=at("2026-11-16 16:59")) == 0
    assert tell_due(now=at("2026-11-16 17:00")) == 1
    (told,) = notices("sla_escalated").values()
    assert cast.gaoyuan.pk in told
    assert tell_due(now=at("2026-11-18 17:00")) == 0
    assert verbs(ticket) == ["sla_warned", "sla_breached", "sla_escalated"]


def test_after_downtime_only_the_furthest_step_is_told(cast: Cast, ticket: Ticket) -> None:
    assert tell_due(now=at("2026-11-16 15:30")) == 1
    assert verbs(ticket) == ["sla_breached"]
    assert not notices("sla_warned")


def test_many_tickets_of_one_person_are_told_in_one_notice(cast: Cast, ticket: Ticket) -> None:
    for number in range(6):
        draft = TicketDraft(product=cast.products["crm"], description=f"第 {number} 张", impact=2)
        row = submit_ticket(draft, acting_user=cast.liuyang, now=START)
        assign_ticket(row, cast.chenlu, acting_user=cast.linzhixia, now=START)
    assert tell_due(now=at("2026-11-16 15:30")) == 7
    mine = OutboxRow.objects.filter(
        name="tickets.sla_breached", payload__recipient=cast.chenlu.pk
    ).values_list("payload", flat=True)
    assert [row["params"]["count"] for row in mine] == [7]
    assert not OutboxRow.objects.filter(name="ticket.sla_breached").exists()


def test_a_new_due_time_is_told_again_and_an_old_one_is_not(cast: Cast, ticket: Ticket) -> None:
    tell_due(now=at("2026-11-16 14:30"))
    fields = {"urgency": Urgency.HIGH}
    ticket = edit_ticket(ticket, fields, acting_user=cast.chenlu, now=at("2026-11-16 14:31"))
    # P1: half an hour, over since 10:30.
    assert tell_due(now=at("2026-11-16 14:32")) == 1
    assert verbs(ticket) == ["sla_warned", "sla_escalated"]
    # Back to P2: the warning of that due time was told already, its breach was not.
    back = {"urgency": Urgency.NORMAL}
    ticket = edit_ticket(ticket, back, acting_user=cast.chenlu, now=at("2026-11-16 14:40"))
    tell_due(now=at("2026-11-16 14:41"))
    assert list(notices("sla_warned").values()) == [[cast.chenlu.pk]]


def test_a_reply_ends_the_first_clock_and_waiting_stops_both(cast: Cast, ticket: Ticket) -> None:
    row = Ticket.objects.get(pk=ticket.pk)
    add_comment(
        row, "正在看", kind=CommentKind.PUBLIC, acting_user=cast.chenlu,
        now=at("2026-11-16 11:00"),
    )  # fmt: skip
    row.refresh_from_db()
    assert row.due_at == row.resolution_due_at == at("2026-11-19 10:00")
    assert tell_due(now=at("2026-11-16 15:30")) == 0
    ask_requester(row, "哪个浏览器?", acting_user=cast.chenlu, now=at("2026-11-16 16:00"))
    row.refresh_from_db()
    assert {row.due_at, row.warn_at, row.sla_next_at} == {None}
    assert tell_due(now=at("2026-11-30 10:00")) == 0
    # A day and two hours of waiting move the due time by as much working time.
    add_comment(
        row, "Chrome", kind=CommentKind.PUBLIC, acting_user=cast.liuyang,
        now=at("2026-11-17 17:00"),
    )  # fmt: skip
    row.refresh_from_db()
    assert row.due_at == at("2026-11-20 11:00")


def test_queues_see_what_is_at_risk(cast: Cast, ticket: Ticket) -> None:
    early, risky, late = at("2026-11-16 14:00"), at("2026-11-16 14:12"), at("2026-11-16 15:01")
    assert not Ticket.objects.at_risk(early).exists()
    assert list(Ticket.objects.at_risk(risky)) == [ticket]
    assert not Ticket.objects.overdue(risky).exists()
    assert list(Ticket.objects.overdue(late)) == list(Ticket.objects.at_risk(late)) == [ticket]
    assert Ticket.objects.get().sla_told == SlaStep.NOTHING
