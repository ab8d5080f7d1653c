"""Writing: a page and its revisions, published and retired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Feature, Module, Product, ProductRole
from core import events
from core.errors import BadInput, Conflict, NotAllowed, Problem, StaleWrite
from core.searchkey import search_key
from docs_portal.actions.indexing import index_page, unindex_page
from docs_portal.actions.requiring import ask_again
from docs_portal.actions.versions import marks_of
from docs_portal.choices import PageKind, PageStatus
from docs_portal.errors import AddressTaken, NothingToPublish, NotPublished
from docs_portal.models import Manual, Page, Revision
from docs_portal.policies import may_write, section_problems

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
    _require_writer(acting_user, draft.product.pk)
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
            page, 1, acting_user, now, title=draft.title.strip(), body=draft.body, is_material=True
        )
    return page


def save_revision(
    page: Page, draft: RevisionDraft, *, acting_user: User, now: dt.datetime
) -> Revision:
    """A new revision, which readers do not see before it is published.

    Refused (StaleWrite) when somebody saved another one after the one it is based on: two writers
    never overwrite each other.
    """
    _require_writer(acting_user, page.manual.product_id)
    _check_text(draft.title, draft.body)
    _check_sections(draft.body, page.manual.product_id)
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        newest = row.revisions.order_by("-number")[0]
        if newest.number > draft.based_on:
            raise StaleWrite(
                conflicts=[_conflict(row, newest, draft.based_on)], current_version=newest.number
            )
        revision = _add_revision(
            row, newest.number + 1, acting_user, now,
            title=draft.title.strip(), body=draft.body, note=draft.note.strip(),
            is_material=draft.is_material,
        )  # fmt: skip
        data: dict[str, Any] = {"revision": revision.number}
        if draft.roles is not None:
            data["roles"] = [role.pk for role in draft.roles]
            _check_roles(draft.roles, row.manual.product_id)
            row.roles.set(draft.roles)
            if row.status == PageStatus.PUBLISHED:
                _require_free_address(row)
        events.change(row, "revise", actor_id=acting_user.pk, now=now, data=data)
    return revision


def publish_page(page: Page, *, acting_user: User, now: dt.datetime) -> Page:
    """Show the newest revision to the page's readers. Raises NothingToPublish, AddressTaken."""
    _require_writer(acting_user, page.manual.product_id)
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        newest = row.revisions.order_by("-number")[0]
        if row.status == PageStatus.PUBLISHED and row.published_revision_id == newest.pk:
            raise NothingToPublish(
                Problem(
                    "body", _("The newest revision is published already."),
                    _("Change the text first."), str(newest.number),
                )
            )  # fmt: skip
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
            data={"revision": newest.number},
        )  # fmt: skip
        index_page(row, newest)
        ask_again(row, now)
    return row


def retire_page(page: Page, *, acting_user: User, now: dt.datetime) -> Page:
    """Take a page from its readers; tickets it answered keep it. Publishing brings it back."""
    _require_writer(acting_user, page.manual.product_id)
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


def _require_writer(user: User, product_id: int) -> None:
    if not may_write(user, product_id):
        raise NotAllowed(
            Problem(
                "product", _("You do not write the manual of this product."),
                _("Ask an agent of the product."),
            )
        )  # fmt: skip


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
        problems.append(Problem("body", _("The page has no text."), _("Write its text.")))
    elif len(body) > BODY_MAX:
        problems.append(
            Problem(
                "body", _("The text is too long."),
                _("Use at most 200,000 characters, or split the page."), str(len(body)),
            )
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)


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


def _conflict(page: Page, newest: Revision, based_on: int) -> Conflict:
    before = page.revisions.filter(number=based_on).values_list("body", flat=True).first()
    return Conflict(
        "body", before or "", newest.body, newest.author_id, "revise", newest.created_at
    )


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
