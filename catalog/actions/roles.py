"""Product roles: which come with a position, and dated exceptions of persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Position, User
from catalog.models import PositionRole, Product, ProductRole, RoleException
from core import events
from core.changes import actor_id, add, refuse, refuse_taken, revise


def create_product_role(
    product: Product, name: str, code: str, *, acting_user: User | None, now: dt.datetime
) -> ProductRole:
    row = ProductRole(product=product, name=name.strip(), code=code)
    return add(row, acting_user=acting_user, now=now, guard=_refuse_same_role)


def edit_product_role(
    role: ProductRole,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> ProductRole:
    """Change name or code."""
    return revise(
        role,
        "edit",
        fields,
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
        guard=_refuse_same_role,
    )


def _refuse_same_role(row: ProductRole) -> None:
    others = ProductRole.objects.filter(product_id=row.product_id).exclude(pk=row.pk)
    refuse_taken(others.filter(name=row.name), "name", row.name)
    refuse_taken(others.filter(code=row.code), "code", row.code)


def set_position_roles(
    position: Position,
    roles: Iterable[ProductRole],
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> Position:
    """The product roles that come with a position are exactly `roles` from now on."""
    wanted = sorted({role.pk for role in roles})
    with transaction.atomic():
        row = events.lock(Position, position.pk)
        held = PositionRole.objects.filter(position=row)
        before = sorted(held.values_list("role_id", flat=True))
        if before == wanted:
            return row
        held.exclude(role_id__in=wanted).delete()
        PositionRole.objects.bulk_create(
            [PositionRole(position=row, role_id=pk) for pk in wanted if pk not in before]
        )
        events.change(
            row,
            "set_roles",
            actor_id=actor_id(acting_user),
            now=now,
            data={"roles": [before, wanted]},
        )
    return row


def except_role(
    user: User,
    role: ProductRole,
    kind: str,
    first_day: dt.date,
    last_day: dt.date | None = None,
    note: str = "",
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> RoleException:
    """Let a person also hold a role, or not hold it, from the first to the last day."""
    row = RoleException(
        user=user, role=role, kind=kind, first_day=first_day, last_day=last_day, note=note.strip()
    )
    return add(row, acting_user=acting_user, now=now, guard=_guard_exception)


def _guard_exception(row: RoleException) -> None:
    if row.last_day is not None and row.last_day < row.first_day:
        refuse(
            "last_day",
            _("%(last)s is before %(first)s.") % {"last": row.last_day, "first": row.first_day},
            _("Choose a last day that is not before the first, or leave it open."),
            row.last_day,
        )
    same = RoleException.objects.filter(
        user_id=row.user_id, role_id=row.role_id, is_active=True
    ).exclude(pk=row.pk)
    if row.last_day is not None:
        same = same.filter(first_day__lte=row.last_day)
    for other in same:
        if other.last_day is None or other.last_day >= row.first_day:
            refuse(
                "first_day",
                _("There is an exception for this role from %(first)s already.")
                % {"first": other.first_day},
                _("Take that one back first, or choose other days."),
                row.first_day,
            )


def take_back_exception(
    exception: RoleException,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> RoleException:
    return revise(
        exception,
        "take_back",
        {"is_active": False},
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
    )
