"""What a newcomer meets of reading: a page that is required of sales representatives."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from docs_portal.access import must_readers
from docs_portal.actions import MustReadDraft, acknowledge_page, require_reading, set_page_needed
from docs_portal.models import MustRead, Page
from opsdesk.demo.cast import Cast


def build_reading(cast: Cast, now: dt.datetime) -> None:
    """沈奕 asks sales representatives to read a page; two of three have. And says which roles need
    no page about what.
    """
    page = Page.objects.filter(title="填写拜访记录").first()
    if page is None or page.published_revision is None or MustRead.objects.exists():
        return
    draft = MustReadDraft(due_on=timezone.localdate(now) + dt.timedelta(days=6))
    row = require_reading(page, draft, acting_user=cast.shenyi, now=now - dt.timedelta(days=2))
    asked = sorted(must_readers(row, timezone.localdate(now)) - {cast.liuyang.pk})
    for person in type(cast.liuyang).objects.filter(pk__in=asked[: len(asked) * 2 // 3]):
        acknowledge_page(
            page, page.published_revision, acting_user=person, now=now - dt.timedelta(days=1)
        )
    set_page_needed(
        cast.roles["erp_employee"], cast.modules["ledger"], None, is_needed=False,
        acting_user=cast.shenyi, now=now - dt.timedelta(days=2),
    )  # fmt: skip
