"""A real IMAP server is read, through kills and renumbering: each mail once, none lost."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from core.models import OutboxRow
from core.tasks import deliver_outbox
from opsdesk.demo.cast import Cast, build_cast
from stack.places import PROJECT
from tests.standins import mail_server
from tests.tickets.letters import ImapServer, imap_server, letter
from tests.tickets.mailing import mailbox_of
from tickets.choices import IncomingState
from tickets.incoming.mail.reading import read_mailboxes
from tickets.models import IncomingMessage, Mailbox, Ticket


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


def _place(server: ImapServer, folder: str, **more: object) -> dict[str, object]:
    return {
        "port": server.port, "username": server.username, "secret": server.password,
        "folder": folder, "from_start": True, **more,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]


def test_a_mail_is_answered_by_mail_and_the_answer_to_that_is_a_reply(
    imap: ImapServer, cast: Cast, now: dt.datetime, settings: Any
) -> None:
    """IMAP in, SMTP out, IMAP in again."""
    imap.put(letter(message_id="<round@client.example.com>"), folder="Round")
    mailbox = mailbox_of(cast, now, **_place(imap, "Round", tags_replies=True))
    with mail_server() as smtp:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = smtp.host, smtp.port
        settings.MAIL_SERVER_IS_GIVEN = True
        assert read_mailboxes(timezone.now()) == 1
        deliver_outbox()
        ticket = Ticket.objects.get(channel="mail")
        [told] = smtp.arrived
        assert told["To"] == "wangke@yuanhe.example"
        assert str(told["Reply-To"]).startswith("desk+ticket-")
        assert told["Auto-Submitted"] == "auto-generated"
        back = letter(
            "就是这个问题", message_id="<back@client.example.com>",
            subject=f"Re: {told['Subject']}", more=f"In-Reply-To: {told['Message-ID']}",
        )  # fmt: skip
        imap.put(back, folder="Round")
        assert read_mailboxes(timezone.now()) == 1
        deliver_outbox()
    assert ticket.comments.get().body == "就是这个问题"
    mailbox.refresh_from_db()
    assert (mailbox.last_error, mailbox.leased_until) == ("", None)
    # Read again: there is nothing new, and nothing was changed on the server.
    assert read_mailboxes(timezone.now()) == 0
    with imap.client("Round") as client:
        flags = client.get_flags(client.search()).values()
        assert all(b"\\Seen" not in found for found in flags)


def test_a_folder_that_is_numbered_anew_is_read_again_and_known(
    imap: ImapServer, cast: Cast, now: dt.datetime
) -> None:
    imap.put(letter(message_id="<n1@x>"), letter(message_id="<n2@x>"), folder="Anew")
    mailbox = mailbox_of(cast, now, **_place(imap, "Anew"))
    assert read_mailboxes(timezone.now()) == 2
    mailbox.refresh_from_db()
    before = mailbox.uid_validity
    imap.number_anew("Anew")
    imap.put(letter(message_id="<n3@x>"), folder="Anew")
    assert read_mailboxes(timezone.now()) == 1
    mailbox.refresh_from_db()
    assert mailbox.uid_validity != before
    assert IncomingMessage.objects.filter(source=mailbox.source).count() == 3


def test_only_what_comes_from_now_on_is_read(
    imap: ImapServer, cast: Cast, now: dt.datetime
) -> None:
    imap.put(letter(message_id="<old@x>"), folder="Later")
    mailbox_of(cast, now, **_place(imap, "Later", from_start=False))
    assert read_mailboxes(timezone.now()) == 0
    imap.put(letter(message_id="<new@x>"), folder="Later")
    assert read_mailboxes(timezone.now()) == 1
    assert IncomingMessage.objects.get().thread == "<new@x>"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"secret": "no"}, "password"),
        ({"folder": "Nowhere"}, "Nowhere"),
        ({"port": 1}, "127.0.0.1"),
        ({"security": "tls"}, "encryption"),
        ({"host": "no-such-host.invalid"}, "no-such-host"),
        ({"host": "10.1.2.3"}, "OPSDESK_ALLOWED_PRIVATE_HOSTS"),
    ],
)
def test_a_mailbox_that_cannot_be_read_says_why(
    imap: ImapServer, cast: Cast, now: dt.datetime, settings: Any, wrong: dict[str, Any], said: str
) -> None:
    settings.LANGUAGE_CODE = "en"
    mailbox = mailbox_of(cast, now, **{**_place(imap, "INBOX"), **wrong})
    assert read_mailboxes(timezone.now()) == 0
    mailbox.refresh_from_db()
    assert said in mailbox.last_error
    assert "geheim" not in mailbox.last_error
    assert mailbox.leased_until is None


@pytest.mark.slow
def test_fifty_megabytes_are_kept_whole_and_reported(
    imap: ImapServer, cast: Cast, now: dt.datetime
) -> None:
    raw = letter("x" * 78 + "\n", message_id="<big@x>") + (b"y" * 76 + b"\r\n") * (
        50 * 1024 * 1024 // 78
    )
    imap.put(raw, letter(message_id="<after@x>"), folder="Big")
    mailbox_of(cast, now, **_place(imap, "Big"))
    assert read_mailboxes(timezone.now()) == 2
    deliver_outbox()
    big = IncomingMessage.objects.get(thread="<big@x>")
    assert (big.state, big.ticket) == (IncomingState.FAILED, None)
    assert big.raw is not None
    assert big.raw.size >= 50 * 1024 * 1024
    assert OutboxRow.objects.filter(name="mail.too_large").count() == 1
    assert IncomingMessage.objects.get(thread="<after@x>").ticket is not None


_READER = """
import os, sys, django
django.setup()
from django.conf import settings
settings.ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
from django.utils import timezone
from core.tasks import deliver_outbox
from tickets.incoming.mail.reading import read_mailboxes
from tickets.models import Mailbox
Mailbox.objects.update(leased_until=None)
print("ready", flush=True)
read_mailboxes(timezone.now())
deliver_outbox()
"""


@pytest.mark.slow
def test_a_killed_reader_loses_and_doubles_nothing(
    imap: ImapServer, product_environment: dict[str, str], now: dt.datetime
) -> None:
    cast = build_cast(now - dt.timedelta(days=7))
    mails = [
        letter(f"第 {n} 件事", message_id=f"<k{n}@x>", sender=f"{who}@yuanhe.example")
        for n in range(40)
        for who in [("wangke", "liuyang")[n % 2]]
    ]
    imap.put(*mails, folder="Kill")
    mailbox_of(cast, now, **_place(imap, "Kill"))
    environment = {**product_environment, "DJANGO_SETTINGS_MODULE": "opsdesk.settings"}
    for round_ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", _READER], cwd=PROJECT, env=environment, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.15 + 0.25 * round_)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    Mailbox.objects.update(leased_until=None)
    read_mailboxes(timezone.now())
    OutboxRow.objects.update(claimed_until=None, due_at=now)
    deliver_outbox()
    rows = IncomingMessage.objects.filter(thread__endswith="@x>", thread__startswith="<k")
    assert rows.count() == 40
    assert set(rows.values_list("state", flat=True)) == {IncomingState.DONE}
    said = Ticket.objects.filter(channel="mail").values_list("description", flat=True)
    assert sorted(said) == sorted(f"第 {n} 件事" for n in range(40))
