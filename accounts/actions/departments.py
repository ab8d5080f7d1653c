"""The organisation tree. A department is never deleted; it is switched off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Department, User
from core import events
from core.changes import actor_id, check_fields, refuse, refuse_taken


def create_department(
    name: str,
    parent: Department | None = None,
    contact: User | None = None,
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> Department:
    """Add a department below `parent` (None: at the top). Raises `BadInput`."""
    row = Department(name=name.strip(), parent=parent, contact=contact)
    check_fields(row, ["name"])
    with transaction.atomic():
        _refuse_same_name(row)
        _refuse_inactive_parent(row)
        # The path holds the department's own id, which exists once the row does.
        events.create(row, "create", actor_id=actor_id(acting_user), now=now)
        row.path = _path(row)
        row.save(update_fields=["path"])
    return row


def edit_department(
    department: Department,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Department:
    """Change name, parent_id, contact_id or is_active; those below move along.

    Raises `BadInput` for a department below itself, `StaleWrite`.
    """
    with transaction.atomic():
        # One writer of the tree at a time: two moves could close a circle between them.
        list(Department.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        row = events.lock(Department, department.pk)
        events.check_unchanged(row, seen_version, fields)
        changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
        if not changed:
            return row
        old_path = row.path
        wanted = Department(pk=row.pk, path=row.path)
        for name in Department.EVENT_FIELDS:
            setattr(wanted, name, changed.get(name, getattr(row, name)))
        check_fields(wanted, changed)
        _refuse_same_name(wanted)
        _refuse_circle(wanted)
        _refuse_inactive_parent(wanted)
        _refuse_active_inside(wanted)
        new_path = _path(wanted)
        events.change(
            row,
            "edit",
            actor_id=actor_id(acting_user),
            now=now,
            fields=changed,
            derived={"path": new_path},
        )
        if new_path != old_path:
            _move_below(row.pk, old_path, new_path)
    return row


def _path(row: Department) -> str:
    parent = Department.objects.get(pk=row.parent_id) if row.parent_id else None
    return f"{parent.path if parent else '/'}{row.pk}/"


def _move_below(pk: int, old_path: str, new_path: str) -> None:
    below = Department.objects.filter(path__startswith=old_path).exclude(pk=pk)
    for department in below:
        department.path = new_path + department.path.removeprefix(old_path)
    Department.objects.bulk_update(below, ["path"])


def _refuse_same_name(row: Department) -> None:
    siblings = Department.objects.filter(parent_id=row.parent_id, name=row.name)
    refuse_taken(siblings.exclude(pk=row.pk), "name", row.name)


def _refuse_circle(row: Department) -> None:
    if row.parent_id is None:
        return
    parent = Department.objects.filter(pk=row.parent_id).first()
    if parent is None or parent.path.startswith(row.path):
        refuse(
            "parent",
            _("A department cannot lie below itself."),
            _("Choose a department that is not %(name)s and not below it.") % {"name": row.name},
            parent or row.parent_id,
        )


def _refuse_inactive_parent(row: Department) -> None:
    if row.is_active and row.parent_id is not None:
        parent = Department.objects.get(pk=row.parent_id)
        if not parent.is_active:
            refuse(
                "parent",
                _("%(name)s is switched off.") % {"name": parent.name},
                _("Choose an active department, or switch it on first."),
                parent.name,
            )


def _refuse_active_inside(row: Department) -> None:
    """A department that still holds people or departments cannot be switched off."""
    if row.is_active:
        return
    below = row.children.filter(is_active=True).count()
    people = row.people.filter(is_active=True, left_on__isnull=True).count()
    if below or people:
        refuse(
            "is_active",
            _("%(people)s people and %(below)s departments still belong to it.")
            % {"people": people, "below": below},
            _("Move them to another department first."),
            row.name,
        )
