"""Definitions of custom fields and their sections.

A definition is retired, never deleted: rows hold its key, and what they hold stays readable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.choices import FieldKind, FieldTarget
from catalog.models import FieldDefinition, FieldSection
from core import events
from core.changes import add, refuse, refuse_taken, revise
from core.registry import row_types


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


def create_field_section(
    section: FieldSection, *, acting_user: User | None, now: dt.datetime
) -> FieldSection:
    """Add a section from an unsaved row. Raises `BadInput`."""
    return add(section, acting_user=acting_user, now=now, guard=_guard_section)


def edit_field_section(
    section: FieldSection,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> FieldSection:
    """Change anything but the target. Raises `BadInput`, `StaleWrite`."""
    if fields.get("target", section.target) != section.target:
        refuse(
            "target", _("This cannot be changed once the section exists."),
            _("Switch this section off and add a new one."), fields["target"],
        )  # fmt: skip
    return revise(
        section, "edit", fields, acting_user=acting_user, now=now, seen_version=seen_version,
        guard=_guard_section,
    )  # fmt: skip


def move_field(
    definition: FieldDefinition, step: int, *, acting_user: User | None, now: dt.datetime
) -> FieldDefinition:
    """Put a field `step` places further down (−1: up) among those of its section.

    The places are numbered afresh; at the end of the row nothing changes.
    """
    with transaction.atomic():
        beside = FieldDefinition.objects.filter(
            target=definition.target, section=definition.section_id
        )
        ids = list(beside.order_by("position", "pk").values_list("pk", flat=True))
        events.lock_many(FieldDefinition, ids)
        at = ids.index(definition.pk)
        to = min(max(at + step, 0), len(ids) - 1)
        ids.insert(to, ids.pop(at))
        rows = FieldDefinition.objects.in_bulk(ids)
        for place, pk in enumerate(ids):
            if rows[pk].position != place:
                events.change(
                    rows[pk], "move", actor_id=None if acting_user is None else acting_user.pk,
                    now=now, fields={"position": place},
                )  # fmt: skip
    return rows[definition.pk]


def _guard_field(row: FieldDefinition) -> None:
    others = FieldDefinition.objects.filter(target=row.target).exclude(pk=row.pk)
    refuse_taken(others.filter(key=row.key), "key", row.key)
    _guard_kind(row)
    if row.module is not None and row.product_id != row.module.product_id:
        refuse(
            "module",
            _("%(module)s does not belong to this product.") % {"module": row.module.name},
            _("Choose a module of the product, or the product alone."),
            row.module.name,
        )
    if row.section is not None and row.section.target != row.target:
        refuse(
            "section", _("“%(section)s” is a section of other rows.") % {"section": row.section},
            _("Choose a section of the same rows, or none."), row.section.label,
        )  # fmt: skip
    known = {str(value) for value, _label in row_types(row.target)}
    if not set(row.types) <= known:
        refuse(
            "types", _("There is no such type."),
            _("Choose from: %(choices)s") % {"choices": ", ".join(sorted(known)) or "—"},
            ", ".join(sorted(set(row.types) - known)),
        )  # fmt: skip
    _guard_condition(row)
    _guard_dependents(row)


def _guard_kind(row: FieldDefinition) -> None:
    if row.kind == FieldKind.CHOICE and len(row.choices) < 2:
        refuse(
            "choices",
            _("A choice needs something to choose from."),
            _("Write at least two choices, one a line."),
            "\n".join(row.choices),
        )
    if row.choices_en and len(row.choices_en) != len(row.choices):
        refuse(
            "choices_en",
            _("These are %(found)s lines for %(wanted)s choices.")
            % {"found": len(row.choices_en), "wanted": len(row.choices)},
            _("Write one line for each choice, in the same order, or none at all."),
            "\n".join(row.choices_en),
        )
    if row.kind == FieldKind.FILE and row.target != FieldTarget.TICKET:
        refuse(
            "kind", _("Only tickets take files."), _("Choose another kind."), row.kind
        )  # fmt: skip


def _guard_section(row: FieldSection) -> None:
    others = FieldSection.objects.filter(target=row.target).exclude(pk=row.pk)
    refuse_taken(others.filter(label=row.label), "label", row.label)
    _guard_condition(row)
    for member in FieldDefinition.objects.filter(section=row.pk) if row.pk else ():
        if row.when_field and member.key == row.when_field:
            _refuse_circle(row.when_field)
        _require_no_circle(member.target, member.key, _condition_keys(member, row))
        _require_reach(member, row.when_field)


def _condition_keys(row: FieldDefinition, section: FieldSection | None) -> list[str]:
    keys = [row.when_field, section.when_field if section is not None else ""]
    return [key for key in keys if key]


def _guard_condition(row: FieldDefinition | FieldSection) -> None:
    """The field it depends on exists, offers those values, and is asked wherever this one is."""
    if row.when_field:
        other = FieldDefinition.objects.filter(
            target=row.target, key=row.when_field, is_active=True
        ).first()
        own_key = row.key if isinstance(row, FieldDefinition) else ""
        if other is None or row.when_field == own_key:
            refuse(
                "when_field",
                _("“%(key)s” is no other field of the same rows in use.") % {"key": row.when_field},
                _("Name the key of another field, or leave it empty."),
                row.when_field,
            )
        elif other.kind == FieldKind.CHOICE and not set(row.when_values) <= set(other.choices):
            refuse(
                "when_values",
                _("These are no choices of “%(key)s”.") % {"key": row.when_field},
                _("Choose from: %(choices)s") % {"choices": ", ".join(other.choices)},
                ", ".join(row.when_values),
            )
        elif other.kind != FieldKind.CHOICE and row.when_values:
            refuse(
                "when_values",
                _("“%(key)s” is no choice field: it can only be filled or empty.")
                % {"key": row.when_field},
                _("Leave the values empty; the field is then asked once the other is filled."),
                ", ".join(row.when_values),
            )
    elif row.when_values:
        refuse(
            "when_values", _("These values belong to no field."),
            _("Name the field that holds them, or leave them empty."), ", ".join(row.when_values),
        )  # fmt: skip
    if isinstance(row, FieldDefinition):
        _require_no_circle(row.target, row.key, _condition_keys(row, row.section))
        for key in _condition_keys(row, row.section):
            _require_reach(row, key)


def _require_no_circle(target: str, key: str, first: list[str]) -> None:
    """Refuse conditions that lead back to the field itself: no value would ever open it."""
    rows = FieldDefinition.objects.filter(target=target).select_related("section")
    leads = {row.key: _condition_keys(row, row.section) for row in rows}
    seen: set[str] = set()
    ahead = list(first)
    while ahead:
        step = ahead.pop()
        if step == key:
            _refuse_circle(first[0])
        if step not in seen:
            seen.add(step)
            ahead += leads.get(step, [])


def _refuse_circle(key: str) -> None:
    refuse(
        "when_field",
        _("“%(key)s” is itself asked only when this one is.") % {"key": key},
        _("Name a field that does not depend on this one."),
        key,
    )


def _require_reach(row: FieldDefinition, key: str) -> None:
    """What a field depends on must be asked of every row that the field is asked of."""
    other = FieldDefinition.objects.filter(target=row.target, key=key).first() if key else None
    if other is None or _reaches(other, row):
        return
    refuse(
        "when_field",
        _("“%(key)s” is not asked everywhere “%(field)s” is.") % {"key": key, "field": row.key},
        _("Ask both of the same product, module and type."),
        key,
    )


def _reaches(other: FieldDefinition, row: FieldDefinition) -> bool:
    return (
        other.product_id in (None, row.product_id)
        and other.module_id in (None, row.module_id)
        and (not other.types or (bool(row.types) and set(row.types) <= set(other.types)))
    )


def _guard_dependents(row: FieldDefinition) -> None:
    """Others may be asked by what this field holds: it cannot be retired or narrowed below them."""
    needing = FieldDefinition.objects.filter(target=row.target, is_active=True).exclude(pk=row.pk)
    needing = needing.filter(Q(when_field=row.key) | Q(section__when_field=row.key))
    for other in needing.select_related("section"):
        if not row.is_active:
            refuse(
                "is_active",
                _("“%(field)s” is asked only when this field says so.") % {"field": other.label},
                _("Take that condition away first, or retire that field as well."),
            )
        if not _reaches(row, other):
            refuse(
                "product",
                _("“%(field)s” depends on this field and would be asked where it is not.")
                % {"field": other.label},
                _("Ask both of the same product, module and type."),
            )
        lost = _values_wanted(other, row.key) - {*row.choices}
        if row.kind == FieldKind.CHOICE and lost:
            refuse(
                "choices",
                _("“%(field)s” is asked when this field holds “%(values)s”.")
                % {"field": other.label, "values": ", ".join(sorted(lost))},
                _("Keep these choices, or change that condition first."),
                ", ".join(sorted(lost)),
            )


def _values_wanted(row: FieldDefinition, key: str) -> set[str]:
    """The values of the field `key` for which `row` is asked."""
    parts: list[FieldDefinition | FieldSection] = [row]
    if row.section is not None:
        parts.append(row.section)
    return {value for part in parts if part.when_field == key for value in part.when_values}
