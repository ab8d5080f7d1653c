"""A pasted chat log: split by person and time, matched to accounts, submitted on their behalf."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actions import PersonDraft, create_person
from core.models import Event
from opsdesk.demo.cast import Cast
from tests.cast import NOW
from tickets.choices import Channel
from tickets.incoming.chatlog import Kind, read_log
from tickets.models import IncomingMessage, Ticket, Watcher

ClientOf = Callable[..., Client]
MORNING = "2026-11-16T10:02:00+08:00"

WECOM = """王珂 2026/11/16 9:02:33
CRM 的拜访记录主管看不到。步骤：
1. 新建 09:00
2. 提交

刘洋 2026/11/16 9:03:01
「王珂：CRM 的拜访记录主管看不到。」
- - - - - - - - - - - - - - -
我也遇到了，禾账 ERP 的报表也导不出来

周敏 2026/11/16 9:03:20
我看一下

刘洋 2026/11/16 9:04:00
[图片]

刘洋 2026/11/16 9:04:30
收到

"刘洋"撤回了一条消息"""


def said(text: str, at: dt.datetime = NOW) -> list[tuple[str, str, str, str]]:
    return [
        (one.name, one.at.isoformat() if one.at else "", one.kind.value, one.text)
        for one in read_log(text, at.astimezone(NOW.tzinfo)).said
    ]


@pytest.mark.parametrize(
    ("log", "name", "at", "text"),
    [
        ("王珂 2026/11/16 10:02:00\n导不出来", "王珂", MORNING, "导不出来"),
        ("王珂(华东大区) 11-16 10:02\n导不出来", "王珂(华东大区)", MORNING, "导不出来"),
        ("王珂\n11月16日 10:02\n导不出来", "王珂", MORNING, "导不出来"),
        ("王珂\n今天 上午10:02\n导不出来", "王珂", MORNING, "导不出来"),
        ("王珂\u3000 10:02\n导不出来", "王珂", "2026-11-15T10:02:00+08:00", "导不出来"),
        ("Emma Clark  Yesterday 10:02 AM\nNo export", "Emma Clark", "2026-11-15T10:02:00+08:00",
         "No export"),
        ("Emma Clark\nNov 16, 2026, 10:02 AM\nNo export", "Emma Clark", MORNING, "No export"),
        ("2026-11-16 10:02:00 王珂\n导不出来", "王珂", MORNING, "导不出来"),
        ("[2026-11-16 10:02] 王珂：导不出来", "王珂", MORNING, "导不出来"),
        ("王珂 星期五 下午3:05\n导不出来", "王珂", "2026-11-13T15:05:00+08:00", "导不出来"),
        ("王珂 12-31 18:00\n导不出来", "王珂", "2025-12-31T18:00:00+08:00", "导不出来"),
        ("华东群的聊天记录\n\n————— 2026-11-15 —————\n\n王珂  10:02\n\n导不出来", "王珂",
         "2026-11-15T10:02:00+08:00", "导不出来"),
        ("王珂:\n导不出来", "王珂", "", "导不出来"),
        ("报表：导不出来", "", "", "报表：导不出来"),
    ],
)  # fmt: skip
def test_each_chat_writes_names_and_times_its_own_way(
    log: str, name: str, at: str, text: str
) -> None:
    # 09:59: a clock time without a day that is yet to come was yesterday's.
    assert said(log, NOW - dt.timedelta(minutes=15)) == [(name, at, "words", text)]


def test_placeholders_quotes_and_what_was_taken_back_are_told_apart() -> None:
    read = said(WECOM)
    assert [(name, kind) for name, _at, kind, _text in read] == [
        ("王珂", "words"), ("刘洋", "words"), ("周敏", "words"), ("刘洋", "media"),
        ("刘洋", "chatter"), ("", "recalled"),
    ]  # fmt: skip
    assert read[0][3].endswith("1. 新建 09:00\n2. 提交")
    assert read[1][3].startswith("> 王珂：CRM 的拜访记录主管看不到。\n\n我也遇到了")


NAMES = st.sampled_from(["王珂", "刘洋", "Emma Clark", "赵怡(财务部)", "Liu-Yang"])
#: Lines of a message: anything that is no header of the log's own shape and not blank at its ends.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="「『[【>"),
    min_size=1, max_size=30,
)  # fmt: skip
STARTS = {
    "wecom": lambda name, at: f"{name} {at:%Y/%m/%d %H:%M:%S}",
    "feishu": lambda name, at: f"{name}\n{at.month}月{at.day}日 {at:%H:%M:%S}",
    "qq": lambda name, at: f"{at:%Y-%m-%d %H:%M:%S} {name}",
}


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(sorted(STARTS)),
    st.lists(
        st.tuples(NAMES, st.integers(0, 86_400 * 20), st.lists(WORDS, min_size=1, max_size=3)),
        min_size=1, max_size=8,
    ),
)  # fmt: skip
def test_what_a_chat_wrote_is_read_back(
    shape: str, messages: list[tuple[str, int, list[str]]]
) -> None:
    zone = NOW.astimezone(NOW.tzinfo)
    told = [(name, zone - dt.timedelta(seconds=ago), text) for name, ago, text in messages]
    log = "\n\n".join(
        "\n".join([STARTS[shape](name, at), *(f"“{line}”" for line in text)])
        for name, at, text in told
    )
    read = read_log(log, zone).said
    assert [(one.name, one.at, one.text) for one in read] == [
        (name, at, "\n".join(f"“{line}”" for line in text)) for name, at, text in told
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_losing_a_word(text: str) -> None:
    read = read_log(text, NOW)
    assert all(one.text.strip() for one in read.said)
    if len(read.said) == 1 and not read.said[0].name and read.said[0].kind != Kind.SYSTEM:
        kept = re.sub(r"[\s\u200b\u200e\u200f\u2060\ufeff]", "", text)
        assert re.sub(r"[\s\u200b\u200e\u200f\u2060\ufeff]", "", read.said[0].text) == kept


def seen_of(answer: object) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', answer.content.decode())  # type: ignore[attr-defined]
    assert found is not None
    return found[1]


def fields_of(answer: object) -> dict[str, str]:
    """What the page would send as it is: every field of the form with its value."""
    form = answer.context["asked"]  # type: ignore[attr-defined]
    sent = {"seen": seen_of(answer), "log": answer.context["form"]["log"].value()}  # type: ignore[attr-defined]
    for bound in form:
        value = bound.value()
        if value is True:
            sent[bound.html_name] = "on"
        elif value not in (None, False, ""):
            sent[bound.html_name] = str(getattr(value, "pk", value))
    return sent


def test_pasting_and_pressing_enter_submits_one_ticket_for_each_person(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.linzhixia)
    page = client.post(reverse("chat_log"), {"log": WECOM, "read": "1"})
    assert page.status_code == 200
    assert Ticket.objects.count() == 0
    answer = client.post(reverse("chat_log"), fields_of(page))
    assert answer.status_code == 302, answer.context["asked"].errors
    wangke, liuyang = Ticket.objects.order_by("pk")
    # What a colleague of the desk wrote is an answer, and makes no ticket.
    assert (wangke.requester, wangke.product) == (cast.wangke, cast.products["crm"])
    assert (liuyang.requester, liuyang.product.code) == (cast.liuyang, "erp")
    assert {wangke.channel, liuyang.channel} == {Channel.CHAT}
    assert wangke.submitted_by == cast.linzhixia
    assert wangke.title == "CRM 的拜访记录主管看不到"
    assert liuyang.title.startswith("我也遇到了")
    assert "[图片]" in liuyang.description
    done = client.get(answer["Location"])
    assert f"@王珂 {wangke.ref} http" in done.context["text"]
    assert f"/my/{wangke.pk}/" in done.context["text"]


def test_the_original_time_and_the_whole_log_are_kept_as_evidence(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.linzhixia)
    client.post(reverse("chat_log"), fields_of(client.post(reverse("chat_log"), {"log": WECOM})))
    ticket = Ticket.objects.get(requester=cast.wangke)
    event = Event.objects.get(subject="ticket", subject_id=ticket.pk, version=1)
    assert event.data["chat"] == {"said_at": "2026-11-16T01:02:33+00:00", "messages": 1}
    kept = IncomingMessage.objects.get(ticket=ticket)
    assert kept.raw is not None
    assert kept.raw.size == len(WECOM.encode())
    page = client_of(cast.wangke).get(reverse("my_ticket", args=[ticket.pk])).content.decode()
    assert "9:02" in page


def test_the_same_messages_make_no_second_ticket(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.linzhixia)
    sent = fields_of(client.post(reverse("chat_log"), {"log": WECOM}))
    client.post(reverse("chat_log"), sent)
    before = Ticket.objects.count()
    again = client.post(
        reverse("chat_log"), {"log": WECOM + "\n\n王珂 2026/11/16 9:10:00\n还是不行"}
    )
    assert Ticket.objects.get(requester=cast.wangke).ref in again.content.decode()
    ticked = {name for name in fields_of(again) if name.startswith("take-")}
    assert ticked == {"take-6"}
    # And a page that was opened before says so instead of making them.
    assert client.post(reverse("chat_log"), sent).status_code == 422
    assert Ticket.objects.count() == before


def test_joined_messages_make_one_ticket_that_both_follow(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.linzhixia)
    sent = fields_of(client.post(reverse("chat_log"), {"log": WECOM}))
    client.post(reverse("chat_log"), sent | {"into-2": "1"})
    ticket = Ticket.objects.get()
    assert ticket.requester == cast.wangke
    assert "**刘洋** 09:03" in ticket.description
    assert Watcher.objects.get(ticket=ticket).user == cast.liuyang


def test_one_message_can_be_a_ticket_of_its_own(cast: Cast, client_of: ClientOf) -> None:
    log = "王珂 11-16 09:00\n报表导不出来\n\n王珂 11-16 09:01\n另外，登录要等三分钟"
    client = client_of(cast.linzhixia)
    sent = fields_of(client.post(reverse("chat_log"), {"log": log}))
    client.post(reverse("chat_log"), sent | {"to-1": "own"})
    assert list(Ticket.objects.order_by("pk").values_list("description", flat=True)) == [
        "报表导不出来", "另外，登录要等三分钟",
    ]  # fmt: skip


def test_a_name_nobody_or_several_have_is_asked_and_remembered(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    twin = create_person(
        PersonDraft("wangke2", "王珂", department=cast.zhaoyi.department),
        acting_user=cast.chenlu, now=now,
    )  # fmt: skip
    client = client_of(cast.linzhixia)
    log = "王珂 11-16 09:00\n报表导不出来\n\n小赵 11-16 09:01\n凭证保存不了"
    page = client.post(reverse("chat_log"), {"log": log})
    sent = fields_of(page)
    refused = client.post(reverse("chat_log"), sent)
    assert refused.status_code == 422
    assert set(refused.context["asked"].errors) == {"who-1", "who-2"}
    assert Ticket.objects.count() == 0
    named = sent | {"pick-1": str(twin.pk), "who-2": "zhaoyi"}
    assert client.post(reverse("chat_log"), named).status_code == 302
    assert set(Ticket.objects.values_list("requester", flat=True)) == {twin.pk, cast.zhaoyi.pk}
    later = client.post(reverse("chat_log"), {"log": "小赵 11-16 09:30\n还有一个问题"})
    assert [card.person for card in later.context["proposal"].cards] == [cast.zhaoyi]


def test_ticks_on_another_text_are_not_taken(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.linzhixia)
    sent = fields_of(client.post(reverse("chat_log"), {"log": WECOM}))
    answer = client.post(reverse("chat_log"), sent | {"log": "刘洋 11-16 09:00\n登录不了"})
    assert answer.status_code == 200
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize("who", ["wangke", "gaoyuan", "hesiyuan"])
def test_only_the_desk_pastes_for_others(cast: Cast, client_of: ClientOf, who: str) -> None:
    assert client_of(cast.linzhixia).get(reverse("chat_log")).status_code == 200
    client = client_of(getattr(cast, who))
    assert client.get(reverse("chat_log")).status_code == 403
    assert client.post(reverse("chat_log"), {"log": WECOM}).status_code == 403


def test_a_long_log_asks_no_more_than_a_short_one(
    cast: Cast, client_of: ClientOf, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = client_of(cast.linzhixia)
    log = "\n\n".join(
        f"{name} 11-16 09:{i:02}\n问题 {i}" for i, name in enumerate(["王珂", "刘洋", "赵怡"] * 15)
    )
    client.post(reverse("chat_log"), {"log": WECOM})
    with django_assert_max_num_queries(19):  # type: ignore[attr-defined]
        assert client.post(reverse("chat_log"), {"log": log}).status_code == 200
