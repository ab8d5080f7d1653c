"""The outbox: effects written with the change, delivered by a worker, never lost.

Claiming is a committed lease (`claimed_until`), the effect happens outside any transaction, then
the row is marked done: a crash in between repeats the effect, never loses it. An in-app notice
is the exception: its row and the mark are one transaction, so it happens exactly once. A mail or
a chat message renews its lease just before it leaves, so that two workers never send one row.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from kombu import Connection

from core.events import plain
from core.models import OutboxRow
from core.request_id import current_request_id

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
BATCH = 50
#: What leaves the house; a server outside may take its time.
OUTSIDE = (OutboxRow.Kind.MAIL, OutboxRow.Kind.CHAT)
INSIDE = (OutboxRow.Kind.NOTICE, OutboxRow.Kind.NEWS, OutboxRow.Kind.JOB)
#: Longer than any one sending can last, with every timeout spent.
SENDING_LEASE = dt.timedelta(seconds=180)
#: Seconds before the second, third, … try; after the last one the row is a dead letter.
BACK_OFF = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)


def put(
    kind: OutboxRow.Kind,
    name: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    now: dt.datetime,
    delay: dt.timedelta = dt.timedelta(0),
) -> None:
    """Write one effect in the caller's transaction; the same `key` again is the same effect."""
    OutboxRow.objects.bulk_create(
        [
            OutboxRow(
                kind=kind,
                name=name,
                key=key,
                payload={k: plain(v) for k, v in payload.items()},
                created_at=now,
                due_at=now + delay,
                request_id=current_request_id(),
            )
        ],
        ignore_conflicts=True,
    )
    if not delay:
        _poke_after_commit()


def news(name: str, payload: Mapping[str, Any], *, key: str, now: dt.datetime) -> None:
    """Tell the apps above what happened, as soon as a worker is free."""
    put(OutboxRow.Kind.NEWS, name, payload, key=key, now=now)


def job(name: str, payload: Mapping[str, Any], *, key: str, now: dt.datetime) -> None:
    """Ask a worker to run the job registered as `name`."""
    put(OutboxRow.Kind.JOB, name, payload, key=key, now=now)


def notify(
    recipient_id: int,
    kind: str,
    params: Mapping[str, Any],
    *,
    key: str,
    now: dt.datetime,
    subject: str = "",
    subject_id: int | None = None,
) -> None:
    """Tell one person, after the delay in which an undo can still stop it.

    Only the notice is written here. When it is delivered, the person's preferences decide whether
    it stands in the inbox, and what leaves by mail and chat, and when (`core.channels.routing`).
    """
    put(
        OutboxRow.Kind.NOTICE,
        kind,
        {
            "recipient": recipient_id,
            "params": {k: plain(v) for k, v in params.items()},
            "subject": subject,
            "subject_id": subject_id,
        },
        key=f"{key}:{recipient_id}",
        now=now,
        delay=dt.timedelta(seconds=settings.NOTICE_DELAY_SECONDS),
    )


def send(
    kind: OutboxRow.Kind,
    name: str,
    params: Mapping[str, Any],
    *,
    key: str,
    now: dt.datetime,
    to: int | None = None,
    address: int | None = None,
    email: str = "",
    subject: str = "",
    subject_id: int | None = None,
    delay: dt.timedelta | None = None,
) -> None:
    """Send a mail or a chat message of the kind `name`: worded when it leaves, for who reads it.

    `to` is a person's id; a chat message may name a `ChatAddress` by id instead (a team's group),
    a mail the `email` of somebody who has no account here.
    """
    put(
        kind,
        name,
        {
            "to": to,
            "address": address,
            **({"email": email} if email else {}),
            "params": {k: plain(v) for k, v in params.items()},
            "subject": subject,
            "subject_id": subject_id,
        },
        key=f"{key}:{kind}:{to or f'a{address}'}",
        now=now,
        delay=dt.timedelta(seconds=settings.NOTICE_DELAY_SECONDS) if delay is None else delay,
    )


#: What a row that was stopped in time says in place of an error.
WITHDRAWN = "withdrawn"


def withdraw(key_prefix: str, *, now: dt.datetime) -> int:
    """Stop what was not sent yet (an undo within the delay). Returns how many notices."""
    waiting = OutboxRow.objects.filter(
        key__startswith=key_prefix, done_at__isnull=True, claimed_until__isnull=True
    )
    waiting.filter(kind__in=OUTSIDE).update(done_at=now, last_error=WITHDRAWN)
    return waiting.update(done_at=now, last_error=WITHDRAWN)


def claim(
    now: dt.datetime, limit: int = BATCH, kinds: Iterable[str] | None = None
) -> list[OutboxRow]:
    """Take due rows under a committed lease; other workers pass them by."""
    due = OutboxRow.objects.select_for_update(skip_locked=True).filter(
        done_at__isnull=True, failed_at__isnull=True, parked_at__isnull=True, due_at__lte=now
    )
    if kinds is not None:
        due = due.filter(kind__in=list(kinds))
    with transaction.atomic():
        rows = list(
            due.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))
            .order_by("due_at")[:limit]
        )  # fmt: skip
        taken = OutboxRow.objects.filter(pk__in=[row.pk for row in rows])
        if left := [row for row in rows if row.claimed_until is not None]:
            # Whoever had them died or hung: what it was just sending may arrive twice.
            taken.filter(claimed_until__isnull=False).update(repeats=F("repeats") + 1)
            for row in left:
                row.repeats += 1
                logger.warning(
                    "outbox row %s (%s %s, id %s) is taken over from a lost worker",
                    row.pk, row.kind, row.name, row.key,
                )  # fmt: skip
        taken.update(claimed_until=now + LEASE)
        for row in rows:
            row.claimed_until = now + LEASE
    return rows


def renew(row: OutboxRow, now: dt.datetime) -> bool:
    """Hold the lease of a claimed row for as long as a sending lasts.

    False when it ran out meanwhile and another worker has the row: then it must not be sent.
    """
    mine = OutboxRow.objects.filter(
        pk=row.pk, done_at__isnull=True, claimed_until=row.claimed_until
    )
    until = now + SENDING_LEASE
    if not mine.update(claimed_until=until):
        return False
    row.claimed_until = until
    return True


def put_back(row: OutboxRow, due_at: dt.datetime) -> None:
    """Give a claimed row back for later without counting a try (a rate limit, a server away)."""
    OutboxRow.objects.filter(pk=row.pk, done_at__isnull=True).update(
        claimed_until=None, due_at=due_at
    )


def mark_skipped(row: OutboxRow, reason: str, now: dt.datetime) -> None:
    """Close a row that is not to be sent any more, and keep why."""
    OutboxRow.objects.filter(pk=row.pk, done_at__isnull=True).update(
        done_at=now, claimed_until=None, last_error=f"not sent: {reason}"[:2000]
    )


def park(row: OutboxRow, reason: str, now: dt.datetime) -> None:
    """Keep a row that cannot leave as the house is set up; a person sends it later, or never."""
    OutboxRow.objects.filter(pk=row.pk, done_at__isnull=True).update(
        parked_at=now, claimed_until=None, last_error=reason[:2000]
    )


def mark_done(row: OutboxRow, now: dt.datetime) -> bool:
    """Mark a row done; False when somebody did so before (only the first may act in-app)."""
    return bool(
        OutboxRow.objects.filter(pk=row.pk, done_at__isnull=True).update(
            done_at=now, claimed_until=None, attempts=row.attempts + 1, last_error=""
        )
    )


def mark_failed(row: OutboxRow, error: str, now: dt.datetime) -> None:
    """Plan the next try, or keep the row as a visible dead letter after the last."""
    attempts = row.attempts + 1
    last = attempts > len(BACK_OFF)
    OutboxRow.objects.filter(pk=row.pk).update(
        attempts=attempts,
        claimed_until=None,
        last_error=error[:2000],
        failed_at=now if last else None,
        due_at=row.due_at if last else now + dt.timedelta(seconds=BACK_OFF[attempts - 1]),
    )


#: How the words of a dead letter begin that a person closed.
GIVEN_UP = "given up"


def give_up(row: OutboxRow, by: str, now: dt.datetime) -> None:
    """Close a dead letter, or a parked row, that nobody needs any more; it says who did so."""
    kept = OutboxRow.objects.filter(pk=row.pk, done_at__isnull=True)
    kept.filter(Q(failed_at__isnull=False) | Q(parked_at__isnull=False)).update(
        done_at=now, failed_at=None, parked_at=None, claimed_until=None,
        last_error=f"{GIVEN_UP} by {by}; it had said: {row.last_error}"[:2000],
    )  # fmt: skip


def mark_dead(row: OutboxRow, error: str, now: dt.datetime) -> None:
    """Keep a row that no further try would deliver as a dead letter at once."""
    OutboxRow.objects.filter(pk=row.pk, done_at__isnull=True).update(
        attempts=row.attempts + 1, claimed_until=None, failed_at=now, last_error=error[:2000]
    )


def resend(row: OutboxRow, now: dt.datetime) -> None:
    """Give a dead letter, or a parked one, a fresh set of tries under its old message id."""
    OutboxRow.objects.filter(pk=row.pk).update(
        failed_at=None, parked_at=None, done_at=None, attempts=0, due_at=now, claimed_until=None
    )
    _poke_after_commit()


def _poke_after_commit() -> None:
    """One poke a transaction, however many effects it wrote.

    A rolled-back savepoint takes its poke with it, so what stands in the list will be made.
    """
    waiting = transaction.get_connection().run_on_commit
    if not any(entry[1] is poke for entry in waiting):
        transaction.on_commit(poke, robust=True)


@cache
def _poke_connection() -> Connection:
    """A connection of its own: the worker's must be allowed to wait, this one must not."""
    return Connection(
        settings.REDIS_URL,
        transport_options={
            "socket_connect_timeout": 0.3,
            "socket_timeout": 0.3,
            # Without this kombu tries for 6 s to connect, whatever `retry` says.
            "max_retries": 0,
        },
    )


def poke() -> None:
    """Wake a worker now; without one (Redis away) the sweep finds the rows within 5 s."""
    try:
        current_app.send_task(
            "core.tasks.deliver_outbox", connection=_poke_connection(), retry=False
        )
    except Exception as error:
        logger.warning("no worker could be poked: %s", error)
