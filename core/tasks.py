"""Delivery of the outbox. Takes no action itself: jobs and receivers are found by name."""

from __future__ import annotations

import datetime as dt
import logging

from celery import shared_task
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from core import live, outbox, registry
from core.channels import sending
from core.channels.errors import Unsent
from core.channels.routing import route
from core.models import Notice, OutboxRow
from core.request_id import request_id

logger = logging.getLogger(__name__)


@shared_task(name="core.tasks.deliver_outbox")
def deliver_outbox() -> int:
    """Deliver what is due, batch by batch, until nothing is left. Returns how many rows.

    What stays inside the house comes first, again after each small batch of mails and chat
    messages: a slow server outside holds up no notice for longer than that.
    """
    delivered = 0
    while rows := outbox.claim(timezone.now(), kinds=outbox.INSIDE) or outbox.claim(
        timezone.now(), sending.BATCH, sending.kinds_up()
    ):
        with sending.mail_connection(rows) as connection:
            for row in rows:
                with request_id(row.request_id):
                    deliver_row(row, timezone.now(), connection)
        delivered += len(rows)
    return delivered


def deliver_row(
    row: OutboxRow, now: dt.datetime, connection: BaseEmailBackend | None = None
) -> None:
    """Deliver one claimed row; a failure is kept on the row and tried again later."""
    try:
        if row.kind == OutboxRow.Kind.NOTICE:
            _deliver_notice(row, now)
            return
        if row.kind in outbox.OUTSIDE:
            sending.send_row(row, now, connection)
            return
        if row.kind == OutboxRow.Kind.NEWS:
            for receiver in registry.receivers_of(row.name):
                receiver(row.payload, now)
        else:
            registry.job_named(row.name)(row.payload, now)
        outbox.mark_done(row, now)
    except Unsent as error:
        # Without the trace: what the library says there names the robot's address.
        logger.warning("outbox row %s (%s %s) was not taken: %s", row.pk, row.kind, row.name, error)
        outbox.mark_failed(row, str(error), now)
    except Exception as error:
        logger.exception("outbox row %s (%s %s) failed", row.pk, row.kind, row.name)
        outbox.mark_failed(row, f"{type(error).__name__}: {error}", now)


def _deliver_notice(row: OutboxRow, now: dt.datetime) -> None:
    """The notice, what leaves of it, and the mark in one transaction: in-app exactly once."""
    with transaction.atomic():
        if not outbox.mark_done(row, now):
            return
        if not route(row, now):
            return
        Notice.objects.bulk_create(
            [
                Notice(
                    recipient_id=row.payload["recipient"],
                    kind=row.name,
                    params=row.payload["params"],
                    subject=row.payload["subject"],
                    subject_id=row.payload["subject_id"],
                    key=row.key,
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        live.changed(f"inbox:{row.payload['recipient']}")
