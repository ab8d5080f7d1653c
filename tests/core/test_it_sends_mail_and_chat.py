"""Mails and chat messages: what really arrives at servers that speak the protocol."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core.cache import cache

from core import outbox, registry
from core.channels import safety
from core.channels.addresses import keep_address
from core.channels.chat import provider_named, provider_names, shown_address
from core.channels.mail import message_id, thread_headers
from core.errors import BadInput
from core.models import ChatAddress, OutboxRow
from core.registry import Link, Message, Reader
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast
from tests.standins import ChatServer, MailServer, chat_server, free_port, mail_server

THEN = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
ROBOTS = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=abc123",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/0a1b-22",
    "slack": "https://hooks.slack.com/services/T12345678/B12345678/abcdefghijklmnopqrstuvwx",
}


class Greeting:
    """A kind of message for these tests; silent when its parameters say so."""

    def compose(
        self, reader: Reader, params: Mapping[str, Any], now: dt.datetime
    ) -> Message | None:
        if params.get("over"):
            return None
        title = "Good morning" if reader.language == "en" else "早上好"
        return Message(
            title=title, text=f"{reader.name} <b>&", facts=(("截止", "11-20"),),
            quotes=("看不到\n记录",), links=(Link("打开", "/pushed/", is_first=True),),
            note="14 天内有效", thread="cause-7",
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _greeting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._messages, "test.greeting", Greeting())


@pytest.fixture
def post(settings: Any) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAIL_SERVER_IS_GIVEN = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "OpsDesk <ops@yuanhe.example>"
        settings.BASE_URL = "https://ops.yuanhe.example"
        yield server


@pytest.fixture
def chats(settings: Any) -> Iterator[ChatServer]:
    with chat_server() as server:
        settings.CHAT_GATEWAYS = {
            name: f"{server.url}/{name}" for name in ROBOTS if name != "slack"
        }
        settings.CHAT_GATEWAYS["slack"] = server.url
        yield server


def mail(to: int, key: str = "greeting:1", **params: Any) -> OutboxRow:
    outbox.send(
        OutboxRow.Kind.MAIL, "test.greeting", params, key=key, now=THEN, to=to,
        subject="cause", subject_id=7,
    )  # fmt: skip
    return OutboxRow.objects.get(key__startswith=f"{key}:mail")


def chat(address: ChatAddress, key: str = "greeting:1") -> OutboxRow:
    outbox.send(OutboxRow.Kind.CHAT, "test.greeting", {}, key=key, now=THEN, address=address.pk)
    return OutboxRow.objects.get(key__startswith=f"{key}:chat")


def robot(cast: Cast, provider: str, url: str = "", secret: str = "") -> ChatAddress:
    return keep_address(
        "team", cast.teams["recognition"].pk, provider, url or ROBOTS[provider], secret,
        acting_user=cast.admin, now=THEN,
    )  # fmt: skip


# ---- mail ---------------------------------------------------------------------------------------


def test_a_mail_arrives_in_two_shapes_and_the_readers_language(
    cast: Cast, post: MailServer
) -> None:
    row = mail(cast.wangke.pk)
    mail(cast.emma.pk, "greeting:2")
    deliver_outbox()
    chinese, english = sorted(post.arrived, key=lambda m: str(m["To"]) != cast.wangke.email)
    assert (chinese["Subject"], english["Subject"]) == ("早上好", "Good morning")
    assert chinese["Message-ID"] == message_id(row.key, "cause-7")
    assert chinese["From"] == "OpsDesk <ops@yuanhe.example>"
    root = thread_headers("cause-7", "any")["References"]
    assert chinese["References"] == english["References"] == chinese["In-Reply-To"] == root
    assert chinese["Auto-Submitted"] == "auto-generated"
    text, html = (part.get_content() for part in chinese.iter_parts())
    assert "截止: 11-20" in text
    assert "> 记录" in text
    assert "https://ops.yuanhe.example/pushed/" in text
    assert 'href="https://ops.yuanhe.example/pushed/"' in html
    assert "&lt;b&gt;&amp;" in html


def test_a_mail_server_away_holds_no_notice_up_and_is_left_alone(
    cast: Cast, post: MailServer, settings: Any
) -> None:
    settings.EMAIL_PORT = free_port()
    for number in range(5):
        mail(cast.wangke.pk, f"greeting:{number}")
    outbox.notify(
        cast.wangke.pk, "ticket.assigned", {"ref": "OPS-1", "title": "x"}, key="n", now=THEN
    )
    deliver_outbox()
    assert OutboxRow.objects.get(kind="notice").done_at is not None
    # Only the first was tried; the others wait without a try being counted against them.
    greetings = OutboxRow.objects.filter(kind="mail", name="test.greeting")
    assert sorted(greetings.values_list("attempts", flat=True)) == [
        0, 0, 0, 0, 1,
    ]  # fmt: skip
    settings.EMAIL_PORT = post.port
    cache.clear()
    OutboxRow.objects.filter(kind="mail").update(due_at=THEN)
    deliver_outbox()
    assert len(post.ids()) == len(post.arrived) == 5


def test_a_refused_mail_is_tried_again_under_its_id(cast: Cast, post: MailServer) -> None:
    row = mail(cast.wangke.pk)
    post.refusal = "451 greylisted"
    deliver_outbox()
    row.refresh_from_db()
    assert (row.attempts, row.done_at) == (1, None)
    assert "451 greylisted" in row.last_error
    post.refusal = ""
    OutboxRow.objects.update(due_at=THEN)
    deliver_outbox()
    assert post.ids() == {message_id(row.key, "cause-7"): 1}


def test_without_a_mail_server_mails_are_kept_apart(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL_SERVER_IS_GIVEN = False
    row = mail(cast.wangke.pk)
    deliver_outbox()
    row.refresh_from_db()
    assert row.parked_at is not None
    assert (row.failed_at, row.done_at, row.attempts) == (None, None, 0)
    with mail_server() as server:
        settings.MAIL_SERVER_IS_GIVEN = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        deliver_outbox()
        assert server.arrived == [], "weeks of old mails must not leave by themselves"
        outbox.resend(row, THEN)
        deliver_outbox()
        assert server.ids() == {message_id(row.key, "cause-7"): 1}


@pytest.mark.parametrize("case", ["no address", "left", "over"])
def test_what_need_not_be_sent_is_closed_with_its_reason(
    cast: Cast, post: MailServer, case: str
) -> None:
    sent = mail(cast.liuyang.pk, "sent")
    row = mail(cast.wangke.pk, over=case == "over")
    if case == "no address":
        type(cast.wangke).objects.filter(pk=cast.wangke.pk).update(email="")
    elif case == "left":
        type(cast.wangke).objects.filter(pk=cast.wangke.pk).update(left_on=THEN.date())
    deliver_outbox()
    row.refresh_from_db()
    assert row.done_at is not None
    assert row.last_error.startswith("not sent: ")
    assert post.ids() == {message_id(sent.key, "cause-7"): 1}


def test_two_workers_never_send_one_row(cast: Cast, post: MailServer) -> None:
    """The lease of the first ran out while it waited; it notices before it sends."""
    mail(cast.wangke.pk)
    (mine,) = outbox.claim(THEN + dt.timedelta(minutes=1))
    (theirs,) = outbox.claim(THEN + dt.timedelta(minutes=3))
    assert theirs.repeats == 1
    assert not outbox.renew(mine, THEN + dt.timedelta(minutes=3))
    assert outbox.renew(theirs, THEN + dt.timedelta(minutes=3))
    from core.tasks import deliver_row

    deliver_row(mine, THEN + dt.timedelta(minutes=3))
    assert post.arrived == []
    deliver_row(theirs, THEN + dt.timedelta(minutes=3))
    assert len(post.arrived) == 1


# ---- chat ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", sorted(ROBOTS))
def test_each_chat_gets_the_words_and_the_id(cast: Cast, chats: ChatServer, provider: str) -> None:
    row = chat(robot(cast, provider, secret="SECRETabc" if provider != "slack" else ""))
    deliver_outbox()
    row.refresh_from_db()
    assert row.done_at is not None, row.last_error
    (arrival,) = chats.arrived
    said = json.dumps(arrival.json, ensure_ascii=False)
    assert "早上好" in said
    assert row.key in said
    assert "11-20" in said
    if provider == "dingtalk":
        assert "sign=" in arrival.query
    if provider == "feishu":
        key = f"{arrival.json['timestamp']}\nSECRETabc".encode()
        digest = hmac.new(key, b"", hashlib.sha256).digest()
        import base64

        assert arrival.json["sign"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("wecom", (200, '{"errcode":93000,"errmsg":"invalid webhook url"}')),
        ("dingtalk", (200, '{"errcode":310000,"errmsg":"sign not match"}')),
        ("feishu", (200, '{"code":19021,"msg":"sign match fail"}')),
        ("slack", (404, "no_service")),
        ("wecom", (200, "<html>a proxy's page</html>")),
        ("feishu", (302, "http://169.254.169.254/latest/meta-data/")),
    ],
)
def test_a_refusal_is_no_delivery_whatever_its_status(
    cast: Cast, chats: ChatServer, provider: str, answer: tuple[int, str]
) -> None:
    address = robot(cast, provider)
    row = chat(address)
    chats.answer = answer
    deliver_outbox()
    row.refresh_from_db()
    assert (row.done_at, row.attempts) == (None, 1)
    assert row.last_error
    address.refresh_from_db()
    assert address.failed_at is not None
    chats.answer = None
    OutboxRow.objects.update(due_at=THEN)
    cache.clear()  # the pace of a message a second
    deliver_outbox()
    row.refresh_from_db()
    assert row.done_at is not None
    assert len(chats.arrived) == 2


def test_no_robots_address_gets_into_the_log(
    cast: Cast, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHAT_GATEWAYS = {"wecom": f"http://127.0.0.1:{free_port()}"}
    row = chat(robot(cast, "wecom"))
    with caplog.at_level(logging.INFO):
        deliver_outbox()
    row.refresh_from_db()
    assert "ConnectionError" in row.last_error
    assert "693a91f6" not in row.last_error + caplog.text


def test_a_webhook_is_signed_and_comes_from_nowhere_private(
    cast: Cast, chats: ChatServer, settings: Any
) -> None:
    secret = "a-secret-of-16-and-more"
    settings.ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    row = chat(robot(cast, "webhook", f"{chats.url}/hook?x=1", secret))
    deliver_outbox()
    (arrival,) = chats.arrived
    assert (arrival.path, arrival.query) == ("/hook", "x=1")
    stamp, sign = (part[2:] if part[0] == "t" else part[3:]
                   for part in arrival.headers["X-OpsDesk-Signature"].split(","))  # fmt: skip
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + arrival.body, hashlib.sha256)
    assert hmac.compare_digest(sign, digest.hexdigest())
    assert arrival.json["id"] == arrival.headers["X-OpsDesk-Message-Id"] == row.key
    # The setting taken back, the same address is refused when it is used.
    settings.ALLOWED_PRIVATE_HOSTS = []
    second = chat(ChatAddress.objects.get(), "greeting:2")
    deliver_outbox()
    second.refresh_from_db()
    assert "private network" in second.last_error
    assert len(chats.arrived) == 1


def test_a_webhook_follows_no_redirect(cast: Cast, chats: ChatServer, settings: Any) -> None:
    settings.ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    row = chat(robot(cast, "webhook", f"{chats.url}/hook", "s" * 16))
    chats.answer = (302, f"{chats.url}/elsewhere")
    deliver_outbox()
    row.refresh_from_db()
    assert "302" in row.last_error
    assert [arrival.path for arrival in chats.arrived] == ["/hook"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x", "https://10.1.2.3/", "https://[::1]/", "https://[fd00::1]/x",
        "https://169.254.169.254/latest", "https://[::ffff:192.168.0.1]/", "https://0.0.0.0/",
        "https://[64:ff9b::a00:1]/", "https://[2002:7f00:1::]/",
        "http://example.com/", "ftp://example.com/", "https://user@example.com/", "https://",
        "javascript:alert(1)", "https://[::1", "",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused_when_it_is_typed(url: str) -> None:
    assert safety.checked_url("https://hooks.example.com/x")
    with pytest.raises(BadInput) as refused:
        safety.checked_url(url)
    assert refused.value.problems[0].field == "url"


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*addresses: str) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)

    resolve("93.184.216.34")
    assert safety.reachable("hooks.example.com", 443) == "93.184.216.34"
    resolve("93.184.216.34", "10.0.0.5")
    with pytest.raises(safety.Forbidden):
        safety.reachable("hooks.example.com", 443)


def test_a_limit_lets_the_next_minute_have_the_rest(cast: Cast, chats: ChatServer) -> None:
    address = robot(cast, "wecom")
    for number in range(provider_named("wecom").per_minute + 3):
        chat(address, f"greeting:{number}")
    deliver_outbox()
    left = OutboxRow.objects.filter(done_at=None)
    # The minute may turn while the test runs; then fewer wait, never more are refused.
    assert len(chats.arrived) + left.count() == 23
    assert len(chats.arrived) == 20 or left.count() == 0
    assert set(left.values_list("attempts", flat=True)) <= {0}


def test_addresses_are_refused_by_name_and_hidden(cast: Cast) -> None:
    assert provider_names() == ("dingtalk", "feishu", "slack", "webhook", "wecom")
    kept = robot(cast, "wecom")
    assert shown_address(kept.url) == "qyapi.weixin.qq.com/…7xxx"
    for provider, url, secret, field in (
        ("wecom", ROBOTS["feishu"], "", "url"),
        ("feishu", "https://open.feishu.cn.evil.example/open-apis/bot/v2/hook/x", "", "url"),
        ("webhook", "https://hooks.example.com/", "short", "secret"),
        ("pigeon", "https://hooks.example.com/", "", "provider"),
    ):
        with pytest.raises(BadInput) as refused:
            robot(cast, provider, url, secret)
        assert refused.value.problems[0].field == field
    kept.refresh_from_db()
    assert kept.provider == "wecom"
