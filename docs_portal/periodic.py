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


@shared_task(name="docs_portal.periodic.follow_training")
def follow_training() -> int:
    """Notice changed pages, what was read, who came to an audience, who needs a course; remind."""
    return actions.follow_training(timezone.now())


@shared_task(name="docs_portal.periodic.follow_must_reads")
def follow_must_reads() -> int:
    """Tell who came to the audience of a must-read; remind who has not answered."""
    return actions.follow_must_reads(timezone.now())


@shared_task(name="docs_portal.periodic.forget_writing_drafts")
def forget_writing_drafts() -> int:
    """Delete what somebody typed on a page and never went on with."""
    return actions.forget_writing_drafts(now=timezone.now())
