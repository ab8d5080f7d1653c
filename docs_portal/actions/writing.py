"""Writing: a page and its revisions, published and retired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Feature, Module, Product, ProductRole
from core import events
from core.errors import BadInput, Conflict, Problem, StaleWrite
from core.searchkey import search_key
from docs_portal.actions.indexing import index_page, unindex_page
from docs_portal.actions.linking import stored_links
from docs_portal.actions.requiring import ask_again
from docs_portal.actions.rights import require_writer
from docs_portal.actions.versions import marks_of
from docs_portal.choices import PageKind, PageStatus, ReviewRule, ReviewState
from docs_portal.errors import AddressTaken, NothingToPublish, NotPublished, ReviewMissing
from docs_portal.models import Manual, Page, Revision, WritingDraft, WritingRules
from docs_portal.policies import section_problems

TITLE_MAX = 160
BODY_MAX = 200_000


@dataclass(frozen=True)
class PageDraft:
    """A new page. `roles` empty is for all; `slug` empty is made from the title."""

    product: Product
    title: str
    body: str
    kind: str = PageKind.FEATURE_GUIDE
    roles: Sequence[ProductRole] = ()
    slug: str = ""
    module: Module | None = None
    feature: Feature | None = None
    parent: Page | None = None
    position: int = 0


@dataclass(frozen=True)
class RevisionDraft:
    """A new text of a page. `based_on` is the number of the revision the writer had read."""

    title: str
    body: str
    based_on: int
    note: str = ""
    is_material: bool = True
    roles: Sequence[ProductRole] | None = field(default=None)


def create_page(draft: PageDraft, *, acting_user: User, now: dt.datetime) -> Page:
    """A draft page with its first revision; the product's manual is made when it has none.

    Raises BadInput, NotAllowed.
    """
    require_writer(acting_user, draft.product.pk)
    _check_text(draft.title, draft.body)
    _check_sections(draft.body, draft.product.pk)
    _check_place(draft)
    with transaction.atomic():
        manual, _is_new = Manual.objects.get_or_create(
            product=draft.product, defaults={"title": draft.product.name}
        )
        page = Page(
            manual=manual,
            parent=draft.parent,
            module=draft.module,
            feature=draft.feature,
            kind=draft.kind,
            slug=_slug(draft),
            title=draft.title.strip(),
            position=draft.position,
            created_at=now,
            search_key=search_key(draft.title),
        )
        events.create(
            page, "create", actor_id=acting_user.pk, now=now,
            data={"roles": [role.pk for role in draft.roles], "slug": page.slug},
        )  # fmt: skip
        page.roles.set(draft.roles)
        _add_revision(
            page, 1, acting_user, now, title=draft.title.strip(), body=stored_links(draft.body),
            is_material=True,
        )  # fmt: skip
    return page


def save_revision(
    page: Page, draft: RevisionDraft, *, acting_user: User, now: dt.datetime
) -> Revision:
    """A new revision with its roles, which readers do not see before it is published.

    Refused (StaleWrite) when somebody saved another one after the one it is based on: two writers
    never overwrite each other. What the writer had in their draft is saved with it. The newest
    revision is returned when nothing was changed.
    """
    require_writer(acting_user, page.manual.product_id)
    check_revision(draft, page.manual.product_id)
    body = stored_links(draft.body)
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        newest = latest(row)
        WritingDraft.objects.filter(page=row, person=acting_user).delete()
        if newest.number > draft.based_on:
            raise StaleWrite(
                conflicts=_conflicts(row, newest, draft), current_version=newest.number
            )
        role_ids = _wanted_roles(row, newest, draft.roles)
        if (newest.title, newest.body) == (draft.title.strip(), body) and (
            role_ids is None or set(role_ids) == roles_of(row, newest)
        ):
            return newest
        revision = _add_revision(
            row, newest.number + 1, acting_user, now,
            title=draft.title.strip(), body=body, note=draft.note.strip(),
            is_material=draft.is_material, role_ids=role_ids,
        )  # fmt: skip
        data: dict[str, Any] = {"revision": revision.number}
        if role_ids is not None:
            data["roles"] = role_ids
            if row.published_revision_id is None:
                row.roles.set(role_ids)
        # Who was asked to review it looks at the newest text.
        row.reviews.filter(state=ReviewState.WAITING).update(revision=revision)
        events.change(row, "revise", actor_id=acting_user.pk, now=now, data=data)
    return revision


def restore_revision(
    page: Page, number: int, *, based_on: int, acting_user: User, now: dt.datetime
) -> Revision:
    """An older text as the newest revision; the ones between stay. Raises BadInput, StaleWrite."""
    old = page.revisions.filter(number=number).first()
    if old is None:
        raise BadInput(
            Problem(
                "number", _("This page has no revision %(number)s.") % {"number": number},
                _("Choose one of its revisions."), str(number),
            )
        )  # fmt: skip
    known = ProductRole.objects.filter(product_id=page.manual.product_id)
    draft = RevisionDraft(
        title=old.title, body=old.body, based_on=based_on,
        note=gettext("Back to revision %(number)s") % {"number": number},
        roles=None if old.role_ids is None else list(known.filter(pk__in=old.role_ids)),
    )  # fmt: skip
    return save_revision(page, draft, acting_user=acting_user, now=now)


def latest(page: Page) -> Revision:
    """The newest text of a page, published or not."""
    revision: Revision = page.revisions.order_by("-number")[0]
    return revision


def roles_of(page: Page, revision: Revision) -> set[int]:
    """Ids of the product roles the page has once `revision` is published."""
    if revision.role_ids is not None:
        return set(revision.role_ids)
    return set(page.roles.values_list("pk", flat=True))


def _wanted_roles(
    page: Page, newest: Revision, roles: Sequence[ProductRole] | None
) -> list[int] | None:
    """The roles a new revision carries: those given, else those that wait in the newest one."""
    if roles is None:
        return newest.role_ids
    _check_roles(roles, page.manual.product_id)
    return sorted(role.pk for role in roles)


def publish_page(page: Page, *, acting_user: User, now: dt.datetime) -> Page:
    """Show the newest revision to the page's readers, in the roles it is for.

    Raises NothingToPublish, AddressTaken, and ReviewMissing where the manual asks for a review.
    """
    require_writer(acting_user, page.manual.product_id)
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        newest = latest(row)
        if row.status == PageStatus.PUBLISHED and row.published_revision_id == newest.pk:
            raise NothingToPublish(
                Problem(
                    "body", _("The newest revision is published already."),
                    _("Change the text first."), str(newest.number),
                )
            )  # fmt: skip
        _require_review(row, newest)
        if newest.role_ids is not None:
            row.roles.set(newest.role_ids)
        _require_free_address(row)
        newest.published_at, newest.published_by = now, acting_user
        newest.save(update_fields=["published_at", "published_by"])
        events.change(
            row, "publish", actor_id=acting_user.pk, now=now,
            fields={
                "status": PageStatus.PUBLISHED,
                "published_revision_id": newest.pk,
                "title": newest.title,
            },
            derived={"search_key": search_key(newest.title), **marks_of(row, newest)},
            data={"revision": newest.number, "roles": newest.role_ids},
        )  # fmt: skip
        row.reviews.filter(state=ReviewState.WAITING).update(
            state=ReviewState.WITHDRAWN, decided_at=now
        )
        index_page(row, newest)
        ask_again(row, now)
    return row


def retire_page(page: Page, *, acting_user: User, now: dt.datetime) -> Page:
    """Take a page from its readers; tickets it answered keep it. Publishing brings it back."""
    require_writer(acting_user, page.manual.product_id)
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        if row.status != PageStatus.PUBLISHED:
            raise NotPublished(
                Problem(
                    "status", _("Only a published page can be retired."), _("Publish it first."),
                    str(PageStatus(row.status).label),
                )
            )  # fmt: skip
        events.change(
            row, "retire", actor_id=acting_user.pk, now=now, fields={"status": PageStatus.RETIRED}
        )
        unindex_page(row)
    return row


def check_revision(draft: RevisionDraft, product_id: int) -> None:
    """Whether a text may be a page of the product. Raises BadInput."""
    _check_text(draft.title, draft.body)
    _check_sections(draft.body, product_id)


def _check_text(title: str, body: str) -> None:
    problems = []
    if not title.strip():
        problems.append(Problem("title", _("The title is missing."), _("Write a title.")))
    elif len(title.strip()) > TITLE_MAX:
        problems.append(
            Problem(
                "title", _("The title is too long."), _("Use at most 160 characters."),
                str(len(title.strip())),
            )
        )  # fmt: skip
    if not body.strip():
        problems.append(_no_text())
    elif len(body) > BODY_MAX:
        problems.append(
            Problem(
                "body", _("The text is too long."),
                _("Use at most 200,000 characters, or split the page."), str(len(body)),
            )
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)


def _no_text() -> Problem:
    return Problem("body", _("The page has no text."), _("Write its text."))


def _check_sections(body: str, product_id: int) -> None:
    """Parts for roles name roles of this product. Raises BadInput, a problem for each line."""
    roles = ProductRole.objects.filter(product_id=product_id).values_list("code", flat=True)
    problems = section_problems(body, list(roles))
    if problems:
        raise BadInput(*problems)


def _check_place(draft: PageDraft) -> None:
    if draft.kind not in PageKind.values:
        raise BadInput(
            Problem(
                "kind", _("There is no such kind of page."),
                ", ".join(str(label) for label in PageKind.labels), draft.kind,
            )
        )  # fmt: skip
    if draft.module is not None and draft.module.product_id != draft.product.pk:
        raise BadInput(
            Problem(
                "module", _("This module belongs to another product."),
                _("Choose a module of this product."), draft.module.name,
            )
        )  # fmt: skip
    if draft.parent is not None and draft.parent.manual.product_id != draft.product.pk:
        raise BadInput(
            Problem(
                "parent", _("The page above belongs to another manual."),
                _("Choose a page of this manual."), draft.parent.title,
            )
        )  # fmt: skip
    _check_roles(draft.roles, draft.product.pk)


def _check_roles(roles: Sequence[ProductRole], product_id: int) -> None:
    strange = [role.name for role in roles if role.product_id != product_id]
    if strange:
        raise BadInput(
            Problem(
                "roles", _("These roles belong to another product."),
                _("Choose roles of this product."), ", ".join(strange),
            )
        )  # fmt: skip


def _slug(draft: PageDraft) -> str:
    wanted = slugify(draft.slug or draft.title, allow_unicode=True)[:120].strip("-")
    if not wanted:
        raise BadInput(
            Problem(
                "slug", _("No address can be made of this."), _("Use letters or digits."),
                draft.slug or draft.title,
            )
        )  # fmt: skip
    return wanted


def _add_revision(
    page: Page, number: int, author: User, now: dt.datetime, **fields: Any
) -> Revision:
    return Revision.objects.create(
        page=page, number=number, author=author, created_at=now, **fields
    )


def _conflicts(page: Page, newest: Revision, draft: RevisionDraft) -> list[Conflict]:
    """The text, and the title where that was changed too."""
    base = page.revisions.filter(number=draft.based_on).first()

    def conflict(field: str, now: str) -> Conflict:
        before = getattr(base, field) if base is not None else ""
        return Conflict(field, before, now, newest.author_id, "revise", newest.created_at)

    found = [conflict("body", newest.body)]
    if newest.title != draft.title.strip():
        found.append(conflict("title", newest.title))
    return found


def needs_review(page: Page, newest: Revision) -> bool:
    """Whether the manual's rules ask for an approval before `newest` is published."""
    rules = WritingRules.objects.filter(manual_id=page.manual_id).first()
    if rules is None or rules.review == ReviewRule.NEVER:
        return False
    before = page.published_revision
    if rules.review == ReviewRule.ALWAYS or before is None:
        return True
    return page.revisions.filter(number__gt=before.number, is_material=True).exists()


def is_approved(revision: Revision) -> bool:
    """Whether somebody other than its author approved exactly this text."""
    approved = revision.reviews.filter(state=ReviewState.APPROVED)
    return approved.exclude(reviewer_id=revision.author_id).exists()


def _require_review(page: Page, newest: Revision) -> None:
    if needs_review(page, newest) and not is_approved(newest):
        raise ReviewMissing(
            Problem(
                "status", _("Nobody has approved revision %(number)s.") % {"number": newest.number},
                _("Ask a colleague for a review; the manual's rules want one."),
                str(newest.number),
            )
        )  # fmt: skip


def _require_free_address(page: Page) -> None:
    """An address shows each role one page: no two published ones for the same role there."""
    roles = set(page.roles.values_list("pk", flat=True))
    # Two publishers of one address wait for each other at the manual's row.
    Manual.objects.select_for_update(of=("self",)).get(pk=page.manual_id)
    others = Page.objects.published().filter(manual_id=page.manual_id, slug=page.slug)
    for other in others.exclude(pk=page.pk).prefetch_related("roles"):
        theirs = {role.pk for role in other.roles.all()}
        if roles == theirs == set() or roles & theirs:
            raise AddressTaken(
                Problem(
                    "slug", _("“%(title)s” answers this address for the same role.")
                    % {"title": other.title},
                    _("Choose other roles or another address, or retire that page."), page.slug,
                )
            )  # fmt: skip


def latest_position(product: Product) -> int:
    """Where a new page stands: after the last one of its manual."""
    top = Page.objects.filter(manual__product=product).aggregate(top=Max("position"))["top"]
    return (top or 0) + 1
