"""What somebody typed on a page and has not saved: kept on the server, theirs alone.

No event and no lock of the page, as with the drafts of tickets: nobody else is told.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import BadInput, Problem
from docs_portal.actions.linking import stored_links
from docs_portal.actions.rights import require_writer
from docs_portal.errors import StaleWritingDraft
from docs_portal.models import Page, WritingDraft

TITLE_MAX = 160
BODY_MAX = 200_000
#: How long a text nobody went on with is kept.
KEPT = dt.timedelta(days=60)


def save_writing_draft(
    page: Page, title: str, body: str, *, based_on: int, revision: int, acting_user: User,
    now: dt.datetime,
) -> WritingDraft:  # fmt: skip
    """Keep what was typed so far. `revision` is the one this window last saw, 0 for none.

    Raises StaleWritingDraft when another window of the same person saved or sent it since.
    """
    require_writer(acting_user, page.manual.product_id)
    if len(body) > BODY_MAX:
        raise BadInput(
            Problem("body", _("The text is too long."),
                    _("Use at most 200,000 characters, or split the page."), str(len(body)))
        )  # fmt: skip
    title, body = title.strip()[:TITLE_MAX], stored_links(body)
    try:
        with transaction.atomic():
            return _saved(page, title, body, based_on, revision, acting_user, now)
    except IntegrityError as error:  # two windows began at once
        raise StaleWritingDraft(draft_of(page, acting_user)) from error


def _saved(
    page: Page, title: str, body: str, based_on: int, revision: int, user: User, now: dt.datetime
) -> WritingDraft:
    rows = WritingDraft.objects.select_for_update(of=("self",))
    draft = rows.filter(page=page, person=user).first()
    if draft is None:
        if revision:
            raise StaleWritingDraft(None)
        return WritingDraft.objects.create(
            page=page, person=user, title=title, body=body, based_on=based_on, saved_at=now
        )
    if (draft.title, draft.body) == (title, body):
        return draft
    if draft.revision != revision:
        raise StaleWritingDraft(draft)
    draft.title, draft.body, draft.based_on = title, body, based_on
    draft.revision, draft.saved_at = draft.revision + 1, now
    draft.save(update_fields=["title", "body", "based_on", "revision", "saved_at"])
    return draft


def draft_of(page: Page, user: User) -> WritingDraft | None:
    """What the person typed on the page and has not saved."""
    return WritingDraft.objects.filter(page=page, person=user).first()


def discard_writing_draft(page: Page, *, acting_user: User) -> None:
    """Forget it; one that is gone already changes nothing."""
    require_writer(acting_user, page.manual.product_id)
    WritingDraft.objects.filter(page=page, person=acting_user).delete()


def forget_writing_drafts(*, now: dt.datetime) -> int:
    """Delete what nobody went on with. Returns how many drafts."""
    deleted, _rows = WritingDraft.objects.filter(saved_at__lt=now - KEPT).delete()
    return deleted
