"""Courses, their pages and their people: what the tests of training begin with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from core.models import Notice, OutboxRow
from core.tasks import deliver_row
from docs_portal import actions
from docs_portal.actions import CourseDraft, PageDraft, RevisionDraft
from docs_portal.choices import CourseForm
from docs_portal.models import Course, Enrolment, Page
from opsdesk.demo.cast import Cast

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def by(user: User, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": user, "now": now}


def deliver(now: dt.datetime) -> None:
    for _round in range(3):
        for row in OutboxRow.objects.filter(done_at=None, kind__in=("job", "notice")):
            deliver_row(row, now)


def told(kind: str) -> list[int]:
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def course(cast: Cast, now: dt.datetime, form: str = CourseForm.ON_SITE, **more: Any) -> Course:
    draft = CourseDraft("拜访记录怎么写", form, product=cast.products["crm"], **more)
    return actions.create_course(draft, **by(cast.linzhixia, now))


def published_page(cast: Cast, now: dt.datetime, title: str, *roles: str) -> Page:
    draft = PageDraft(
        cast.products["crm"], title, f"# {title}\n\n正文。",
        roles=[cast.roles[role] for role in roles],
    )  # fmt: skip
    page = actions.create_page(draft, **by(cast.shenyi, now))
    return actions.publish_page(page, **by(cast.shenyi, now))


def revise(cast: Cast, page: Page, now: dt.datetime, *, is_material: bool) -> Page:
    page.refresh_from_db()
    number = page.revisions.order_by("-number")[0].number
    draft = RevisionDraft(page.title, f"新的正文 {number}。", number, is_material=is_material)
    actions.save_revision(page, draft, **by(cast.shenyi, now))
    page.refresh_from_db()
    return actions.publish_page(page, **by(cast.shenyi, now))


def read(page: Page, person: User, now: dt.datetime) -> None:
    page.refresh_from_db()
    actions.record_read(page, **by(person, now))


def waiting(row: Course) -> set[int]:
    return set(Enrolment.objects.waiting().filter(course=row).values_list("user_id", flat=True))
