"""A mail becomes a ticket or a reply, by who wrote it and what it answers; nobody learns more."""

from __future__ import annotations

import datetime as dt

import pytest

from core.channels.mail import message_id, thread_headers
from core.channels.references import signed, threads_in
from core.models import OutboxRow, UnreachableAddress
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, routed, submitted
from tests.tickets.letters import DESK, PNG, composed, letter
from tests.tickets.mailing import Post, answer, mailbox_of
from tickets.actions import ask_requester, assign_ticket, resolve_ticket
from tickets.choices import CommentKind, IncomingState, Resolution, Status, Strangers
from tickets.incoming.mail.handling import HOURLY_OF_ONE, handle_mail
from tickets.models import IncomingMessage, Ticket


@pytest.fixture
def post(cast: Cast, now: dt.datetime) -> Post:
    return Post(mailbox_of(cast, now), now)


def test_a_mail_becomes_a_ticket_and_is_answered(post: Post, cast: Cast) -> None:
    mail = composed(Cc="liuyang@yuanhe.example, who@else.example", Subject="转发: Fw: 报表导不出来")
    mail.set_content("见截图")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
    row = post(mail.as_bytes())
    ticket = row.ticket
    assert ticket is not None, row.error
    assert (ticket.title, ticket.requester, ticket.product) == (
        "报表导不出来", cast.wangke, cast.products["crm"],
    )  # fmt: skip
    assert [w.user for w in ticket.watchers.all()] == [cast.liuyang]
    assert ticket.attachments.count() == 1
    told = OutboxRow.objects.get(name="mail.received")
    assert told.payload["to"] == cast.wangke.pk
    # Handled again (a job runs at least once): nothing more comes of it.
    handle_mail({"message_id": row.pk}, post.now)
    assert Ticket.objects.filter(requester=cast.wangke, channel="mail").count() == 1


def test_an_answer_is_a_reply_by_its_reference(post: Post, cast: Cast, now: dt.datetime) -> None:
    ticket = routed(cast, now)
    ask_requester(ticket, "哪个版本？", acting_user=cast.linzhixia, now=now)
    quoted = (
        "\n\n------------------ 原始邮件 ------------------\n发件人: OpsDesk\n" + "引文。" * 200
    )
    row = post(answer(ticket, f"版本是 3.2{quoted}\n"))
    ticket.refresh_from_db()
    assert row.ticket == ticket, row.error
    assert row.comment is not None
    assert (row.comment.body, row.comment.author) == ("版本是 3.2", cast.wangke)
    assert "原始邮件" in row.comment.quoted
    assert ticket.status == Status.OPEN


@pytest.mark.parametrize("where", ["references", "address", "subject", "own_words"])
def test_a_reference_may_stand_anywhere(
    post: Post, cast: Cast, now: dt.datetime, where: str
) -> None:
    ticket = submitted(cast, now)
    reference = signed(f"ticket-{ticket.pk}")
    raw = {
        "references": letter(more=f"References: <a@b> <thread.{reference}@opsdesk> <c@d>"),
        "address": letter(more=f"Delivered-To: desk+{reference.upper()}@example.com"),
        "subject": letter(subject=f"回复: [{reference}] 报表"),
        "own_words": letter(subject=f"关于 {ticket.ref} 的补充"),
    }[where]
    assert post(raw).comment is not None


def test_our_mails_carry_what_an_answer_brings_back(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    thread = f"ticket-{ticket.pk}"
    for said in thread_headers(thread, "ticket:1:2:reply:3:mail:3").values():
        assert threads_in(said) == [thread]
    assert threads_in(message_id("a", thread).upper()) == [thread]


def test_a_forged_reference_of_a_foreigner_touches_and_reveals_nothing(
    post: Post, cast: Cast, now: dt.datetime
) -> None:
    ticket = submitted(cast, now)
    version, reference = ticket.version, signed(f"ticket-{ticket.pk}")
    forged = [
        f"In-Reply-To: <x.ticket-{ticket.pk}-{'a' * 16}@opsdesk>",
        f"References: <thread.{reference[:-1]}{'b' if reference[-1] == 'a' else 'a'}@opsdesk>",
        f"In-Reply-To: <x.{signed('ticket-999999')}@opsdesk>",
        f"X-Note: {ticket.ref}",
    ]
    for number, header in enumerate(forged):
        row = post(letter(sender="zhaoyi@yuanhe.example", message_id=f"<f{number}@x>",
                          subject=f"回复: {ticket.ref} 我的", more=header))  # fmt: skip
        # The same as a mail without any reference: a ticket of their own.
        assert row.ticket is not None
        assert row.ticket != ticket
        assert row.ticket.requester == cast.zhaoyi
    # A true reference in the wrong hands is held for an agent; its sender is answered nothing.
    sent = OutboxRow.objects.filter(kind="mail").count()
    row = post(answer(ticket, sender="zhaoyi"))
    assert (row.state, row.ticket) == (IncomingState.HELD, None)
    assert OutboxRow.objects.filter(kind="mail").count() == sent
    ticket.refresh_from_db()
    assert ticket.version == version
    assert not ticket.comments.exists()


def test_it_does_not_reopens_and_anything_else_informs(
    post: Post, cast: Cast, now: dt.datetime
) -> None:
    ticket = answered(cast, now)
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)
    post(answer(ticket, "谢谢，还是想问一下为什么没有解决说明"))
    ticket.refresh_from_db()
    assert ticket.status == Status.RESOLVED
    row = post(answer(ticket, "还是不行，导出又卡住了"))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened_times) == (Status.OPEN, 1), row.error
    assert row.comment is not None
    assert row.comment.body == "还是不行，导出又卡住了"


def test_it_does_not_after_a_month_is_a_new_ticket(
    post: Post, cast: Cast, now: dt.datetime
) -> None:
    ticket = answered(cast, now)
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)
    row = post(answer(ticket, "It doesn't work."), now + dt.timedelta(days=31))
    assert row.ticket is not None
    assert row.ticket != ticket
    assert row.ticket.links.get().target == ticket


def test_a_colleague_answers_in_public_only_what_was_public(
    post: Post, cast: Cast, now: dt.datetime
) -> None:
    ticket = assign_ticket(routed(cast, now), cast.linzhixia, acting_user=cast.gaoyuan, now=now)
    thread = f"ticket-{ticket.pk}"
    for name, kind in (("ticket.reply", CommentKind.PUBLIC), ("ticket.note", CommentKind.NOTE)):
        OutboxRow.objects.create(
            kind="mail", name=name, key=f"k:{name}", created_at=now, due_at=now,
            payload={"to": cast.linzhixia.pk, "params": {}, "subject": "ticket",
                     "subject_id": ticket.pk},
        )  # fmt: skip
        raw = letter("请看团队记录", sender="linzhixia@yuanhe.example", message_id=f"<{name}@x>",
                     more=f"In-Reply-To: {message_id(f'k:{name}', thread)}")  # fmt: skip
        row = post(raw)
        assert row.comment is not None, row.error
        assert row.comment.kind == kind
    # What mail it answers is not known any more: it stays inside.
    row = post(answer(ticket, "内部看看", sender="linzhixia"))
    assert row.comment is not None
    assert row.comment.kind == CommentKind.NOTE


@pytest.mark.parametrize(
    "more",
    [
        "Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: bulk", "Return-Path: <>",
        "List-Unsubscribe: <https://x.example/u>", f"X-Loop: {DESK}",
    ],
)  # fmt: skip
def test_programs_make_no_tickets(post: Post, more: str) -> None:
    row = post(letter(more=more))
    assert (row.state, row.ticket) == (IncomingState.SKIPPED, None)
    assert row.error
    assert not OutboxRow.objects.filter(kind="mail").exists()
    # The same mail without the header does.
    assert post(letter(message_id="<other@x>")).ticket is not None


def test_our_own_mails_do_not_come_back(post: Post, cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    own = letter(message_id=message_id("ticket:1", f"ticket-{ticket.pk}"))
    assert post(own).state == IncomingState.SKIPPED
    assert post(letter(sender=DESK)).state == IncomingState.SKIPPED
    for subject in ("自动回复: 我在休假", "Automatic reply: away"):
        assert post(letter(subject=subject, message_id=f"<{subject[:2]}@x>")).ticket is None


def test_a_flood_from_one_sender_waits(post: Post) -> None:
    rows = [post(letter(message_id=f"<{n}@flood>")) for n in range(HOURLY_OF_ONE + 2)]
    states = [row.state for row in rows]
    assert states[:HOURLY_OF_ONE] == [IncomingState.DONE] * HOURLY_OF_ONE
    assert set(states[HOURLY_OF_ONE:]) == {IncomingState.HELD}


def _report(of: str, address: str = "liuyang@yuanhe.example", status: str = "5.1.1") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: desk@example.com\r\nSubject: Undelivered\r\n"
        f"Message-ID: <{status}{len(of)}@mx>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; "
        'boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {of}\r\nSubject: x\r\n\r\n"
        "--b--\r\n"
    ).encode()


def test_a_bounce_makes_an_address_unreachable_only_for_our_mails(post: Post) -> None:
    assert post(_report("<guessed@localhost>")).state == IncomingState.SKIPPED
    assert not UnreachableAddress.objects.exists()
    post(_report(message_id("a", "ticket-1"), status="5.2.2"))
    assert not UnreachableAddress.objects.exists()
    row = post(_report(message_id("digest:1")))
    assert row.state == IncomingState.SKIPPED
    assert "liuyang@yuanhe.example" in row.error
    assert UnreachableAddress.objects.filter(address="liuyang@yuanhe.example").exists()


def test_strangers_are_held_refused_or_stood_in_for(cast: Cast, now: dt.datetime) -> None:
    def post_by(strangers: str, **more: object) -> Post:
        name = f"{strangers}@example.com"
        return Post(mailbox_of(cast, now, name=strangers, address=name, username=strangers,
                               strangers=strangers, **more), now)  # fmt: skip

    def stranger(number: int) -> bytes:
        return letter(sender="partner@else.example", message_id=f"<s{number}@x>")

    held = post_by(Strangers.HOLD)(stranger(1))
    assert (held.state, held.ticket) == (IncomingState.HELD, None)
    assert not OutboxRow.objects.filter(kind="mail").exists()

    refusing = post_by(Strangers.REFUSE)
    assert refusing(stranger(2)).state == refusing(stranger(3)).state == IncomingState.SKIPPED
    # Answered once: the address may be somebody else's.
    told = OutboxRow.objects.get(name="mail.refused")
    assert told.payload["email"] == "partner@else.example"

    stood = post_by(Strangers.STAND_IN, stand_in_id=cast.liuyang.pk)(stranger(4))
    assert stood.ticket is not None
    assert stood.ticket.requester == cast.liuyang
    assert stood.ticket.description.startswith("王珂 <partner@else.example>:")


def test_a_stranger_reaches_no_ticket_of_the_stand_in_but_their_own(
    cast: Cast, now: dt.datetime
) -> None:
    post = Post(
        mailbox_of(cast, now, strangers=Strangers.STAND_IN, stand_in_id=cast.wangke.pk), now
    )
    ticket = submitted(cast, now)  # of the stand-in, by the form
    for number, more in enumerate(
        [f"In-Reply-To: <x.{signed(f'ticket-{ticket.pk}')}@o>", f"X-Note: {ticket.ref}"]
    ):
        row = post(letter(sender="partner@else.example", message_id=f"<{number}@x>",
                          subject=f"关于 {ticket.ref}", more=more))  # fmt: skip
        assert row.ticket not in (None, ticket)
        own = row.ticket
    assert own is not None
    again = post(letter("补充", sender="partner@else.example", message_id="<again@x>",
                        more=f"In-Reply-To: <x.{signed(f'ticket-{own.pk}')}@o>"))  # fmt: skip
    assert (again.ticket, again.comment is not None) == (own, True)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("mx.example; spf=pass smtp.mailfrom=wangke@yuanhe.example", IncomingState.DONE),
        ("mx.example; dmarc=pass header.from=yuanhe.example", IncomingState.DONE),
        ("mx.example; spf=pass smtp.mailfrom=evil.example; dmarc=fail", IncomingState.HELD),
        ("other.example; dmarc=pass", IncomingState.HELD),
        (None, IncomingState.HELD),
    ],
)
def test_a_server_that_vouches_decides_whose_mail_it_is(
    cast: Cast, now: dt.datetime, said: str | None, state: str
) -> None:
    post = Post(mailbox_of(cast, now, confirmed_by="mx.example"), now)
    headers = [f"Authentication-Results: {said}"] if said else []
    headers.append("Authentication-Results: mx.example; dmarc=pass")  # written by the sender
    row = post(letter(more="\n".join(headers if said else [])))
    assert row.state == state


def test_what_is_half_refused_leaves_nothing_half_written(
    post: Post, cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tickets.incoming.mail.making as making

    def break_down(*args: object, **more: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(making, "tell_received", break_down)
    row = post(letter())
    assert (row.state, row.ticket) == (IncomingState.FAILED, None)
    assert "the disk is full" in row.error
    assert not Ticket.objects.filter(channel="mail").exists()
    monkeypatch.undo()
    IncomingMessage.objects.filter(pk=row.pk).update(state=IncomingState.RECEIVED)
    handle_mail({"message_id": row.pk}, now)
    row.refresh_from_db()
    assert row.ticket is not None


def test_a_mail_of_an_inactive_product_waits_with_the_reason(
    post: Post, cast: Cast, now: dt.datetime
) -> None:
    type(cast.products["crm"]).objects.filter(pk=cast.products["crm"].pk).update(is_active=False)
    row = post(letter())
    assert row.state == IncomingState.FAILED
    assert row.error
