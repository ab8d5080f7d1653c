"""Which role needs no page about what: a cell of the matrix that is empty on purpose."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Feature, Module, ProductRole
from core import events
from core.errors import BadInput, Problem
from docs_portal.actions.rights import require_writer
from docs_portal.models import NoPageNeeded


def set_page_needed(
    role: ProductRole, module: Module, feature: Feature | None, *, is_needed: bool,
    acting_user: User, now: dt.datetime,
) -> NoPageNeeded | None:  # fmt: skip
    """Say whether a role needs a page on a module, or one of its features. Saying the same again
    changes nothing. Raises NotAllowed, BadInput.
    """
    require_writer(acting_user, module.product_id)
    _check(role, module, feature)
    with transaction.atomic():
        # Two writers deciding one cell at once wait for each other at the role's row.
        events.lock(ProductRole, role.pk)
        found = NoPageNeeded.objects.filter(role=role, module=module, feature=feature).first()
        if found is None:
            if is_needed:
                return None
            found = NoPageNeeded(
                role=role, module=module, feature=feature, decided_by=acting_user, decided_at=now
            )
            events.create(found, "decide", actor_id=acting_user.pk, now=now)
            return found
        row = events.lock(NoPageNeeded, found.pk)
        if row.is_active == is_needed:
            events.change(
                row, "decide", actor_id=acting_user.pk, now=now,
                fields={"is_active": not is_needed},
                derived={"decided_by_id": acting_user.pk, "decided_at": now},
            )  # fmt: skip
    return row


def _check(role: ProductRole, module: Module, feature: Feature | None) -> None:
    problems = []
    if role.product_id != module.product_id:
        problems.append(
            Problem("role", _("This role belongs to another product."),
                    _("Choose a role of this product."), role.name)
        )  # fmt: skip
    if feature is not None and feature.module_id != module.pk:
        problems.append(
            Problem("feature", _("This feature belongs to another module."),
                    _("Choose a feature of this module."), feature.name)
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)
