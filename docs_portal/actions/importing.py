"""Pages brought from a folder: made once, then kept up with what the folder says."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import Enum

from django.db import transaction

from accounts.models import User
from core import events
from docs_portal.actions.arranging import move_page
from docs_portal.actions.linking import stored_links
from docs_portal.actions.writing import (
    PageDraft,
    RevisionDraft,
    check_revision,
    create_page,
    latest,
    publish_page,
    save_revision,
)
from docs_portal.choices import PageStatus
from docs_portal.errors import NothingToPublish, ReviewMissing
from docs_portal.models import ImportedPage, Page


class Outcome(Enum):
    """What an import did with one page."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: Somebody edited it here since; the folder's text was left out.
    EDITED = "edited"


def digest(title: str, body: str) -> str:
    """What tells two texts apart (SHA-256, hexadecimal), but for the white space around them."""
    plain = body.replace("\r\n", "\n").strip()
    return hashlib.sha256(f"{title.strip()}\0{plain}".encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """Where a page comes from: the folder's name, the role of the whole folder, the file in it."""

    source: str
    role_code: str
    path: str


def begin_import(
    draft: PageDraft, origin: Origin, *, acting_user: User, now: dt.datetime
) -> ImportedPage:
    """A draft page for a file; `finish_import` gives it the text with its links.

    A page that stands below others is made after them, and links may lead to any: so every page
    of a folder is begun before the first is finished.
    """
    with transaction.atomic():
        page = create_page(draft, acting_user=acting_user, now=now)
        return ImportedPage.objects.create(
            page=page, source=origin.source, role_code=origin.role_code, path=origin.path,
            brought="", kept="", imported_at=now,
        )  # fmt: skip


def adopt_page(page: Page, origin: Origin, *, now: dt.datetime) -> ImportedPage:
    """Remember that a page which stands here is the one of a file, which was exported from it."""
    # What was exported: a draft that is newer than it counts as edited here.
    exported = page.published_revision or latest(page)
    same = digest(exported.title, exported.body)
    row, _is_new = ImportedPage.objects.get_or_create(
        page=page,
        defaults={
            "source": origin.source, "role_code": origin.role_code, "path": origin.path,
            "brought": same, "kept": same, "imported_at": now,
        },
    )  # fmt: skip
    return row


def finish_import(
    imported: ImportedPage, draft: RevisionDraft, *, acting_user: User, now: dt.datetime,
    publishes: bool = True, overwrites: bool = False,
) -> tuple[Outcome, bool]:  # fmt: skip
    """Give the page the folder's text where it is another one; whether it is published now.

    A page edited here since is left alone unless `overwrites`; its text stays as a revision then.
    """
    with transaction.atomic():
        page = events.lock(Page, imported.page_id)
        newest = latest(page)
        brought = digest(draft.title, draft.body)
        wanted = digest(draft.title.strip(), stored_links(draft.body))
        present = digest(newest.title, newest.body)
        outcome = _outcome(imported, present, wanted, brought, overwrites=overwrites)
        if outcome in (Outcome.CREATED, Outcome.UPDATED):
            draft = RevisionDraft(
                draft.title, draft.body, newest.number, draft.note, draft.is_material, draft.roles
            )
            if outcome is Outcome.CREATED:
                # Nobody but this import has seen the text it was begun with.
                check_revision(draft, page.manual.product_id)
                newest.title, newest.body = draft.title.strip(), stored_links(draft.body)
                newest.save(update_fields=["title", "body"])
            else:
                save_revision(page, draft, acting_user=acting_user, now=now)
            kept = latest(page)
            ImportedPage.objects.filter(pk=imported.pk).update(
                brought=brought, kept=digest(kept.title, kept.body), imported_at=now
            )
        published = publishes and outcome is not Outcome.EDITED and _publish(page, acting_user, now)
    return outcome, published


def _outcome(
    imported: ImportedPage, present: str, wanted: str, brought: str, *, overwrites: bool
) -> Outcome:
    if not imported.kept:
        return Outcome.CREATED
    if wanted == present or (imported.brought == brought and not overwrites):
        return Outcome.UNCHANGED
    if present != imported.kept and not overwrites:
        return Outcome.EDITED
    return Outcome.UPDATED


def _publish(page: Page, acting_user: User, now: dt.datetime) -> bool:
    row = events.lock(Page, page.pk)
    newest = latest(row)
    if row.status == PageStatus.PUBLISHED and row.published_revision_id == newest.pk:
        return True
    if row.status == PageStatus.RETIRED and newest.published_at is not None:
        # Somebody took the page from its readers, and the folder says nothing new.
        return False
    try:
        publish_page(row, acting_user=acting_user, now=now)
    except (NothingToPublish, ReviewMissing):
        return False
    return True


def place_import(page: Page, parent: Page | None, *, acting_user: User, now: dt.datetime) -> bool:
    """Put a page below the one the folder has it below; whether it stood elsewhere."""
    if page.parent_id == (parent.pk if parent is not None else None):
        return False
    move_page(page, parent, None, acting_user=acting_user, now=now)
    return True
