"""One mail or chat row of the outbox, from its kind and parameters to the server outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core import live, outbox, registry
from core.channels.chat import ChatMessage, provider_named
from core.channels.digests import Said, compose_digest, worth_saying
from core.channels.errors import NotConfigured, ServerAway, TooFast, Unreachable, Unsent
from core.channels.mail import Envelope, is_configured, send_mail
from core.channels.pace import hold_back, keep_pace
from core.channels.reachability import is_unreachable, mark_unreachable
from core.channels.routing import DIGEST
from core.channels.shapes import absolute, as_chat
from core.channels.stopping import stop_path
from core.models import ChatAddress, Notice, OutboxRow
from core.registry import Link, Message, Reader
from core.telling import Channel, Mode

#: How long a server that nobody answers at is left alone.
AWAY = 20
#: Rows taken at a time: what is inside the house comes first again after each.
BATCH = 10


class NotSent(Exception):
    """There is no longer a reason, or nowhere to go; the words are kept on the row."""


class Quiet(Exception):
    """The person's quiet time; it rings after it."""

    def __init__(self, until: dt.datetime) -> None:
        self.until = until
        super().__init__(f"quiet until {until}")


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
        reader = _reader(row.payload)
        _keep_quiet(row, reader, now)
        if row.kind == OutboxRow.Kind.MAIL:
            _mail(row, reader, now, connection or get_connection())
        else:
            _chat(row, reader, now)
    except NotSent as reason:
        outbox.mark_skipped(row, str(reason), now)
    except NotConfigured as reason:
        outbox.park(row, str(reason), now)
    except TooFast as wait:
        outbox.put_back(row, now + dt.timedelta(seconds=wait.seconds))
    except Quiet as wait:
        outbox.put_back(row, wait.until)
    except Unreachable as error:
        _give_up_address(row, reader, str(error), now)
    except ServerAway:
        if row.kind == OutboxRow.Kind.MAIL:
            cache.set(_away_key(row.kind), 1, AWAY)
        raise
    else:
        outbox.mark_done(row, now)


def _keep_quiet(row: OutboxRow, reader: Reader, now: dt.datetime) -> None:
    """Asked once more when a message leaves: a retry must not ring at night either.

    What the person switched off since it was written is not sent, unless it is an obligation.
    """
    group, wish = registry.group_of(row.name), reader.wish
    if wish is None or (group is None and row.name != DIGEST):
        return
    if group is not None and not registry.is_obligation(row.name):
        channel = Channel.MAIL if row.kind == OutboxRow.Kind.MAIL else Channel.CHAT
        if wish.mode(group, channel) == Mode.OFF:
            raise NotSent("the person switched this off")
    if registry.is_urgent(row.name):
        return
    rings = wish.rings_at(now)
    if rings > now:
        raise Quiet(rings)


def _give_up_address(row: OutboxRow, reader: Reader, error: str, now: dt.datetime) -> None:
    """Note the address, keep the row as a dead letter, and tell in the inbox what it was to tell.

    An obligation changes channel; anything else the person wanted by mail is not lost either.
    """
    with transaction.atomic():
        mark_unreachable(reader.email, error, now=now)
        outbox.mark_dead(row, error, now)
        items = row.payload.get("items") or [row.payload]
        for item in items:
            _tell_in_app(row, item, now)


def _tell_in_app(row: OutboxRow, item: dict[str, Any], now: dt.datetime) -> None:
    key = item.get("notice") or item.get("key")
    if not key:
        return  # a message of its own kind, whose notice was told by itself
    Notice.objects.bulk_create(
        [
            Notice(
                recipient_id=row.payload["to"], kind=item.get("kind", row.name),
                params=item["params"], subject=item["subject"], subject_id=item["subject_id"],
                key=key, created_at=now,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    live.changed(f"inbox:{row.payload['to']}")


def _mail(row: OutboxRow, reader: Reader, now: dt.datetime, connection: BaseEmailBackend) -> None:
    if not reader.email:
        raise NotSent("the person has no e-mail address")
    if is_unreachable(reader.email):
        raise Unreachable("the address is known not to work")
    with translation.override(reader.language):
        message = _message(row, reader, now)
        send_mail(reader, message, row.key, connection, _envelope(row))


def _envelope(row: OutboxRow) -> Envelope:
    """How the reader gets no more such mails: by a link, and by the button of their program."""
    if row.name == DIGEST:
        return Envelope(stop_path(row.payload["to"], DIGEST), str(_("Digest of notices")))
    group = registry.group_of(row.name)
    if group is None:
        return Envelope()
    return Envelope(stop_path(row.payload["to"], group.name), str(group.label))


def _chat(row: OutboxRow, reader: Reader, now: dt.datetime) -> None:
    address = _address(row.payload)
    if address is None:
        raise NotSent("there is no chat address")
    with translation.override(reader.language):
        message = _message(row, reader, now)
        send_chat(address, message, row.key, now)


def send_chat(address: ChatAddress, message: Message, key: str, now: dt.datetime) -> None:
    """Hand one chat message to its provider, and note on the address what came of it."""
    provider = provider_named(address.provider)
    keep_pace(address.url, provider.limits)
    shaped = ChatMessage(
        id=key, title=message.title, body=as_chat(message, key, provider.most_bytes),
        facts=message.facts,
        links=tuple((link.label, absolute(link.path)) for link in message.links),
        thread=message.thread,
    )  # fmt: skip
    rows = ChatAddress.objects.filter(pk=address.pk)
    try:
        provider.send(address.url, address.secret, shaped)
    except TooFast as wait:
        # The provider counts differently, or others write there too: every worker waits.
        hold_back(address.url, wait.seconds)
        raise
    except Unsent as error:
        rows.update(failed_at=now, last_error=str(error)[:300])
        raise
    rows.update(sent_at=now, last_error="")


def _reader(payload: dict[str, Any]) -> Reader:
    if payload["to"] is None:
        # A team's group, or the address of somebody without an account.
        return Reader(language=settings.LANGUAGE_CODE, email=payload.get("email", ""))
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
    if row.name == DIGEST:
        return _digest(row, reader, now)
    kind = registry.message_kind(row.name)
    if kind is None:
        return _notice(row.name, row.payload, reader)
    message = kind.compose(reader, row.payload["params"], now)
    if message is None:
        raise NotSent("there is no longer a reason")
    return message


def _digest(row: OutboxRow, reader: Reader, now: dt.datetime) -> Message:
    """What is still worth saying; one notice alone is said as it would be by itself."""
    said = worth_saying(row.payload["items"], reader)
    if not said:
        raise NotSent("everything in it was read in the inbox")
    return _of_one(said[0]) if len(said) == 1 else compose_digest(said, now)


def _notice(kind: str, payload: dict[str, Any], reader: Reader) -> Message:
    """The mail or chat message of an in-app notice that says it all in its two lines."""
    said = worth_saying([{**payload, "kind": kind, "key": ""}], reader)
    if not said:
        raise NotSent("the person may no longer see it")
    return _of_one(said[0])


def _of_one(said: Said) -> Message:
    text = said.text
    label = translation.gettext("Open in OpsDesk")
    return Message(
        title=text.title, text=text.body, subject=text.about, thread=said.thread,
        links=(Link(label, text.url, is_first=True),) if text.url else (),
    )  # fmt: skip


def _away_key(kind: str) -> str:
    return f"core.channels.away:{kind}"
