"""Mailboxes are read: each mail is kept as it came, then a job makes something of it.

A mailbox is read by one worker at a time, by a lease that runs out with a dead worker. The place up
to which it was read moves with each kept mail, in one transaction; a mail that is found again (a
kill in between, a server that numbers anew, two mailboxes in one) is known by what it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from core import files as stored_files
from core import outbox
from tickets.choices import Channel, IncomingState
from tickets.incoming.mail.handling import HANDLE
from tickets.incoming.mail.letter import Letter, identity, read_letter
from tickets.incoming.mail.server import (
    Fetched,
    Folder,
    MailboxError,
    fetched,
    opened,
    uids_after,
    uids_since,
)
from tickets.models import IncomingMessage, Mailbox

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=3)
#: Mails kept in one go; the clock comes again.
BATCH = 200
#: Of a mail whose headers are all that is looked at before it is stored.
_HEAD = 256 * 1024


def read_mailboxes(now: dt.datetime) -> int:
    """Read every mailbox that nobody reads now. Returns how many new mails were kept."""
    kept = 0
    for mailbox in Mailbox.objects.filter(is_active=True).order_by("pk"):
        if _lease(mailbox, now):
            kept += read_mailbox(mailbox, now)
    return kept


def read_mailbox(mailbox: Mailbox, now: dt.datetime) -> int:
    """Read one leased mailbox; what went wrong is kept on it. Returns how many were kept."""
    rows = Mailbox.objects.filter(pk=mailbox.pk)
    kept = 0
    try:
        with (
            translation.override(settings.LANGUAGE_CODE),
            opened(mailbox) as (client, folder),
        ):
            for uid in _to_read(mailbox, folder, client)[:BATCH]:
                with fetched(client, uid) as mail:
                    kept += _keep(mailbox, folder, uid, mail)
                _hold(mailbox)
    except MailboxError as error:
        logger.warning("mailbox %s could not be read: %s", mailbox.pk, error)
        rows.update(leased_until=None, failed_at=now, last_error=str(error)[:300])
    else:
        rows.update(leased_until=None, read_at=now, failed_at=None, last_error="")
    return kept


def look_into(mailbox: Mailbox, now: dt.datetime) -> None:
    """Read the mailbox now if it is switched on; else only see whether it could be read."""
    if mailbox.is_active:
        if _lease(mailbox, now):
            read_mailbox(mailbox, now)
        return
    rows = Mailbox.objects.filter(pk=mailbox.pk)
    try:
        with translation.override(settings.LANGUAGE_CODE), opened(mailbox):
            rows.update(read_at=now, failed_at=None, last_error="")
    except MailboxError as error:
        rows.update(failed_at=now, last_error=str(error)[:300])


def _lease(mailbox: Mailbox, now: dt.datetime) -> bool:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return bool(
        Mailbox.objects.filter(free, pk=mailbox.pk, is_active=True).update(leased_until=now + LEASE)
    )


def _hold(mailbox: Mailbox) -> None:
    """Hold the lease while mails come; the clock is asked, for a large mail takes its time."""
    Mailbox.objects.filter(pk=mailbox.pk).update(leased_until=timezone.now() + LEASE)


def _to_read(mailbox: Mailbox, folder: Folder, client: object) -> list[int]:
    """The uids that were not read yet, and the place set where a mailbox begins."""
    if mailbox.uid_validity == folder.uid_validity:
        return uids_after(client, mailbox.last_uid)
    if mailbox.uid_validity is None and not mailbox.from_start:
        _begin(mailbox, folder, max(folder.uid_next - 1, 0))
        return []
    if mailbox.uid_validity is not None and not mailbox.from_start:
        # Numbered anew: what came since we read last is looked through; known mails are known.
        day = timezone.localdate(mailbox.read_at or timezone.now()) - dt.timedelta(days=2)
        uids = uids_since(client, day)
        _begin(mailbox, folder, min(uids, default=folder.uid_next) - 1)
        return uids
    _begin(mailbox, folder, 0)
    return uids_after(client, 0)


def _begin(mailbox: Mailbox, folder: Folder, last_uid: int) -> None:
    mailbox.uid_validity, mailbox.last_uid = folder.uid_validity, last_uid
    mailbox.save(update_fields=["uid_validity", "last_uid"])


def _keep(mailbox: Mailbox, folder: Folder, uid: int, mail: Fetched | None) -> int:
    """Keep one mail and move the place behind it. Returns 1 for a mail that was not known."""
    now = timezone.now()
    is_new = 0
    with transaction.atomic():
        if mail is not None:
            is_new = keep_mail(mailbox, mail, now)
        Mailbox.objects.filter(pk=mailbox.pk, uid_validity=folder.uid_validity).update(
            last_uid=uid, **({"arrived_at": now} if is_new else {})
        )
    return is_new


def keep_mail(mailbox: Mailbox, mail: Fetched, now: dt.datetime) -> int:
    """Keep one mail as it came, and have a worker handle it. Returns 1 if it was not known."""
    raw = mail.file.read(settings.MAIL_MAX_BYTES)
    letter, identified = _known_by(raw)
    is_whole = mail.is_whole and mail.size <= settings.MAIL_MAX_BYTES
    stored = stored_files.store(mail.file, now=now)
    row, is_new = IncomingMessage.objects.get_or_create(
        source=mailbox.source,
        message_id=identified,
        defaults={
            "channel": Channel.MAIL,
            "thread": letter.message_id[:255],
            "sender": letter.sender,
            "sender_name": letter.sender_name,
            "subject": letter.subject[:200],
            "said_at": letter.said_at,
            "received_at": now,
            "raw": stored,
            "state": IncomingState.RECEIVED,
            "data": {
                "size": mail.size,
                "uid": mail.uid,
                **({} if is_whole else {"too_large": True}),
            },
        },
    )
    if is_new:
        outbox.job(HANDLE, {"message_id": row.pk}, key=f"mail-in:{row.pk}:0", now=now)
    return int(is_new)


def _known_by(raw: bytes) -> tuple[Letter, str]:
    """What the headers say, and what the mail is known by, whatever stands in it."""
    try:
        return read_letter(raw[:_HEAD], content=False), identity(raw)
    except Exception:
        # A mail that breaks the parser must not stop those behind it: it is kept by its bytes.
        logger.exception("the headers of an incoming mail could not be read")
        return read_letter(b"", content=False), f"bytes:{hashlib.sha256(raw).hexdigest()}"
