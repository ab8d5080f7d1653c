"""What tests of mail in share: a mailbox, and mails that arrive in it."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

from django.core.files.base import File

from core.channels.references import signed
from opsdesk.demo.cast import Cast
from tests.tickets.letters import DESK, letter
from tickets.actions.mailboxes import create_mailbox
from tickets.incoming.mail.handling import handle_mail
from tickets.incoming.mail.letter import identity
from tickets.incoming.mail.reading import keep_mail
from tickets.incoming.mail.server import Fetched
from tickets.models import IncomingMessage, Mailbox, Ticket


def mailbox_of(cast: Cast, now: dt.datetime, **more: object) -> Mailbox:
    fields = {
        "name": "服务台", "address": DESK, "host": "127.0.0.1", "port": 143, "security": "none",
        "username": "desk", "secret": "geheim", "folder": "INBOX",
        "product_id": cast.products["crm"].pk, **more,
    }  # fmt: skip
    return create_mailbox(fields, acting_user=cast.admin, now=now)


@dataclass(frozen=True)
class Post:
    """Brings mails to a mailbox as the reader does, and has them handled."""

    mailbox: Mailbox
    now: dt.datetime

    def __call__(self, raw: bytes, now: dt.datetime | None = None) -> IncomingMessage:
        file: File[bytes] = File(io.BytesIO(raw), name="mail.eml")
        keep_mail(self.mailbox, Fetched(1, file, len(raw), is_whole=True), now or self.now)
        row = IncomingMessage.objects.get(message_id=identity(raw))
        handle_mail({"message_id": row.pk}, now or self.now)
        row.refresh_from_db()
        return row


_NUMBERS = iter(range(100, 100_000))


def answer(
    ticket: Ticket, words: str = "版本是 3.2", sender: str = "wangke", more: str = ""
) -> bytes:
    """An answer to a mail of ours about `ticket`, with its true reference."""
    return letter(
        words, sender=f"{sender}@yuanhe.example", subject=f"回复: {ticket.title}",
        message_id=f"<{next(_NUMBERS)}@client.example.com>",
        more=f"In-Reply-To: <x.{signed(f'ticket-{ticket.pk}')}@opsdesk>\n{more}",
    )  # fmt: skip
