"""What the clock starts for accounts."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.actions import forget_old_failures


@shared_task(name="accounts.periodic.tidy")
def tidy() -> None:
    """Forget failed sign-ins that no longer count."""
    forget_old_failures(now=timezone.now())
