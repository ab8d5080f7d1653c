"""Definitions of custom fields. A definition is switched off, never deleted: rows hold its key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.choices import FieldKind
from catalog.models import FieldDefinition
from core.changes import add, refuse, refuse_taken, revise


def create_field(
    definition: FieldDefinition, *, acting_user: User | None, now: dt.datetime
) -> FieldDefinition:
    """Add a custom field from an unsaved row. Raises `BadInput`."""
    return add(definition, acting_user=acting_user, now=now, guard=_guard_field)


def edit_field(
    definition: FieldDefinition,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> FieldDefinition:
    """Change anything but target, key and kind: stored values were accepted under those."""
    for name in ("target", "key", "kind"):
        if name in fields and fields[name] != getattr(definition, name):
            refuse(
                name,
                _("This cannot be changed once the field exists."),
                _("Switch this field off and add a new one."),
                fields[name],
            )
    return revise(
        definition,
        "edit",
        fields,
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
        guard=_guard_field,
    )


def _guard_field(row: FieldDefinition) -> None:
    others = FieldDefinition.objects.filter(target=row.target).exclude(pk=row.pk)
    refuse_taken(others.filter(key=row.key), "key", row.key)
    if row.kind == FieldKind.CHOICE and len(row.choices) < 2:
        refuse(
            "choices",
            _("A choice needs something to choose from."),
            _("Write at least two choices, one a line."),
            "\n".join(row.choices),
        )
    if row.module is not None and row.product_id != row.module.product_id:
        refuse(
            "module",
            _("%(module)s does not belong to this product.") % {"module": row.module.name},
            _("Choose a module of the product, or the product alone."),
            row.module.name,
        )
    _guard_condition(row)


def _guard_condition(row: FieldDefinition) -> None:
    if not row.when_field:
        return
    other = FieldDefinition.objects.filter(target=row.target, key=row.when_field).first()
    if other is None or other.pk == row.pk or other.kind != FieldKind.CHOICE:
        refuse(
            "when_field",
            _("“%(key)s” is no choice field of the same rows.") % {"key": row.when_field},
            _("Name the key of another field of kind choice, or leave it empty."),
            row.when_field,
        )
    elif other.when_field:
        # One step only: a chain could be closed to a circle that no value ever opens.
        refuse(
            "when_field",
            _("“%(key)s” is itself asked only sometimes.") % {"key": row.when_field},
            _("Name a field that is always asked."),
            row.when_field,
        )
    elif not row.when_values or not set(row.when_values) <= set(other.choices):
        refuse(
            "when_values",
            _("These are no choices of “%(key)s”.") % {"key": row.when_field},
            _("Choose from: %(choices)s") % {"choices": ", ".join(other.choices)},
            ", ".join(row.when_values),
        )
