"""Service policies: add, change, put in order, switch off; open tickets are reckoned anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Department, User
from catalog.models import Product, ServiceCalendar
from core import events
from core.changes import actor_id, add, refuse, refuse_taken, revise
from tickets.actions.reckoning import start_due_run
from tickets.choices import AUTO_CONFIRM_DAYS_MAX, Priority
from tickets.models import DueRun, ServicePolicy, Target

#: Columns an administrator sets; the place in the order among them.
POLICY_FIELDS = (
    "name", "position", "product_ids", "department_ids", "targets", "calendar_id",
    "warn_percent", "tells_duty", "escalate_seconds", "first_day", "last_day", "is_active",
    "confirm_days",
)  # fmt: skip
#: What the default policy never has: it fits every ticket, always.
_NARROWING = ("product_ids", "department_ids", "first_day", "last_day")
#: A year of working time; a longer target is a slip of the keyboard.
TARGET_MAX = 260 * 8 * 3600


def create_default_policy(
    name: str, targets: Mapping[Priority, Target], *, now: dt.datetime
) -> ServicePolicy:
    """The policy every installation has."""
    row = ServicePolicy(
        name=name, is_default=True,
        targets={str(int(key)): list(value) for key, value in targets.items()},
    )  # fmt: skip
    return add(row, acting_user=None, now=now, guard=guard_policy)


def create_policy(
    fields: Mapping[str, Any], *, acting_user: User | None, now: dt.datetime
) -> ServicePolicy:
    """Add a policy at its `position`; those from there on move one place back."""
    row = ServicePolicy(**fields)
    with transaction.atomic():
        add(row, acting_user=acting_user, now=now, guard=guard_policy)
        _put_in_order(row, row.position, acting_user=acting_user, now=now)
        start_due_run(
            DueRun.Reason.POLICY, row.name, key=f"policy:{row.pk}:{row.version}",
            acting_user=acting_user, now=now,
        )  # fmt: skip
    return row


def edit_policy(
    policy: ServicePolicy,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> ServicePolicy:
    """Change a policy, its place in the order included. Raises `StaleWrite`, `BadInput`."""
    with transaction.atomic():
        row = revise(
            policy, "edit", fields, acting_user=acting_user, now=now, seen_version=seen_version,
            guard=guard_policy,
        )  # fmt: skip
        if "position" in fields and not row.is_default:
            _put_in_order(row, fields["position"], acting_user=acting_user, now=now)
        start_due_run(
            DueRun.Reason.POLICY, row.name, key=f"policy:{row.pk}:{row.version}",
            acting_user=acting_user, now=now,
        )  # fmt: skip
    return row


def _put_in_order(
    moved: ServicePolicy, place: int, *, acting_user: User | None, now: dt.datetime
) -> None:
    """Number the policies from 1 in their order, with `moved` at `place`; one event a move."""
    others = ServicePolicy.objects.filter(is_default=False).exclude(pk=moved.pk)
    rows = list(others.select_for_update(of=("self",), no_key=True).order_by("position", "id"))
    rows.insert(max(place, 1) - 1, moved)
    for number, row in enumerate(rows, start=1):
        if row.position != number:
            events.change(
                row, "order", actor_id=actor_id(acting_user), now=now, fields={"position": number}
            )


def guard_policy(row: ServicePolicy) -> None:
    """Refuse a policy that could not hold, naming the field."""
    others = ServicePolicy.objects.exclude(pk=row.pk)
    refuse_taken(others.filter(name=row.name), "name", row.name)
    _guard_targets(row)
    _guard_default(row)
    if row.first_day and row.last_day and row.last_day < row.first_day:
        refuse(
            "last_day", _("The last day lies before the first."),
            _("Choose a day from %(day)s on.") % {"day": row.first_day}, row.last_day,
        )  # fmt: skip
    if row.escalate_seconds is not None and not 0 <= row.escalate_seconds <= TARGET_MAX:
        refuse("escalate_seconds", _("That is too long."), _("Use at most one working year."),
               row.escalate_seconds)  # fmt: skip
    if not 1 <= row.confirm_days <= AUTO_CONFIRM_DAYS_MAX:
        refuse(
            "confirm_days", _("Silence closes a ticket after some working days."),
            _("Choose 1 to %(most)s.") % {"most": AUTO_CONFIRM_DAYS_MAX}, row.confirm_days,
        )  # fmt: skip
    _guard_known("product_ids", row.product_ids, set(Product.objects.values_list("pk", flat=True)))
    known = set(Department.objects.values_list("pk", flat=True))
    _guard_known("department_ids", row.department_ids, known)
    if row.calendar_id and not ServiceCalendar.objects.filter(pk=row.calendar_id).exists():
        refuse("calendar_id", _("There is no such service calendar."), "", row.calendar_id)


def _guard_known(field: str, wanted: list[int], known: set[int]) -> None:
    if strange := sorted(set(wanted) - known):
        refuse(field, _("Not known: %(ids)s.") % {"ids": ", ".join(map(str, strange))},
               _("Choose from the list."), strange)  # fmt: skip


def _guard_default(row: ServicePolicy) -> None:
    if not row.is_default:
        return
    if any(getattr(row, name) for name in _NARROWING) or not row.is_active:
        refuse("name", _("The default policy fits every ticket, always."),
               _("Add a policy before it for some of them."), row.name)  # fmt: skip
    if missing := [p for p in Priority if str(int(p)) not in row.targets]:
        refuse(f"response_{int(missing[0])}", _("The default policy needs targets for every "
               "priority."), _("Write for example 4 h."), missing[0].label)  # fmt: skip


def _guard_targets(row: ServicePolicy) -> None:
    if not row.targets:
        refuse("response_0", _("A policy needs targets."),
               _("Fill in at least one priority."))  # fmt: skip
    for key, (response, resolution) in row.targets.items():
        if key not in {str(int(priority)) for priority in Priority}:
            refuse("targets", _("There is no priority %(key)s.") % {"key": key}, "P0–P3", key)
        if not 0 < response <= TARGET_MAX:
            refuse(f"response_{key}", _("A target lies between a minute and a working year."),
                   _("Write for example 30 min, 4 h or 3 d."), response)  # fmt: skip
        if not response <= resolution <= TARGET_MAX:
            refuse(f"resolution_{key}", _("The resolution cannot be due before the first "
                   "response."), _("Write a longer time, at most a working year."),
                   resolution)  # fmt: skip
