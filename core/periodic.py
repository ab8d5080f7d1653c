"""What the clock starts for the kernel. Two beats, or a missed run, do no harm."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.utils import timezone

from core.models import FormKey, OutboxRow
from core.tasks import deliver_outbox

KEEP_FORM_KEYS = dt.timedelta(days=2)
KEEP_DELIVERED = dt.timedelta(days=30)


@shared_task(name="core.periodic.sweep_outbox")
def sweep_outbox() -> int:
    """Deliver what no poke announced: delayed notices, retries, rows of a dead worker."""
    return deliver_outbox()


@shared_task(name="core.periodic.tidy")
def tidy() -> None:
    """Forget used form keys and delivered outbox rows that nobody needs any more."""
    now = timezone.now()
    FormKey.objects.filter(used_at__lt=now - KEEP_FORM_KEYS).delete()
    OutboxRow.objects.filter(done_at__lt=now - KEEP_DELIVERED).delete()
