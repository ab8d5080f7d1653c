"""From a notice to what leaves of it: preferences, quiet time, digests, addresses that fail."""

from __future__ import annotations

import datetime as dt
import email
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.actions import save_telling
from accounts.models import User
from core import outbox
from core.channels.addresses import keep_address
from core.channels.errors import TooFast
from core.channels.mail import thread_headers
from core.channels.pace import hold_back, keep_pace
from core.channels.reachability import is_permanent, is_unreachable, read_bounce
from core.channels.shapes import as_chat
from core.models import ChatAddress, Notice, OutboxRow
from core.registry import Link, Message, Section, group_of, notice_groups, notice_kinds
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast
from tests.standins import ChatServer, MailServer, chat_server, mail_server
from tests.tickets import ladder
from tickets.actions import add_comment
from tickets.models import Ticket

LONG_AGO = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=of-one-person"


@pytest.fixture
def post(settings: Any) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.MAIL_SERVER_IS_GIVEN = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.BASE_URL = "https://ops.example"
        yield server


@pytest.fixture
def chats(settings: Any) -> Iterator[ChatServer]:
    with chat_server() as server:
        settings.CHAT_GATEWAYS = {"wecom": server.url}
        yield server


@pytest.fixture
def ticket(cast: Cast, now: dt.datetime) -> Ticket:
    found = ladder.submitted(cast, now)
    OutboxRow.objects.all().delete()
    return found


def choose(person: User, group: str, **modes: str) -> None:
    times = {name: modes.pop(name) for name in list(modes) if name in ("quiet", "rhythm")}
    more = {"quiet_from": dt.time(0), "quiet_to": dt.time(23, 59)} if times.get("quiet") else {}
    save_telling(
        person, {group: modes} if modes else {}, {**times, **more}, acting_user=person,
        now=LONG_AGO,
    )  # fmt: skip


def say(ticket: Ticket, number: int = 1, kind: str = "ticket.reply") -> None:
    outbox.notify(
        ticket.requester_id, kind,
        {"ref": ticket.ref, "title": ticket.title, "mine": True, "author": "林知夏",
         "words": f"第 {number} 句", "status": "open"},
        key=f"ticket:{ticket.pk}:{number}:x", now=LONG_AGO, subject="ticket", subject_id=ticket.pk,
    )  # fmt: skip


def leave() -> None:
    """Deliver everything, whatever it waits for."""
    deliver_outbox()
    OutboxRow.objects.filter(done_at__isnull=True).update(due_at=LONG_AGO)
    cache.clear()
    deliver_outbox()


# ---- preferences --------------------------------------------------------------------------------


def test_every_kind_of_notice_stands_in_a_row_of_the_preferences(db: None) -> None:
    """A kind without a row would never leave by mail, and nobody could choose."""
    assert [kind for kind in notice_kinds() if group_of(kind) is None] == []
    named = [kind for group in notice_groups() for kind in group.kinds]
    assert sorted(named) == sorted(set(named))


def test_each_channel_is_a_choice_of_its_own(
    ticket: Ticket, post: MailServer, chats: ChatServer
) -> None:
    person = ticket.requester
    keep_address("user", person.pk, "wecom", ROBOT, "", acting_user=person, now=LONG_AGO)
    say(ticket, 1)
    deliver_outbox()
    assert (Notice.objects.count(), len(post.arrived), len(chats.arrived)) == (1, 1, 1)
    choose(person, "ticket-reply", inbox="off", mail="off", chat="now")
    say(ticket, 2)
    deliver_outbox()
    assert (Notice.objects.count(), len(post.arrived), len(chats.arrived)) == (1, 1, 2)
    # The chat is taken away: what only went there is read here instead of nowhere.
    ChatAddress.objects.update(is_active=False)
    say(ticket, 3)
    deliver_outbox()
    assert (Notice.objects.count(), len(post.arrived), len(chats.arrived)) == (2, 1, 2)


def test_the_house_decides_what_nobody_chose(ticket: Ticket, cast: Cast, post: MailServer) -> None:
    save_telling(None, {"ticket-reply": {"mail": "off"}}, {}, acting_user=cast.admin, now=LONG_AGO)
    say(ticket, 1)
    deliver_outbox()
    assert post.arrived == []
    choose(ticket.requester, "ticket-reply", mail="now")
    say(ticket, 2)
    deliver_outbox()
    assert len(post.arrived) == 1


def test_the_three_occasions_really_tell_by_mail(
    cast: Cast, now: dt.datetime, post: MailServer
) -> None:
    """Name changes, date moves, a person writes: each reaches the requester, by mail and here."""
    ticket = ladder.pushed(cast, now)
    whole = "请看截图。" * 60
    add_comment(ticket, whole, kind="public", acting_user=cast.linzhixia, now=now)
    OutboxRow.objects.update(due_at=LONG_AGO)
    deliver_outbox()
    mine = Notice.objects.filter(recipient=ticket.requester).values_list("kind", flat=True)
    assert set(mine) == {"ticket.status", "ticket.reply", "ticket.promised"}
    mails = [m for m in post.arrived if m["To"] == ticket.requester.email]
    assert {str(m["Subject"]).strip() for m in mails} == {f"{ticket.ref} {ticket.title}"}
    texts = [str(next(m.iter_parts()).get_content()) for m in mails]
    assert sum(whole in text for text in texts) == 1, "a reply is read without signing in"
    root = thread_headers(f"ticket-{ticket.pk}", "any")["References"]
    assert {str(m["References"]) for m in mails} == {root}
    assert len({str(m["Message-ID"]) for m in mails}) == len(mails) == len(mine)


# ---- digests and quiet time ---------------------------------------------------------------------


def test_a_digest_bundles_by_thing_and_leaves_out_what_was_read(
    ticket: Ticket, cast: Cast, now: dt.datetime, post: MailServer
) -> None:
    choose(ticket.requester, "ticket-reply", mail="digest")
    other = ladder.submitted(cast, now, "另一件事也不行")
    OutboxRow.objects.all().delete()
    for number in (1, 2, 3):
        say(ticket, number)
    say(other, 4)
    deliver_outbox()
    assert post.arrived == []
    assert Notice.objects.count() == 4
    (row,) = OutboxRow.objects.filter(kind="mail")
    assert len(row.payload["items"]) == 4
    assert row.due_at > timezone.now()
    Notice.objects.filter(key__contains=f"ticket:{ticket.pk}:2:").update(read_at=LONG_AGO)
    leave()
    (mail,) = post.arrived
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "3 条" in str(mail["Subject"]) or "3 notices" in str(mail["Subject"])
    assert "第 1 句" in text
    assert "第 3 句" in text
    assert "第 2 句" not in text
    assert text.count(f"■ {ticket.ref} ") == 1
    assert f"/my/{other.pk}/" in html
    assert "List-Unsubscribe" in mail


def test_one_notice_in_a_digest_reads_as_it_would_alone_and_none_is_not_sent(
    ticket: Ticket, post: MailServer
) -> None:
    choose(ticket.requester, "ticket-reply", mail="digest")
    say(ticket, 1)
    leave()
    (mail,) = post.arrived
    assert str(mail["Subject"]).strip() == f"{ticket.ref} {ticket.title}"
    say(ticket, 2)
    deliver_outbox()
    Notice.objects.update(read_at=LONG_AGO)
    leave()
    assert len(post.arrived) == 1
    assert "was read" in OutboxRow.objects.filter(kind="mail").latest("pk").last_error


def test_what_comes_while_a_digest_leaves_begins_the_next(ticket: Ticket, post: MailServer) -> None:
    choose(ticket.requester, "ticket-reply", mail="digest")
    say(ticket, 1)
    deliver_outbox()
    OutboxRow.objects.filter(kind="mail").update(claimed_until=timezone.now())
    say(ticket, 2)
    deliver_outbox()
    rows = OutboxRow.objects.filter(kind="mail").order_by("pk")
    assert [len(row.payload["items"]) for row in rows] == [1, 1]


def test_quiet_time_holds_mails_and_nothing_else_and_obligations_come_alone(
    ticket: Ticket, post: MailServer
) -> None:
    """The quiet time here is the whole day but one minute, so that the test knows no hour."""
    choose(ticket.requester, "ticket-reply", mail="now", quiet="hours")
    say(ticket, 1)
    say(ticket, 2, "ticket.status")
    deliver_outbox()
    held = OutboxRow.objects.filter(kind="mail", done_at__isnull=True)
    if timezone.localtime().strftime("%H:%M") != "23:59":
        assert post.arrived == []
        assert Notice.objects.count() == 2
        assert [len(row.payload["items"]) for row in held] == [2]
    # A retry must not ring at night either.
    held.update(due_at=LONG_AGO)
    deliver_outbox()
    assert post.arrived == []
    assert held.get().attempts == 0
    choose(ticket.requester, "ticket-reply", quiet="never")
    held.update(due_at=LONG_AGO)
    deliver_outbox()
    assert len(post.arrived) == 1


# ---- addresses that fail ------------------------------------------------------------------------


def test_an_address_refused_for_good_is_noted_and_the_inbox_takes_over(
    ticket: Ticket, post: MailServer
) -> None:
    person = ticket.requester
    choose(person, "ticket-reply", inbox="off", mail="now")
    post.unknown.add(person.email)
    say(ticket, 1)
    deliver_outbox()
    row = OutboxRow.objects.get(kind="mail")
    assert row.failed_at is not None
    assert "5.1.1" in row.last_error
    assert is_unreachable(person.email.upper())
    assert Notice.objects.get().key.startswith(f"ticket:{ticket.pk}:1:")
    assert OutboxRow.objects.filter(kind="news", name="mail.unreachable").count() == 1
    # From now on nothing is tried there, and nothing is lost.
    say(ticket, 2)
    deliver_outbox()
    assert OutboxRow.objects.filter(kind="mail").count() == 1
    assert Notice.objects.count() == 2
    # A new address is reachable by itself; the old one once somebody says so.
    type(person).objects.filter(pk=person.pk).update(email="new@yuanhe.example")
    say(ticket, 3)
    deliver_outbox()
    assert len(post.arrived) == 1


@pytest.mark.parametrize(
    ("code", "said", "permanent"),
    [
        (550, "5.1.1 no such user", True), (550, "User unknown", True),
        (550, "5.7.1 spam", False), (552, "5.2.2 mailbox full", False),
        (550, "5.2.1 mailbox disabled", True), (450, "4.1.1 try later", False),
        (554, "rejected", False), (553, "not allowed", True),
    ],
)  # fmt: skip
def test_only_what_is_said_of_the_address_condemns_it(
    code: int, said: str, permanent: bool
) -> None:
    assert is_permanent(code, said) is permanent


def test_a_report_of_failure_is_read() -> None:
    report = (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
        "Content-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Gone@Example.com\n"
        "Action: failed\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} gone\n\n--b--\n"
    )
    bounce = read_bounce(email.message_from_string(report.format(status="5.1.1")))
    assert bounce is not None
    assert (bounce.address, bounce.is_permanent) == ("Gone@Example.com", True)
    full = read_bounce(email.message_from_string(report.format(status="5.2.2")))
    assert full is not None
    assert not full.is_permanent
    assert read_bounce(email.message_from_string("Subject: hello\n\nhello")) is None


# ---- pace and length ----------------------------------------------------------------------------


def test_the_pace_holds_over_any_minute_and_for_whoever_shares_the_robot(
    redis_client: Any,
) -> None:
    cache.clear()
    for _ in range(20):
        keep_pace(ROBOT, ((20, 60),))
    with pytest.raises(TooFast) as refused:
        keep_pace(ROBOT, ((20, 60),))
    assert 55 <= refused.value.seconds <= 60
    keep_pace(ROBOT + "x", ((20, 60),))  # another robot has a minute of its own
    keep_pace(ROBOT + "y", ((1, 1), (60, 60)))
    with pytest.raises(TooFast) as refused:
        keep_pace(ROBOT + "y", ((1, 1), (60, 60)))
    assert refused.value.seconds == 1
    hold_back(ROBOT + "z", 600)
    with pytest.raises(TooFast) as refused:
        keep_pace(ROBOT + "z", ((20, 60),))
    assert 595 <= refused.value.seconds <= 600


def test_a_provider_that_says_too_fast_is_left_alone_and_no_try_is_counted(
    ticket: Ticket, chats: ChatServer
) -> None:
    person = ticket.requester
    choose(person, "ticket-reply", mail="off", chat="now")
    keep_address("user", person.pk, "wecom", ROBOT, "", acting_user=person, now=LONG_AGO)
    chats.answer = (200, '{"errcode":45009,"errmsg":"api freq out of limit"}')
    say(ticket, 1)
    say(ticket, 2)
    deliver_outbox()
    rows = OutboxRow.objects.filter(kind="chat")
    assert list(rows.values_list("attempts", "done_at")) == [(0, None), (0, None)]
    assert all(row.due_at > timezone.now() for row in rows)
    assert len(chats.arrived) == 1, "the second must not knock at a closed door"
    chats.answer = None
    leave()
    assert rows.filter(done_at__isnull=True).count() == 0
    said = [json.dumps(a.json, ensure_ascii=False) for a in chats.arrived[1:]]
    assert {row.key for row in rows if any(row.key in text for text in said)} == {
        row.key for row in rows
    }


def test_a_long_message_is_shortened_to_what_the_chat_takes_and_keeps_links_and_id() -> None:
    long = Message(
        title="标题", text="正文" * 3000, quotes=("引用" * 4000,),
        links=(Link("打开", "/my/1/", is_first=True),),
        sections=tuple(Section(f"OPS-{n}", ("一行" * 20,), "/my/1/") for n in range(60)),
    )  # fmt: skip
    for most in (2048, 9000):
        body = as_chat(long, "the:id", most)
        assert len(f"标题\r\n{body}".encode()) <= most
        assert body.endswith("#the:id")
        assert "/my/1/" in body
    assert as_chat(long, "the:id") == as_chat(long, "the:id", 10**9)
