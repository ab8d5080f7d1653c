"""One mail or chat row of the outbox, from its kind and parameters to the server outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation

from core import outbox, registry
from core.channels.chat import ChatMessage, provider_named
from core.channels.errors import NotConfigured, ServerAway, TooFast, Unsent
from core.channels.mail import is_configured, send_mail
from core.channels.pace import keep_pace
from core.channels.shapes import absolute, as_chat
from core.models import ChatAddress, Notice, OutboxRow
from core.registry import Link, Message, Reader

#: How long a server that nobody answers at is left alone.
AWAY = 20
#: Rows taken at a time: what is inside the house comes first again after each.
BATCH = 10


class NotSent(Exception):
    """There is no longer a reason, or nowhere to go; the words are kept on the row."""


def kinds_up() -> list[str]:
    """The channels worth trying now: one whose server just did not answer rests a while."""
    return [kind for kind in outbox.OUTSIDE if cache.get(_away_key(kind)) is None]


@contextmanager
def mail_connection(rows: Sequence[OutboxRow]) -> Iterator[BaseEmailBackend | None]:
    """One connection to the mail server for a batch; None when no row is a mail."""
    if not is_configured() or all(row.kind != OutboxRow.Kind.MAIL for row in rows):
        yield None
        return
    connection = get_connection()
    try:
        yield connection
    finally:
        connection.close()


def send_row(row: OutboxRow, now: dt.datetime, connection: BaseEmailBackend | None = None) -> None:
    """Send one claimed row and mark it; every failure is kept on the row."""
    if row.kind == OutboxRow.Kind.MAIL and cache.get(_away_key(row.kind)) is not None:
        outbox.put_back(row, now + dt.timedelta(seconds=AWAY))
        return
    if not outbox.renew(row, now):
        return
    try:
        if row.kind == OutboxRow.Kind.MAIL:
            _mail(row, now, connection or get_connection())
        else:
            _chat(row, now)
    except NotSent as reason:
        outbox.mark_skipped(row, str(reason), now)
    except NotConfigured as reason:
        outbox.park(row, str(reason), now)
    except TooFast as wait:
        outbox.put_back(row, now + dt.timedelta(seconds=wait.seconds))
    except ServerAway:
        if row.kind == OutboxRow.Kind.MAIL:
            cache.set(_away_key(row.kind), 1, AWAY)
        raise
    else:
        outbox.mark_done(row, now)


def _mail(row: OutboxRow, now: dt.datetime, connection: BaseEmailBackend) -> None:
    reader = _reader(row.payload)
    if not reader.email:
        raise NotSent("the person has no e-mail address")
    with translation.override(reader.language):
        send_mail(reader, _message(row, reader, now), row.key, connection)


def _chat(row: OutboxRow, now: dt.datetime) -> None:
    address = _address(row.payload)
    if address is None:
        raise NotSent("there is no chat address")
    reader = _reader(row.payload)
    with translation.override(reader.language):
        message = _message(row, reader, now)
        send_chat(address, message, row.key, now)


def send_chat(address: ChatAddress, message: Message, key: str, now: dt.datetime) -> None:
    """Hand one chat message to its provider, and note on the address what came of it."""
    provider = provider_named(address.provider)
    keep_pace(address.pk, provider.per_minute, now)
    shaped = ChatMessage(
        id=key, title=message.title, body=as_chat(message, key), facts=message.facts,
        links=tuple((link.label, absolute(link.path)) for link in message.links),
        thread=message.thread,
    )  # fmt: skip
    rows = ChatAddress.objects.filter(pk=address.pk)
    try:
        provider.send(address.url, address.secret, shaped)
    except Unsent as error:
        rows.update(failed_at=now, last_error=str(error)[:300])
        raise
    rows.update(sent_at=now, last_error="")


def _reader(payload: dict[str, Any]) -> Reader:
    if payload["to"] is None:
        return Reader(language=settings.LANGUAGE_CODE)
    reader = registry.reader_of(payload["to"])
    if reader is None:
        raise NotSent("the person has left")
    return reader


def _address(payload: dict[str, Any]) -> ChatAddress | None:
    found = ChatAddress.objects.filter(is_active=True)
    if payload["address"] is not None:
        return found.filter(pk=payload["address"]).first()
    return found.filter(subject="user", subject_id=payload["to"]).first()


def _message(row: OutboxRow, reader: Reader, now: dt.datetime) -> Message:
    """The words of a row; whether they may still be said is asked again here."""
    kind = registry.message_kind(row.name)
    if kind is None:
        return NoticeMessage(row).compose(reader)
    message = kind.compose(reader, row.payload["params"], now)
    if message is None:
        raise NotSent("there is no longer a reason")
    return message


@dataclass(frozen=True)
class NoticeMessage:
    """The mail or chat message of an in-app notice that says it all in its two lines."""

    row: OutboxRow

    def compose(self, reader: Reader) -> Message:
        kind, payload = registry.notice_kind(self.row.name), self.row.payload
        user = reader.user
        if user is None or not kind.may_receive(user, payload["params"]):
            raise NotSent("the person may no longer see it")
        notice = Notice(
            kind=self.row.name, params=payload["params"], subject=payload["subject"],
            subject_id=payload["subject_id"],
        )  # fmt: skip
        said = kind.text(notice)
        thread = f"{payload['subject']}-{payload['subject_id']}" if payload["subject"] else ""
        label = translation.gettext("Open in OpsDesk")
        return Message(
            title=said.title, text=said.body, thread=thread,
            links=(Link(label, said.url, is_first=True),) if said.url else (),
        )  # fmt: skip


def _away_key(kind: str) -> str:
    return f"core.channels.away:{kind}"
