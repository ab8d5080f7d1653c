"""The place of pages: moved in the tree, given another address, of another kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Feature, Module
from core import events
from core.errors import BadInput, Problem
from docs_portal.actions.rights import require_writer
from docs_portal.choices import PageKind, PageStatus
from docs_portal.errors import AddressTaken
from docs_portal.models import Manual, OldAddress, Page

SLUG_MAX = 120


def move_page(
    page: Page, parent: Page | None, before: Page | None, *, acting_user: User, now: dt.datetime
) -> Page:
    """Put a page below `parent` (None: the top of the manual), in front of its child `before`
    (None: as the last). Raises BadInput, NotAllowed.
    """
    require_writer(acting_user, page.manual.product_id)
    with transaction.atomic():
        # Two who arrange one manual wait for each other: the tree is read after this.
        Manual.objects.select_for_update(of=("self",)).get(pk=page.manual_id)
        row = events.lock(Page, page.pk)
        _require_place(row, parent, before)
        below = list(
            Page.objects.filter(manual_id=row.manual_id, parent=parent)
            .exclude(pk=row.pk)
            .order_by("position", "pk")
        )
        place = next((i for i, one in enumerate(below) if before and one.pk == before.pk), None)
        below.insert(len(below) if place is None else place, row)
        wanted = {one.pk: number for number, one in enumerate(below, start=1)}
        for one in events.lock_many(Page, wanted):
            fields: dict[str, Any] = {"position": wanted[one.pk]}
            if one.pk == row.pk:
                fields["parent_id"] = parent.pk if parent is not None else None
            if any(getattr(one, name) != value for name, value in fields.items()):
                events.change(one, "move", actor_id=acting_user.pk, now=now, fields=fields)
        row.refresh_from_db()
    return row


def _require_place(row: Page, parent: Page | None, before: Page | None) -> None:
    if parent is not None and parent.manual_id != row.manual_id:
        raise BadInput(
            Problem("parent", _("The page above belongs to another manual."),
                    _("Choose a page of this manual."), parent.title)
        )  # fmt: skip
    above, seen = parent, set()
    while above is not None and above.pk not in seen:
        if above.pk == row.pk:
            raise BadInput(
                Problem("parent", _("A page cannot stand below itself."),
                        _("Choose a page that is not below this one."),
                        parent.title if parent is not None else "")
            )  # fmt: skip
        seen.add(above.pk)
        above = above.parent
    if before is not None and before.parent_id != (parent.pk if parent is not None else None):
        raise BadInput(
            Problem("before", _("That page does not stand there any more."),
                    _("Look at the tree again."), before.title)
        )  # fmt: skip


def rename_address(page: Page, slug: str, *, acting_user: User, now: dt.datetime) -> Page:
    """Give the address of a page another name, for the pages of every role there.

    Links in texts follow by themselves; the old address leads on. Raises BadInput, AddressTaken.
    """
    require_writer(acting_user, page.manual.product_id)
    wanted = slugify(slug, allow_unicode=True)[:SLUG_MAX].strip("-")
    if not wanted:
        raise BadInput(
            Problem("slug", _("No address can be made of this."), _("Use letters or digits."), slug)
        )
    with transaction.atomic():
        Manual.objects.select_for_update(of=("self",)).get(pk=page.manual_id)
        row = events.lock(Page, page.pk)
        old = row.slug
        if old == wanted:
            return row
        manual = Page.objects.filter(manual_id=row.manual_id)
        if other := manual.filter(slug=wanted).exclude(status=PageStatus.RETIRED).first():
            raise AddressTaken(
                Problem("slug", _("“%(title)s” has this address.") % {"title": other.title},
                        _("Choose another address."), wanted)
            )  # fmt: skip
        for one in events.lock_many(Page, manual.filter(slug=old).values_list("pk", flat=True)):
            events.change(
                one, "rename", actor_id=acting_user.pk, now=now, derived={"slug": wanted},
                data={"slug": [old, wanted]},
            )  # fmt: skip
        known = OldAddress.objects.filter(manual_id=row.manual_id)
        known.filter(slug=wanted).delete()
        known.update_or_create(
            manual_id=row.manual_id, slug=old, defaults={"page": row, "created_at": now}
        )
        row.refresh_from_db()
    return row


def edit_place(
    page: Page, *, kind: str, module: Module | None, feature: Feature | None, acting_user: User,
    now: dt.datetime,
) -> Page:  # fmt: skip
    """What a page is about. Raises BadInput, NotAllowed."""
    require_writer(acting_user, page.manual.product_id)
    product_id = page.manual.product_id
    if kind not in PageKind.values:
        raise BadInput(
            Problem("kind", _("There is no such kind of page."),
                    ", ".join(str(label) for label in PageKind.labels), kind)
        )  # fmt: skip
    if module is not None and module.product_id != product_id:
        raise BadInput(
            Problem("module", _("This module belongs to another product."),
                    _("Choose a module of this product."), module.name)
        )  # fmt: skip
    if feature is not None and (module is None or feature.module_id != module.pk):
        raise BadInput(
            Problem("feature", _("This feature belongs to another module."),
                    _("Choose a feature of the page's module."), feature.name)
        )  # fmt: skip
    fields = {
        "kind": kind,
        "module_id": module.pk if module is not None else None,
        "feature_id": feature.pk if feature is not None else None,
    }
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        if any(getattr(row, name) != value for name, value in fields.items()):
            events.change(row, "place", actor_id=acting_user.pk, now=now, fields=fields)
    return row
