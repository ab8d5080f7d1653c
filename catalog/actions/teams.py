"""Teams: their members, products and duty roster. Each change is an event of the team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.choices import CAP_MAX, AssignmentMethod
from catalog.models import DutyShift, Module, Product, ServiceCalendar, Team, TeamMember
from core import events
from core.changes import actor_id, add, refuse, refuse_taken, revise


def create_team(
    name: str,
    calendar: ServiceCalendar,
    *,
    is_product_operations: bool = True,
    acting_user: User | None,
    now: dt.datetime,
) -> Team:
    row = Team(name=name.strip(), calendar=calendar, is_product_operations=is_product_operations)
    return add(row, acting_user=acting_user, now=now, guard=_refuse_same_team)


def edit_team(
    team: Team,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Team:
    """Change name, is_product_operations, calendar_id or is_active."""
    return revise(
        team,
        "edit",
        fields,
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
        guard=_refuse_same_team,
    )


def _refuse_same_team(row: Team) -> None:
    refuse_taken(Team.objects.filter(name=row.name).exclude(pk=row.pk), "name", row.name)


def set_team_products(
    team: Team, products: Iterable[Product], *, acting_user: User | None, now: dt.datetime
) -> Team:
    """The team holds tickets of exactly these products from now on."""
    wanted = sorted({product.pk for product in products})
    with transaction.atomic():
        row = events.lock(Team, team.pk)
        before = sorted(row.products.values_list("pk", flat=True))
        if before != wanted:
            row.products.set(wanted)
            _record(row, "set_products", acting_user, now, {"products": [before, wanted]})
    return row


def add_member(team: Team, user: User, *, acting_user: User | None, now: dt.datetime) -> Team:
    """Adding a member again changes nothing. Raises `BadInput` for somebody who left."""
    if not user.is_active or user.left_on is not None or user.imported:
        refuse(
            "member",
            _("%(name)s has no working account.") % {"name": user.name},
            _("Choose somebody who works here."),
            user.username,
        )
    with transaction.atomic():
        row = events.lock(Team, team.pk)
        _member, is_new = TeamMember.objects.get_or_create(team=row, user=user)
        if is_new:
            _record(row, "add_member", acting_user, now, {"user": user.pk})
    return row


def remove_member(team: Team, user: User, *, acting_user: User | None, now: dt.datetime) -> Team:
    """Take a person out of the team, and off its future duty."""
    with transaction.atomic():
        row = events.lock(Team, team.pk)
        gone, _rows = TeamMember.objects.filter(team=row, user=user).delete()
        if gone:
            today = timezone.localdate(now)
            DutyShift.objects.filter(team=row, user=user, first_day__gt=today).delete()
            _record(row, "remove_member", acting_user, now, {"user": user.pk})
    return row


def set_assignment(
    team: Team,
    method: str,
    cap: int | None,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Team:
    """How new tickets of the team find their holder, and how many a member may hold (None: any).

    Raises `BadInput` for an unknown method and a cap out of 1 to 999.
    """
    if method not in AssignmentMethod.values:
        refuse(
            "assignment",
            _("This value is not one of the choices."),
            ", ".join(AssignmentMethod.values),
            method,
        )
    _check_cap("assignment_cap", cap)
    return revise(
        team,
        "set_assignment",
        {"assignment": method, "assignment_cap": cap},
        acting_user=acting_user,
        now=now,
        seen_version=seen_version,
    )


def _check_cap(field: str, cap: int | None) -> None:
    if cap is not None and not 1 <= cap <= CAP_MAX:
        refuse(
            field,
            _("A cap is a number of tickets."),
            _("Choose 1 to %(most)s, or leave it empty for none.") % {"most": CAP_MAX},
            cap,
        )


def set_member(
    member: TeamMember,
    *,
    cap: int | None,
    modules: Iterable[Module],
    acting_user: User | None,
    now: dt.datetime,
) -> Team:
    """A member's own cap (None: the team's) and the modules they know (none: no preference)."""
    _check_cap("cap", cap)
    wanted = sorted({module.pk for module in modules})
    with transaction.atomic():
        row = events.lock(Team, member.team_id)
        current = TeamMember.objects.get(pk=member.pk)
        before = sorted(current.modules.values_list("pk", flat=True))
        if (current.cap, before) == (cap, wanted):
            return row
        data = {"user": current.user_id, "cap": [current.cap, cap], "modules": [before, wanted]}
        current.cap = cap
        current.save(update_fields=["cap"])
        current.modules.set(wanted)
        _record(row, "set_member", acting_user, now, data)
    return row


def plan_duty(
    team: Team,
    user: User,
    first_day: dt.date,
    last_day: dt.date,
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> DutyShift:
    """Put a member on duty from the first to the last day. Shifts of a team never overlap."""
    with transaction.atomic():
        row = events.lock(Team, team.pk)
        _guard_duty(row, user, first_day, last_day)
        shift = DutyShift.objects.create(
            team=row, user=user, first_day=first_day, last_day=last_day
        )
        days = {"user": user.pk, "first_day": first_day, "last_day": last_day}
        _record(row, "plan_duty", acting_user, now, days)
    return shift


def _guard_duty(team: Team, user: User, first_day: dt.date, last_day: dt.date) -> None:
    if last_day < first_day:
        refuse(
            "last_day",
            _("%(last)s is before %(first)s.") % {"last": last_day, "first": first_day},
            _("Choose a last day that is not before the first."),
            last_day,
        )
    if not TeamMember.objects.filter(team=team, user=user).exists():
        refuse(
            "user",
            _("%(name)s is not in %(team)s.") % {"name": user.name, "team": team.name},
            _("Add them to the team first."),
            user.username,
        )
    clash = DutyShift.objects.filter(team=team, first_day__lte=last_day, last_day__gte=first_day)
    if found := clash.select_related("user").first():
        refuse(
            "first_day",
            _("%(name)s is on duty from %(first)s to %(last)s.")
            % {"name": found.user.name, "first": found.first_day, "last": found.last_day},
            _("Choose other days, or remove that shift first."),
            first_day,
        )


def remove_duty(shift: DutyShift, *, acting_user: User | None, now: dt.datetime) -> Team:
    with transaction.atomic():
        row = events.lock(Team, shift.team_id)
        days = {
            "user": shift.user_id,
            "first_day": shift.first_day,
            "last_day": shift.last_day,
        }
        gone, _rows = DutyShift.objects.filter(pk=shift.pk).delete()
        if gone:
            _record(row, "remove_duty", acting_user, now, days)
    return row


def _record(
    team: Team, verb: str, acting_user: User | None, now: dt.datetime, data: Mapping[str, Any]
) -> None:
    events.change(team, verb, actor_id=actor_id(acting_user), now=now, data=data)
