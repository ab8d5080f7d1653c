"""The push loop: one message per cause, owner and day; reminders; three bounces; known issues."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from catalog import actions as catalog
from catalog.choices import PermissionRole
from core import outbox
from core.channels.addresses import keep_address
from core.errors import BadInput, NotAllowed
from core.models import Event, Notice, OutboxRow
from core.registry import Message, Reader
from core.tasks import deliver_row
from core.worktime import WorkCalendar
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import (
    accept_cause,
    change_promised_date,
    chase_cause,
    declare_known_issue,
    decline_cause,
    deliver_cause,
    describe_cause,
    link_cause,
    move_up,
    name_owner,
    open_cause,
    push_cause,
    push_ticket,
    relay_ticket,
    resolve_ticket,
)
from tickets.actions.reminding import follow_causes
from tickets.choices import CauseState, Resolution, ReturnReason, Type
from tickets.models import Cause, OwnerLink, PushItem, PushMessage, Ticket
from tickets.notifications import RelayedMessage
from tickets.policies import RowState, contract_of
from tickets.policies.reminders import reminder_due
from tickets.rendering.owner_message import OwnerMessage

ZONE = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)


def at(day: str, clock: str = "10:00") -> dt.datetime:
    """A moment of November 2026, Monday being the 16th."""
    return dt.datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZONE)


def messages(channel: str = "mail") -> list[OutboxRow]:
    return list(OutboxRow.objects.filter(name="cause.owner_message", kind=channel).order_by("pk"))


def composed(row: OutboxRow, user: User | None, now: dt.datetime) -> Message | None:
    language = user.language if user else "zh-hans"
    reader = Reader(language, user.name if user else "", user.email if user else "", user)
    return OwnerMessage().compose(reader, row.payload["params"], now)


def chase(cause: Cause, cast: Cast, now: dt.datetime) -> Cause:
    return chase_cause(cause, acting_user=cast.linzhixia, now=now)


# ---- one message a day --------------------------------------------------------------------------


def test_what_comes_later_the_same_day_goes_into_the_next_message(cast: Cast) -> None:
    cause = ladder.cause(cast, at("16"))
    assert len(messages()) == 1
    for clock in ("11:00", "12:00", "23:59"):
        cause = chase(cause, cast, at("16", clock))
    push_ticket(
        ladder.screened(cast, at("16")), cause, acting_user=cast.linzhixia, now=at("16", "15:00")
    )
    assert len(messages()) == 1
    assert cause.chases == 3
    # The night changes the day, and the clock says nothing before the working day opens.
    follow_causes(at("17", "08:59"))
    assert len(messages()) == 1
    follow_causes(at("17", "09:00"))
    follow_causes(at("17", "09:05"))
    assert len(messages()) == 2
    said = composed(messages()[1], cast.hesiyuan, at("17", "09:00"))
    assert said is not None
    assert "3" in said.text
    kinds = list(PushMessage.objects.latest("pk").items.values_list("kind", flat=True))
    assert sorted(kinds) == ["chased", "chased", "chased", "ticket"]
    # A chase on a day without a message leaves at once; the company's day counts, not UTC's.
    chase(cause, cast, at("18", "00:01"))
    assert len(messages()) == 3
    chase(cause, cast, at("18", "23:59"))
    assert len(messages()) == 3


def test_another_owner_gets_their_own_message_the_same_one_does_not(cast: Cast) -> None:
    cause = ladder.cause(cast, at("16"))
    decline_cause(cause, ReturnReason.INCOMPLETE, "缺", acting_user=cast.hesiyuan, now=at("16"))
    push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=at("16", "11:00"))
    assert len(messages()) == 1
    catalog.grant_role(
        cast.xucheng, PermissionRole.OWNER, product=cast.products["crm"],
        acting_user=cast.admin, now=at("16"),
    )  # fmt: skip
    xucheng = User.objects.get(pk=cast.xucheng.pk)
    push_cause(cause, xucheng, acting_user=cast.linzhixia, now=at("16", "12:00"))
    assert [row.payload["to"] for row in messages()] == [cast.hesiyuan.pk, cast.xucheng.pk]
    # What the first one had not heard is not said to anybody any more.
    follow_causes(at("17", "09:30"))
    assert len(messages()) == 2


def test_over_the_weekend_nothing_is_sent_by_the_clock(cast: Cast) -> None:
    cause = ladder.cause(cast, at("20"))
    chase(cause, cast, at("20", "17:00"))
    for moment in (at("21"), at("22"), at("23", "08:00")):
        assert follow_causes(moment) == 0
    assert follow_causes(at("23", "09:00")) == 1
    assert len(messages()) == 2


@pytest.mark.parametrize("answer", ["decline", "deliver", "accept"])
def test_what_was_answered_meanwhile_is_not_sent(cast: Cast, answer: str) -> None:
    now = at("16")
    cause = ladder.cause(cast, now)
    (row,) = messages()
    if answer == "decline":
        decline_cause(cause, ReturnReason.MISJUDGED, "不是", acting_user=cast.hesiyuan, now=now)
    else:
        accept_cause(cause, now.date(), acting_user=cast.hesiyuan, now=now)
    if answer == "deliver":
        deliver_cause(cause, "修好了", acting_user=cast.hesiyuan, now=now)
    assert (composed(row, cast.hesiyuan, now) is None) == (answer != "accept")


def test_the_message_is_worded_for_its_reader(cast: Cast) -> None:
    now = at("16")
    cause = ladder.cause(cast, now)
    push_ticket(ladder.screened(cast, now), cause, acting_user=cast.linzhixia, now=now)
    secret = ladder.screened(cast, now)
    Ticket.objects.filter(pk=secret.pk).update(
        confidential=True, evidence="薪资截图", assignee=cast.linzhixia
    )
    secret = Ticket.objects.get(pk=secret.pk)
    push_ticket(secret, cause, acting_user=cast.linzhixia, now=now)
    (row,) = messages()
    said = composed(row, cast.hesiyuan, now)
    assert said is not None
    assert said.thread == f"cause-{cause.pk}"
    assert any("用测试账号复现" in words for words in said.quotes)
    assert not any("薪资" in words for words in said.quotes)
    assert "王珂" not in str(said)
    assert [link.is_first for link in said.links] == [True, False]
    group = composed(row, None, now)
    assert group is not None
    assert "何思源" in group.title
    # Whoever reads along in a group must not be able to answer for the owner.
    assert [link.path for link in group.links] == [f"/causes/{cause.pk}/"]
    assert OwnerLink.objects.get().token_hash not in str(said)


@pytest.mark.parametrize("whose", ["own", "team", "nobody"])
def test_chat_goes_to_the_owner_else_to_the_teams_group(cast: Cast, whose: str) -> None:
    now, url = at("16"), "https://oapi.dingtalk.com/robot/send?access_token=a1"
    team = cast.teams["crm_development"].pk
    if whose != "nobody":
        keep_address("team", team, "dingtalk", url, "", acting_user=cast.admin, now=now)
    if whose == "own":
        keep_address(
            "user", cast.hesiyuan.pk, "dingtalk", url, "", acting_user=cast.hesiyuan, now=now
        )
    ladder.cause(cast, now)
    found = [(row.payload["to"], row.payload["address"] is not None) for row in messages("chat")]
    assert found == {
        "own": [(cast.hesiyuan.pk, False)], "team": [(None, True)], "nobody": [],
    }[whose]  # fmt: skip


# ---- reminders ----------------------------------------------------------------------------------


def state(cause: Cause, **fields: object) -> Cause:
    for name, value in fields.items():
        setattr(cause, name, value)
    return cause


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at("16", "17:59"), None),
        (at("17", "09:59"), None),
        (at("17", "10:00"), ("silent", 1)),  # eight working hours after Monday 10:00
        (at("18", "10:00"), ("silent", 1)),
        (at("19", "10:00"), ("silent", 2)),
        (at("21", "10:00"), None),  # a Saturday
    ],
)
def test_silence_after_a_push(now: dt.datetime, expected: tuple[str, int] | None) -> None:
    cause = state(Cause(), state=CauseState.PUSHED, pushed_at=at("16"))
    found = reminder_due(cause, WorkCalendar(), now)
    assert (found and (str(found.kind), found.number)) == expected


@pytest.mark.parametrize(
    ("promised", "now", "expected"),
    [
        ("20", at("18", "17:00"), None),
        ("20", at("19", "08:59"), None),
        ("20", at("19", "09:00"), ("due_soon", 1)),
        ("20", at("20", "17:00"), None),
        ("20", at("21", "10:00"), None),  # Saturday
        ("20", at("23", "09:00"), ("overdue", 1)),  # the first working day after it
        ("20", at("25", "09:00"), ("overdue", 1)),
        ("20", at("26", "09:00"), ("overdue", 2)),
        ("22", at("20", "09:00"), ("due_soon", 1)),  # promised for a Sunday: Friday is the eve
        ("17", at("16", "17:00"), None),  # who accepted today for tomorrow knows
    ],
)
def test_before_and_after_the_promised_date(
    promised: str, now: dt.datetime, expected: tuple[str, int] | None
) -> None:
    cause = state(
        Cause(), state=CauseState.ACCEPTED, accepted_at=at("16"),
        promised_on=at(promised).date(),
    )  # fmt: skip
    found = reminder_due(cause, WorkCalendar(), now)
    assert (found and (str(found.kind), found.number)) == expected


def test_a_reminder_is_made_once_however_many_clocks_run(cast: Cast) -> None:
    cause = ladder.cause(cast, at("16"))
    push_ticket(ladder.screened(cast, at("16")), cause, acting_user=cast.linzhixia, now=at("16"))
    Ticket.objects.update(assignee=cast.linzhixia)
    assert follow_causes(at("17", "11:00")) == 1
    assert [follow_causes(at("17", f"1{n}:00")) for n in (1, 2, 3)] == [0, 0, 0]
    assert Event.objects.filter(subject="cause", verb="remind").count() == 1
    told = OutboxRow.objects.filter(kind="notice", name="cause.silent")
    assert [row.payload["recipient"] for row in told] == [cast.hesiyuan.pk]
    # The clock stood still for days: one reminder, the last due, and the holder is told too.
    assert follow_causes(at("24", "10:00")) == 1
    holders = OutboxRow.objects.filter(kind="notice", name="cause.no_word")
    assert cast.linzhixia.pk in [row.payload["recipient"] for row in holders]
    assert PushItem.objects.filter(kind="silent").count() == 2


def test_a_moved_date_is_reminded_of_anew_and_slips_are_counted(cast: Cast) -> None:
    said: dict[str, Any] = {"acting_user": cast.hesiyuan}
    cause = accept_cause(ladder.cause(cast, at("16")), at("18").date(), now=at("16"), **said)
    assert follow_causes(at("17", "10:00")) == 1
    assert follow_causes(at("19", "10:00")) == 1
    cause = Cause.objects.get(pk=cause.pk)
    cause = change_promised_date(cause, at("25").date(), now=at("19", "11:00"), **said)
    assert cause.slips == 1
    assert follow_causes(at("20", "10:00")) == 0
    assert follow_causes(at("24", "10:00")) == 1
    kinds = PushItem.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["pushed", "due_soon", "overdue", "due_soon"]


# ---- three bounces ------------------------------------------------------------------------------


def bounced(cast: Cast, times: int) -> Cause:
    now = at("16")
    cause = ladder.cause(cast, now)
    for turn in range(times):
        if turn:
            cause = push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
        cause = decline_cause(
            cause, ReturnReason.NOT_OUR_MODULE, f"第 {turn + 1} 次", acting_user=cast.hesiyuan,
            now=now,
        )  # fmt: skip
    return cause


def test_two_bounces_are_pushed_again_three_wait_for_the_manager(cast: Cast) -> None:
    now, agent = at("16"), cast.linzhixia
    assert not push_cause(bounced(cast, 2), cast.hesiyuan, acting_user=agent, now=now).needs_naming
    cause = bounced(cast, 3)
    assert cause.needs_naming
    deliver_all(now)
    assert OutboxRow.objects.filter(kind="mail", name="cause.bounced").exists()
    with pytest.raises(NotAllowed) as refused:
        push_cause(cause, cast.hesiyuan, acting_user=agent, now=now)
    assert "高远" in str(refused.value.problems[0].remedy)
    with pytest.raises(NotAllowed):
        name_owner(cause, cast.hesiyuan, acting_user=agent, now=now)
    cause = name_owner(cause, cast.hesiyuan, acting_user=cast.gaoyuan, now=now)
    assert (cause.state, cause.named_by_id) == (CauseState.PUSHED, cast.gaoyuan.pk)
    assert list(cause.declines.order_by("id").values_list("note", flat=True)) == [
        "第 1 次", "第 2 次", "第 3 次",
    ]  # fmt: skip
    # Declined once more, the manager is asked again.
    cause = decline_cause(
        cause, ReturnReason.MISJUDGED, "还不是", acting_user=cast.hesiyuan, now=now
    )
    with pytest.raises(NotAllowed):
        push_cause(cause, cast.hesiyuan, acting_user=agent, now=now)
    assert name_owner(cause, cast.hesiyuan, acting_user=cast.gaoyuan, now=now).bounces == 4


# ---- known issues -------------------------------------------------------------------------------


def deliver_all(now: dt.datetime) -> None:
    while rows := outbox.claim(now + dt.timedelta(minutes=5)):
        for row in rows:
            deliver_row(row, now)


def told() -> list[tuple[str, str]]:
    found = Notice.objects.filter(kind="cause.known_issue").select_related("recipient")
    return sorted((n.recipient.name, n.params["workaround"]) for n in found)


def test_everybody_with_a_ticket_is_told_the_workaround_once(cast: Cast) -> None:
    now = at("16")
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    cause = ladder.cause(cast, now)
    for _ in range(2):  # two tickets of one person
        push_ticket(ladder.screened(cast, now), cause, **agent)
    done = link_cause(ladder.answered(cast, now), cause, **agent)
    Ticket.objects.filter(pk=done.pk).update(requester=cast.zhaoyi)
    resolve_ticket(Ticket.objects.get(pk=done.pk), Resolution.ANSWERED, **agent)
    with pytest.raises(BadInput):
        declare_known_issue(cause, "  ", **agent)
    declare_known_issue(cause, "先用网页版", **agent)
    deliver_all(now)
    assert told() == [("王珂", "先用网页版")]
    declare_known_issue(cause, "先用网页版", **agent)
    deliver_all(now)
    assert len(told()) == 1
    declare_known_issue(cause, "先用手机版", **agent)
    late = ladder.routed(cast, now, Type.BUG)
    Ticket.objects.filter(pk=late.pk).update(requester=cast.liuyang)
    link_cause(Ticket.objects.get(pk=late.pk), Cause.objects.get(pk=cause.pk), **agent)
    deliver_all(now)
    assert told() == [("刘洋", "先用手机版"), ("王珂", "先用手机版"), ("王珂", "先用网页版")]
    mails = OutboxRow.objects.filter(kind="mail", name="cause.known_issue", done_at__isnull=False)
    assert mails.count() == 3


def test_an_outage_is_judged_once_on_its_cause(cast: Cast) -> None:
    now = at("16")
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    cause = open_cause(title="登录全挂", product=cast.products["crm"], **agent)
    push_cause(cause, cast.hesiyuan, **agent)
    tickets = [
        link_cause(move_up(ladder.routed(cast, now, Type.BUG), 2, **agent), cause, **agent)
        for _ in range(2)
    ]

    def rows(ticket: Ticket) -> set[tuple[str, bool]]:
        fresh = Ticket.objects.select_related("cause__module").get(pk=ticket.pk)
        return {(r.state, r.from_cause) for r in contract_of(fresh, 2)
                if r.state != RowState.NOT_APPLICABLE}  # fmt: skip

    assert rows(tickets[0]) == {(RowState.OPEN, False)}
    describe_cause(
        cause,
        {"module": cast.modules["visits"], "category": "code", "evidence": "10:00 起全部 502"},
        **agent,
    )
    assert rows(tickets[0]) == rows(tickets[1]) == {(RowState.DONE, True)}
    agent["now"] = now + dt.timedelta(minutes=1)
    pushed = push_ticket(Ticket.objects.get(pk=tickets[0].pk), Cause.objects.get(), **agent)
    event = Event.objects.filter(subject="ticket", subject_id=pushed.pk).latest("version")
    assert event.data["suspected_category"] == "code"
    assert event.data["suspected_module_id"] == cast.modules["visits"].pk


@pytest.mark.parametrize("case", ["robot", "no robot", "confidential", "returned"])
def test_a_relayed_ticket_is_announced_in_its_teams_group(cast: Cast, case: str) -> None:
    now, team = at("16"), cast.teams["recognition"]
    if case != "no robot":
        url = "https://oapi.dingtalk.com/robot/send?access_token=a1"
        keep_address("team", team.pk, "dingtalk", url, "", acting_user=cast.admin, now=now)
    ticket = ladder.routed(cast, now)
    if case == "confidential":
        Ticket.objects.filter(pk=ticket.pk).update(confidential=True, assignee=cast.linzhixia)
        ticket = Ticket.objects.get(pk=ticket.pk)
    relay_ticket(ticket, team, "样张见附件", acting_user=cast.linzhixia, now=now)
    rows = OutboxRow.objects.filter(kind="chat", name="ticket.relayed_to_group")
    assert rows.exists() == (case in ("robot", "returned"))
    if case == "returned":
        Ticket.objects.update(relayed_to=None)
    for row in rows:
        said = RelayedMessage().compose(Reader("zh-hans"), row.payload["params"], now)
        assert (said is None) == (case == "returned")
        assert said is None or said.quotes == ("样张见附件",)
