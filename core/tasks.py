"""Delivery of the outbox. Takes no action itself: jobs and receivers are found by name."""

from __future__ import annotations

import datetime as dt
import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from core import outbox, registry
from core.models import Notice, OutboxRow
from core.request_id import request_id

logger = logging.getLogger(__name__)


@shared_task(name="core.tasks.deliver_outbox")
def deliver_outbox() -> int:
    """Deliver what is due, batch by batch, until nothing is left. Returns how many rows."""
    delivered = 0
    while rows := outbox.claim(timezone.now()):
        for row in rows:
            with request_id(row.request_id):
                deliver_row(row, timezone.now())
        delivered += len(rows)
    return delivered


def deliver_row(row: OutboxRow, now: dt.datetime) -> None:
    """Deliver one claimed row; a failure is kept on the row and tried again later."""
    try:
        if row.kind == OutboxRow.Kind.NOTICE:
            _deliver_notice(row, now)
            return
        if row.kind == OutboxRow.Kind.NEWS:
            for receiver in registry.receivers_of(row.name):
                receiver(row.payload, now)
        elif row.kind == OutboxRow.Kind.JOB:
            registry.job_named(row.name)(row.payload, now)
        else:
            raise LookupError(f"nothing delivers outbox rows of kind {row.kind!r}")
        outbox.mark_done(row, now)
    except Exception as error:
        logger.exception("outbox row %s (%s %s) failed", row.pk, row.kind, row.name)
        outbox.mark_failed(row, f"{type(error).__name__}: {error}", now)


def _deliver_notice(row: OutboxRow, now: dt.datetime) -> None:
    """The notice and the mark in one transaction: in-app exactly once."""
    with transaction.atomic():
        if not outbox.mark_done(row, now):
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
