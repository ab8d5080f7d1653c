"""Products, their modules and features. None is ever deleted; history points at them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Feature, Module, Product
from core.changes import add, refuse, refuse_taken, revise


def create_product(
    name: str,
    code: str,
    kind: str,
    *,
    owner: User | None = None,
    position: int = 0,
    is_other: bool = False,
    acting_user: User | None,
    now: dt.datetime,
) -> Product:
    """Add a product. Raises `BadInput` for a name or code in use."""
    row = Product(
        name=name.strip(), code=code, kind=kind, owner=owner, position=position, is_other=is_other
    )
    return add(row, acting_user=acting_user, now=now, guard=_refuse_same_product)


def edit_product(
    product: Product,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Product:
    """Change name, code, kind, owner_id or is_active. "Other / not sure" always exists."""
    return revise(
        product,
        "edit",
        fields,
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
        guard=_guard_product,
    )


def _guard_product(row: Product) -> None:
    _refuse_same_product(row)
    if row.is_other and not row.is_active:
        refuse(
            "is_active",
            _("“Other / not sure” takes what fits nowhere else and cannot be switched off."),
            _("Leave it active."),
            row.code,
        )


def _refuse_same_product(row: Product) -> None:
    others = Product.objects.exclude(pk=row.pk)
    refuse_taken(others.filter(name=row.name), "name", row.name)
    refuse_taken(others.filter(code=row.code), "code", row.code)


def create_module(
    product: Product,
    name: str,
    owner: User | None = None,
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> Module:
    row = Module(product=product, name=name.strip(), owner=owner)
    return add(row, acting_user=acting_user, now=now, guard=_refuse_same_module)


def edit_module(
    module: Module,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Module:
    """Change name, owner_id or is_active. A module stays in its product."""
    return revise(
        module,
        "edit",
        fields,
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
        guard=_refuse_same_module,
    )


def _refuse_same_module(row: Module) -> None:
    others = Module.objects.filter(product_id=row.product_id, name=row.name)
    refuse_taken(others.exclude(pk=row.pk), "name", row.name)


def create_feature(
    module: Module, name: str, *, acting_user: User | None, now: dt.datetime
) -> Feature:
    row = Feature(module=module, name=name.strip())
    return add(row, acting_user=acting_user, now=now, guard=_refuse_same_feature)


def edit_feature(
    feature: Feature,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Feature:
    """Change name or is_active."""
    return revise(
        feature,
        "edit",
        fields,
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
        guard=_refuse_same_feature,
    )


def _refuse_same_feature(row: Feature) -> None:
    others = Feature.objects.filter(module_id=row.module_id, name=row.name)
    refuse_taken(others.exclude(pk=row.pk), "name", row.name)
