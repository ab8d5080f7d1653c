"""Robots in WeCom, DingTalk and Feishu: signed, encrypted, kept once, a ticket of their writer."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.models import Event, OutboxRow, StoredFile
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast
from tests import chat_robots as chats
from tests.chat_robots import ChatApi, Sent, chat_api
from tickets.actions import add_watcher
from tickets.actions.robots import create_robot, edit_robot
from tickets.choices import Channel, IncomingState, Strangers
from tickets.errors import BadInput
from tickets.incoming.providers import feishu as feishu_provider
from tickets.incoming.providers import wecom as wecom_provider
from tickets.incoming.waiting import try_again
from tickets.models import ChatPerson, ChatRobot, IncomingMessage, Ticket

ClientOf = Callable[..., Client]
WORDS = "拜访记录提交后主管看不到"


@pytest.fixture
def api(settings: Any) -> Iterator[ChatApi]:
    with chat_api() as server:
        settings.CHAT_GATEWAYS = dict.fromkeys(("wecom", "dingtalk", "feishu"), server.url)
        settings.ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
        settings.BASE_URL = "https://ops.yuanhe.example"
        yield server


def make(cast: Cast, app: str, now: dt.datetime, **more: Any) -> ChatRobot:
    User.objects.filter(pk=cast.wangke.pk).update(email="wangke@yuanhe.example")
    secrets = {
        "wecom": {"account": chats.CORP, "agent": "218", "token": chats.TOKEN,
                  "aes_key": chats.AES_KEY, "secret": "corp-secret"},
        "dingtalk": {"account": "dingrobot", "secret": chats.DING_SECRET},
        "feishu": {"account": chats.FEISHU_APP, "secret": "app-secret",
                   "aes_key": chats.FEISHU_KEY, "token": chats.FEISHU_TOKEN},
    }  # fmt: skip
    fields = {
        "name": f"{app} 小助手", "app": app, "called": "小助手",
        "product_id": cast.products["crm"].pk, **secrets[app], **more,
    }  # fmt: skip
    return create_robot(fields, acting_user=cast.admin, now=now)


def door(robot: ChatRobot) -> str:
    return reverse("robot_call", args=[robot.key])


def message(robot: ChatRobot, text: str = WORDS) -> Sent:
    """The same words as each chat sends them."""
    path = door(robot)
    if robot.app == "wecom":
        return chats.wecom_app(path, text)
    if robot.app == "dingtalk":
        return chats.dingtalk(path, chats.ding_message(text))
    return chats.feishu(path, chats.feishu_event(text))


APPS = ("wecom", "dingtalk", "feishu")


def test_the_manuals_examples_are_read() -> None:
    echo = (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    )
    sign = wecom_provider.signature(chats.TOKEN, "1409659589", "263014780", echo)
    assert sign == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert wecom_provider.opened(echo, chats.AES_KEY, chats.CORP) == b"1616140317555161061"
    cipher = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
    assert feishu_provider.opened(cipher, "test key") == b"hello world"


@pytest.mark.parametrize("app", APPS)
def test_a_message_becomes_a_ticket_of_its_writer_and_the_link_goes_back(
    cast: Cast, now: dt.datetime, api: ChatApi, app: str
) -> None:
    robot = make(cast, app, now)
    answer = message(robot).call(Client())
    assert answer.status_code == 200
    # Answered before anything was asked outside: the chat waits three seconds.
    assert (api.asked, Ticket.objects.count()) == ([], 0)
    deliver_outbox()
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.submitted_by) == (cast.wangke, cast.wangke)
    assert (ticket.channel, ticket.product) == (Channel.CHAT, cast.products["crm"])
    assert ticket.description == WORDS
    event = Event.objects.get(subject="ticket", subject_id=ticket.pk, version=1)
    assert event.data["chat"]["said_at"]
    (said,) = api.said()
    assert f"{ticket.ref} " in json.dumps(said.body, ensure_ascii=False)
    assert f"https://ops.yuanhe.example/my/{ticket.pk}/" in json.dumps(said.body)


@pytest.mark.parametrize("app", APPS)
def test_the_same_message_again_is_the_same_ticket(
    cast: Cast, now: dt.datetime, api: ChatApi, app: str
) -> None:
    robot = make(cast, app, now)
    sent = message(robot)
    for _time in range(3):
        assert sent.call(Client()).status_code == 200
    if app == "feishu":  # Feishu may tell of one message by two events
        again = chats.feishu(door(robot), chats.feishu_event(WORDS, event_id="ev2"))
        assert again.call(Client()).status_code == 200
    deliver_outbox()
    assert (Ticket.objects.count(), len(api.said())) == (1, 1)
    # Handled or answered once more by a worker that died: the same ticket.
    for row in OutboxRow.objects.filter(name="tickets.handle_chat"):
        OutboxRow.objects.filter(pk=row.pk).update(done_at=None)
    deliver_outbox()
    assert Ticket.objects.count() == 1


def spoilt(sent: Sent, robot: ChatRobot) -> Iterator[tuple[str, Sent]]:
    """Calls that must be refused, each differing in one thing from one that is taken."""
    far = time.time() - 9 * 3600
    if robot.app == "wecom":
        yield "signature", Sent(sent.path, sent.body, {}, sent.query | {"msg_signature": "0" * 40},
                                sent.content_type)  # fmt: skip
        yield "corporation", chats.wecom_app(sent.path, WORDS, receive_id="wx-other")
        other = base64.b64encode(b"another key of 32 bytes, really!").decode().rstrip("=")
        yield "key", chats.wecom_app(sent.path, WORDS, aes_key=other)
        cipher = chats.wecom_cipher(b"<xml><MsgId>1</MsgId></xml>")
        body = f"<xml><Encrypt>{cipher}</Encrypt></xml>".encode()
        yield "time", Sent(sent.path, body, {}, chats.wecom_query(cipher, far), "text/xml")
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>'
        yield "entities", Sent(sent.path, bomb, {}, sent.query, "text/xml")
    elif robot.app == "dingtalk":
        yield "signature", Sent(sent.path, sent.body, sent.headers | {"sign": "AAAA"})
        yield "time", chats.dingtalk(sent.path, chats.ding_message(WORDS), far)
        yield "unsigned", Sent(sent.path, sent.body)
    else:
        yield "signature", Sent(sent.path, sent.body, sent.headers | {"X-Lark-Signature": "0" * 64})
        yield "body", Sent(sent.path, sent.body + b" ", sent.headers)
        yield "time", chats.feishu(sent.path, chats.feishu_event(WORDS), far)
        event = chats.feishu_event(WORDS)
        event["header"]["token"] = "other"
        yield "token", chats.feishu(sent.path, event)
        plain = json.dumps(chats.feishu_event(WORDS)).encode()
        yield "plain text", Sent(sent.path, plain, sent.headers)
    yield "nothing", Sent(sent.path, b"", sent.headers, sent.query)


@pytest.mark.parametrize("app", APPS)
def test_what_is_not_signed_is_refused_logged_and_kept_nowhere(
    cast: Cast, now: dt.datetime, api: ChatApi, app: str, caplog: pytest.LogCaptureFixture
) -> None:
    robot = make(cast, app, now)
    files = StoredFile.objects.count()
    for what, sent in spoilt(message(robot), robot):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "tickets.incoming.robots.door"):
            answer = sent.call(Client())
        assert (answer.status_code, answer.content) == (403, b""), what
        assert f"robot {robot.pk}" in caplog.text, what
    assert IncomingMessage.objects.count() == 0
    assert StoredFile.objects.count() == files
    assert not OutboxRow.objects.filter(name="tickets.handle_chat").exists()
    robot.refresh_from_db()
    assert robot.refused
    # The twin that is signed is taken.
    assert message(robot).call(Client()).status_code == 200
    assert IncomingMessage.objects.count() == 1


def test_addresses_are_verified_as_the_chats_ask(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    wecom = make(cast, "wecom", now)
    echo = chats.wecom_cipher(b"1616140317555161061")
    right = Client().get(door(wecom), chats.wecom_query(echo) | {"echostr": echo})
    assert (right.status_code, right.content) == (200, b"1616140317555161061")
    wrong = Client().get(door(wecom), chats.wecom_query(echo, token="x") | {"echostr": echo})
    assert wrong.status_code == 403
    feishu = make(cast, "feishu", now)
    asked = {"challenge": "ajls384k", "token": chats.FEISHU_TOKEN, "type": "url_verification"}
    sent = chats.feishu(door(feishu), asked)
    sent.headers.clear()  # Feishu does not sign this one
    assert sent.call(Client()).json() == {"challenge": "ajls384k"}
    wrong_token = chats.feishu(door(feishu), asked | {"token": "x"})
    assert wrong_token.call(Client()).status_code == 403


def test_too_much_too_often_and_a_robot_that_is_off(
    cast: Cast, now: dt.datetime, api: ChatApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = make(cast, "dingtalk", now)
    large = chats.dingtalk(door(robot), chats.ding_message("字" * 300_000))
    assert large.call(Client()).status_code == 413
    monkeypatch.setattr("tickets.views.robots.MOST_CALLS", 0)
    assert message(robot).call(Client()).status_code == 429
    monkeypatch.setattr("tickets.views.robots.MOST_CALLS", 600)
    assert message(robot).call(Client()).status_code == 200
    edit_robot(robot, {"is_active": False}, acting_user=cast.admin, now=now)
    assert message(robot).call(Client()).status_code == 404
    assert Client().post("/chat/no-such-key/").status_code == 404


def test_a_follow_up_in_the_thread_goes_to_the_ticket(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "feishu", now)
    message(robot).call(Client())
    deliver_outbox()
    ticket = Ticket.objects.get()
    more: dict[str, Any] = {
        "message_id": "om_2", "root_id": "om_1", "parent_id": "om_1", "mentions": [],
    }  # fmt: skip
    event = chats.feishu_event("x", **more, content=json.dumps({"text": "换了浏览器也一样"}))
    chats.feishu(door(robot), event).call(Client())
    deliver_outbox()
    assert Ticket.objects.count() == 1
    assert ticket.comments.get().body == "换了浏览器也一样"
    assert ticket.comments.get().author == cast.wangke
    assert f"{ticket.ref}" in api.said()[-1].body["content"]
    # Words of the group that answer nothing of ours are none of our business.
    other = chats.feishu_event("y", message_id="om_3", mentions=[], root_id="om_9")
    chats.feishu(door(robot), other).call(Client())
    assert IncomingMessage.objects.count() == 2


def test_somebody_else_in_the_thread_gets_a_ticket_of_their_own(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "dingtalk", now, user_ids_are_names=True)
    chats.dingtalk(door(robot), chats.ding_message(WORDS)).call(Client())
    deliver_outbox()
    first = Ticket.objects.get()
    reply = chats.ding_message(
        "我也是", msgId="msg2", senderStaffId="zhaoyi", originalMsgId="msg0001"
    )
    chats.dingtalk(door(robot), reply).call(Client())
    named = chats.ding_message(f"{first.ref} 我也是", msgId="msg3", senderStaffId="zhaoyi")
    chats.dingtalk(door(robot), named).call(Client())
    deliver_outbox()
    assert first.comments.count() == 0
    assert Ticket.objects.filter(requester=cast.zhaoyi).count() == 2
    # Whoever may see it adds to it.
    add_watcher(first, cast.zhaoyi, acting_user=cast.wangke, now=now)
    named["msgId"] = "msg4"
    chats.dingtalk(door(robot), named).call(Client())
    deliver_outbox()
    assert first.comments.get().body == "我也是"


def test_pictures_come_along_and_belong_to_the_words_before_them(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "dingtalk", now)
    chats.dingtalk(door(robot), chats.ding_message(WORDS)).call(Client())
    deliver_outbox()
    picture = chats.ding_message("", msgId="msg2", msgtype="picture")
    picture |= {"text": {}, "content": {"downloadCode": "code1"}}
    chats.dingtalk(door(robot), picture).call(Client())
    deliver_outbox()
    ticket = Ticket.objects.get()
    assert ticket.attachments.get().content_type == "image/png"
    assert ticket.comments.get().attachments.get().file.size == len(chats.PICTURE)


def test_an_intelligent_robot_of_wecom_sends_pictures_and_quotes(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "wecom", now, account="", agent="", secret="", user_ids_are_names=True)
    said = {
        "msgid": "CAIQ/16==", "aibotid": "AIBOT", "chatid": "CHAT", "chattype": "group",
        "from": {"userid": "wangke"}, "msgtype": "mixed",
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC",
        "mixed": {"msg_item": [
            {"msgtype": "text", "text": {"content": f"@小助手 {WORDS}"}},
            {"msgtype": "image", "image": {"url": f"{api.url}/files/encrypted"}},
        ]},
    }  # fmt: skip
    chats.wecom_bot(door(robot), said).call(Client())
    deliver_outbox()
    ticket = Ticket.objects.get()
    assert ticket.description == WORDS
    assert ticket.attachments.get().file.size == len(chats.PICTURE)
    (answer,) = api.said()
    assert (answer.path, answer.query) == ("/cgi-bin/aibot/response", {"response_code": "RC"})
    quoting = said | {
        "msgid": "M2", "msgtype": "text", "text": {"content": "@小助手 补充：只有华东"},
        "quote": {"msgtype": "text", "text": {"content": f"{ticket.ref} 已提交，进展见："}},
    }  # fmt: skip
    chats.wecom_bot(door(robot), quoting).call(Client())
    deliver_outbox()
    assert ticket.comments.get().body == "补充：只有华东"


@pytest.mark.parametrize(
    ("strangers", "state", "tickets"),
    [
        (Strangers.HOLD, IncomingState.HELD, 0),
        (Strangers.REFUSE, IncomingState.SKIPPED, 0),
        (Strangers.STAND_IN, IncomingState.DONE, 1),
    ],
)
def test_people_nobody_knows_are_treated_by_the_policy(
    cast: Cast, now: dt.datetime, api: ChatApi, strangers: str, state: str, tickets: int
) -> None:
    robot = make(cast, "dingtalk", now, strangers=strangers, stand_in_id=cast.zhoumin.pk,
                 user_ids_are_names=True)  # fmt: skip
    stranger = chats.ding_message(WORDS, senderStaffId="nobody", senderNick="李外包")
    chats.dingtalk(door(robot), stranger).call(Client())
    deliver_outbox()
    row = IncomingMessage.objects.get()
    assert (row.state, Ticket.objects.count()) == (state, tickets)
    assert len(api.said()) == 1
    if tickets:
        ticket = Ticket.objects.get()
        assert ticket.requester == cast.zhoumin
        assert ticket.description.startswith("李外包")
    elif strangers == Strangers.HOLD:
        # An agent says who it is: submitted, answered, and known the next time.
        try_again(row, cast.zhaoyi, acting_user=cast.linzhixia, now=timezone.now())
        deliver_outbox()
        assert Ticket.objects.get().requester == cast.zhaoyi
        assert ChatPerson.objects.get(name="nobody").person == cast.zhaoyi
        again = stranger | {"msgId": "msg2"}
        chats.dingtalk(door(robot), again).call(Client())
        deliver_outbox()
        assert Ticket.objects.filter(requester=cast.zhaoyi).count() == 2


def test_an_answer_goes_to_the_provider_or_nowhere(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "dingtalk", now)
    evil = chats.ding_message(WORDS, sessionWebhook=f"{api.url}/robot/sendBySession?session=evil")
    chats.dingtalk(door(robot), evil).call(Client())
    deliver_outbox()
    assert api.said() == []
    row = OutboxRow.objects.get(name="tickets.answer_chat")
    assert "no host of dingtalk" in row.last_error


def test_what_the_chat_did_not_take_is_said_again(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "feishu", now)
    api.refusals["/reply"] = (200, {"code": 99991400, "msg": "request trigger frequency limit"})
    message(robot).call(Client())
    deliver_outbox()
    row = OutboxRow.objects.get(name="tickets.answer_chat")
    assert (row.done_at, row.attempts) == (None, 1)
    assert "99991400" in row.last_error
    assert "frequency limit" in ChatRobot.objects.get(pk=robot.pk).last_error
    api.refusals.clear()
    OutboxRow.objects.filter(pk=row.pk).update(due_at=now - dt.timedelta(days=999))
    deliver_outbox()
    first, second = api.said()
    # Feishu knows a repeat by its uuid.
    assert first.body["uuid"] == second.body["uuid"]
    assert ChatRobot.objects.get(pk=robot.pk).last_error == ""


def test_a_token_is_asked_once_and_anew_when_it_is_taken_no_more(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "wecom", now)
    message(robot).call(Client())
    chats.wecom_app(door(robot), "另一个问题", message_id="7002").call(Client())
    deliver_outbox()
    assert [one.path for one in api.asked].count("/cgi-bin/gettoken") == 1
    api.refusals["message/send"] = (200, {"errcode": 42001, "errmsg": "access_token expired"})
    chats.wecom_app(door(robot), "第三个问题", message_id="7003").call(Client())
    deliver_outbox()
    assert [one.path for one in api.asked].count("/cgi-bin/gettoken") == 2


def test_a_reply_after_the_end_is_kept_on_the_ticket(
    cast: Cast, now: dt.datetime, api: ChatApi
) -> None:
    robot = make(cast, "dingtalk", now, user_ids_are_names=True)
    message(robot).call(Client())
    deliver_outbox()
    ticket = Ticket.objects.get()
    more = chats.ding_message(f"{ticket.ref} 谢谢", msgId="msg2")
    chats.dingtalk(door(robot), more).call(Client())
    deliver_outbox()
    assert ticket.comments.get().author == cast.wangke


SECRETS = (chats.AES_KEY, chats.TOKEN, "corp-secret")


def test_secrets_are_never_shown_again_and_stay_when_left_empty(
    cast: Cast, now: dt.datetime, client_of: ClientOf, api: ChatApi
) -> None:
    client = client_of(cast.admin)
    new = reverse("settings_robots_new", args=["wecom"])
    fields = {
        "name": "华东小助手", "called": "小助手", "product": cast.products["crm"].pk,
        "strangers": "hold", "is_active": "on", "account": chats.CORP, "agent": "218",
        "token": chats.TOKEN, "aes_key": chats.AES_KEY, "secret": "corp-secret",
    }  # fmt: skip
    refused = client.post(new, fields | {"aes_key": "short"})
    assert refused.status_code == 422
    assert "aes_key" in refused.context["form"].errors
    assert client.post(new, fields).status_code == 302
    robot = ChatRobot.objects.get()
    page = client.get(reverse("settings_robots_edit", args=[robot.pk])).content.decode()
    assert not [secret for secret in SECRETS if secret in page]
    assert door(robot) in page
    events = json.dumps(list(Event.objects.filter(subject="chat_robot").values("changes")))
    assert not [secret for secret in SECRETS if secret in events]
    kept = fields | {"token": "", "aes_key": "", "secret": "", "name": "新名字", "version": "1"}
    assert client.post(reverse("settings_robots_edit", args=[robot.pk]), kept).status_code == 302
    robot.refresh_from_db()
    assert (robot.name, robot.aes_key, robot.secret) == ("新名字", chats.AES_KEY, "corp-secret")


def test_the_test_button_shows_what_arrived_and_whether_answers_work(
    cast: Cast, now: dt.datetime, client_of: ClientOf, api: ChatApi
) -> None:
    robot = make(cast, "feishu", now)
    client = client_of(cast.admin)
    state = reverse("settings_robots_state", args=[robot.pk])
    message(robot).call(Client())
    Sent(door(robot), b"{}").call(Client())
    api.refusals["/internal"] = (200, {"code": 10014, "msg": "app secret invalid"})
    client.post(reverse("settings_robots_try", args=[robot.pk]))
    deliver_outbox()
    assert client.get(reverse("settings_robots_edit", args=[robot.pk])).status_code == 200
    shown = client.get(state).content.decode()
    assert WORDS in shown
    assert "app secret invalid" in shown
    assert "set an Encrypt Key" in shown
    assert client_of(cast.linzhixia).get(state).status_code == 403


def test_bad_credentials_are_refused_by_name(cast: Cast, now: dt.datetime) -> None:
    with pytest.raises(BadInput) as refused:
        make(cast, "dingtalk", now, strangers=Strangers.STAND_IN)
    assert refused.value.problems[0].field == "stand_in"
