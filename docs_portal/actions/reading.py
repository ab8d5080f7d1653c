"""What reading leaves behind: who read which revision, and where a page is missing."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from core import events
from docs_portal.models import MissingPage, Page, PageRead


def record_read(page: Page, *, acting_user: User, now: dt.datetime) -> None:
    """The person opened the published revision. One row per person and revision; no event, as
    reading changes nothing.
    """
    if page.published_revision_id is None:
        return
    read, is_new = PageRead.objects.get_or_create(
        revision_id=page.published_revision_id,
        user=acting_user,
        defaults={"page": page, "first_at": now, "last_at": now},
    )
    if not is_new:
        PageRead.objects.filter(pk=read.pk).update(last_at=now, times=F("times") + 1)


def record_missing_page(page: Page, *, acting_user: User, now: dt.datetime) -> MissingPage:
    """A gap: the person needed `page` and has none for their role; once per page and day."""
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        # Two tabs opened at once are one gap: the page's row is what they wait for.
        events.lock(Page, page.pk)
        gaps = MissingPage.objects.filter(
            page=page, user=acting_user, source=MissingPage.Source.LINK, created_at__gte=start
        )
        found = gaps.first()
        if found is not None:
            return found
        return MissingPage.objects.create(
            product_id=page.manual.product_id,
            module_id=page.module_id,
            page=page,
            user=acting_user,
            source=MissingPage.Source.LINK,
            created_at=now,
        )
