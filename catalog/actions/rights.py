"""Who may do what where: grants of permission roles."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Department, User
from catalog.choices import PermissionRole
from catalog.models import Grant, Product
from core.changes import add, refuse, revise


def grant_role(
    user: User,
    role: str,
    *,
    product: Product | None = None,
    department: Department | None = None,
    acting_user: User | None,
    now: dt.datetime,
) -> Grant:
    """Give a permission role, everywhere or for one product or department and those below.

    Granting again what was revoked revives the same row. Raises `BadInput`.
    """
    with transaction.atomic():
        found = (
            Grant.objects.select_for_update(of=("self",), no_key=True)
            .filter(user=user, role=role, product=product, department=department)
            .first()
        )
        if found is not None:
            return revise(found, "grant", {"is_active": True}, acting_user=acting_user, now=now)
        row = Grant(user=user, role=role, product=product, department=department)
        return add(row, acting_user=acting_user, now=now)


def revoke_grant(
    grant: Grant, *, acting_user: User | None, now: dt.datetime, seen_version: int | None = None
) -> Grant:
    """Take the role away. The last administrator cannot be lost."""
    with transaction.atomic():
        if grant.role == PermissionRole.ADMINISTRATOR:
            _refuse_last_administrator(grant)
        return revise(
            grant,
            "revoke",
            {"is_active": False},
            acting_user=acting_user,
            now=now,
            seen_version=seen_version,
        )


def _refuse_last_administrator(grant: Grant) -> None:
    """Locks all administrator grants, so that two revocations cannot pass each other."""
    holders = list(
        Grant.objects.select_for_update(of=("self",), no_key=True)
        .filter(role=PermissionRole.ADMINISTRATOR, is_active=True)
        .order_by("pk")
        .values_list("pk", "user_id")
    )
    others = User.objects.working_here().filter(
        pk__in=[user_id for pk, user_id in holders if pk != grant.pk]
    )
    if not others.exists():
        refuse(
            "role",
            _("%(name)s is the last administrator.") % {"name": grant.user.name},
            _("Make somebody else an administrator first."),
            grant.role,
        )
