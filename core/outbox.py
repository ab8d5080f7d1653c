"""The outbox: effects written with the change, delivered by a worker, never lost.

Claiming is a committed lease (`claimed_until`), the effect happens outside any transaction, then
the row is marked done: a crash in between repeats the effect, never loses it. An in-app notice
is the exception: its row and the mark are one transaction, so it happens exactly once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from kombu import Connection

from core.events import plain
from core.models import OutboxRow
from core.request_id import current_request_id

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
BATCH = 50
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
    """Tell one person in-app, after the delay in which an undo can still stop it."""
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


def withdraw(key_prefix: str, *, now: dt.datetime) -> int:
    """Stop notices that were not sent yet (an undo within the delay). Returns how many."""
    return OutboxRow.objects.filter(
        key__startswith=key_prefix, done_at__isnull=True, claimed_until__isnull=True
    ).update(done_at=now, last_error="withdrawn")


def claim(now: dt.datetime, limit: int = BATCH) -> list[OutboxRow]:
    """Take due rows under a committed lease; other workers pass them by."""
    with transaction.atomic():
        rows = list(
            OutboxRow.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, failed_at__isnull=True, due_at__lte=now)
            .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))
            .order_by("due_at")[:limit]
        )
        OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=now + LEASE)
    return rows


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


def resend(row: OutboxRow, now: dt.datetime) -> None:
    """Give a dead letter a fresh set of tries under its old message id."""
    OutboxRow.objects.filter(pk=row.pk).update(
        failed_at=None, attempts=0, due_at=now, claimed_until=None
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
