"""What the clock starts for announcements. Missed runs are caught up by the next one."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from docs_portal import actions


@shared_task(name="docs_portal.periodic.publish_due_announcements")
def publish_due_announcements() -> int:
    """Publish what was scheduled for a time that has come."""
    return actions.publish_due_announcements(timezone.now())


@shared_task(name="docs_portal.periodic.tell_newcomers")
def tell_newcomers() -> int:
    """Tell who came to an audience since; count what was seen in the inbox."""
    return actions.tell_newcomers(timezone.now())
