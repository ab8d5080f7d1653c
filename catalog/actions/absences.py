"""Who is away when. A person says so for themselves; an administrator for anybody."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from catalog.models import Absence
from core.changes import add, refuse, revise
from core.errors import NotAllowed, Problem

#: Longer than this is a typing mistake, or somebody who left.
LONGEST_DAYS = 366


def plan_absence(
    user: User,
    first_day: dt.date,
    last_day: dt.date,
    note: str = "",
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> Absence:
    """Nothing is assigned to `user` from the first to the last day. Raises BadInput, NotAllowed."""
    _require_own(user.pk, acting_user)
    row = Absence(user=user, first_day=first_day, last_day=last_day, note=note.strip())
    return add(row, acting_user=acting_user, now=now, guard=_guard)


def take_back_absence(
    absence: Absence,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Absence:
    """The person is there after all; taking it back twice changes nothing."""
    _require_own(absence.user_id, acting_user)
    return revise(
        absence,
        "take_back",
        {"is_active": False},
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
    )


def _require_own(user_id: int, acting_user: User | None) -> None:
    if acting_user is None or acting_user.pk == user_id:
        return
    if not rights_of(acting_user).has(PermissionRole.ADMINISTRATOR):
        raise NotAllowed(
            Problem(
                "user",
                _("You may enter only your own absence."),
                _("Ask the person, or an administrator."),
            )
        )


def _guard(row: Absence) -> None:
    if row.last_day < row.first_day:
        refuse(
            "last_day",
            _("%(last)s is before %(first)s.") % {"last": row.last_day, "first": row.first_day},
            _("Choose a last day that is not before the first."),
            row.last_day,
        )
    if (row.last_day - row.first_day).days >= LONGEST_DAYS:
        refuse(
            "last_day",
            _("This is longer than a year."),
            _("Choose a last day within a year of the first."),
            row.last_day,
        )
    clash = Absence.objects.filter(
        user_id=row.user_id,
        is_active=True,
        first_day__lte=row.last_day,
        last_day__gte=row.first_day,
    )
    if found := clash.exclude(pk=row.pk).first():
        refuse(
            "first_day",
            _("There is an absence from %(first)s to %(last)s already.")
            % {"first": found.first_day, "last": found.last_day},
            _("Take that one back first, or choose other days."),
            row.first_day,
        )
