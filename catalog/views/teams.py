"""Settings of teams."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.actions import (
    add_member,
    create_team,
    edit_team,
    plan_duty,
    remove_duty,
    remove_member,
    set_assignment,
    set_member,
    set_team_products,
)
from catalog.choices import SettingsGroup
from catalog.forms import (
    DutyForm,
    MemberForm,
    TeamForm,
)
from catalog.models import DutyShift, Team, TeamMember
from catalog.views.organisation import days, on_off
from catalog.views.sections import Column, Panel, PanelRow, Section

# ---- teams --------------------------------------------------------------------------------------


def _teams() -> QuerySet[Team]:
    return (
        Team.objects.select_related("calendar")
        .prefetch_related("products")
        .annotate(member_count=Count("members", distinct=True))
    )


def _create_team(form: TeamForm, acting_user: User, now: dt.datetime) -> Team:
    found = form.cleaned_data
    team = create_team(
        found["name"],
        found["calendar"],
        is_product_operations=found["is_product_operations"],
        acting_user=acting_user,
        now=now,
    )
    team = _set_assignment(team, form, acting_user, now)
    return set_team_products(team, found["products"], acting_user=acting_user, now=now)


def _set_assignment(team: Team, form: TeamForm, acting_user: User, now: dt.datetime) -> Team:
    return set_assignment(
        team,
        form.cleaned_data["assignment"],
        form.cleaned_data["assignment_cap"],
        acting_user=acting_user,
        now=now,
    )


def _edit_team(team: Team, form: TeamForm, acting_user: User, now: dt.datetime) -> Team:
    edit_team(
        team,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )
    _set_assignment(team, form, acting_user, now)
    products = form.cleaned_data["products"]
    return set_team_products(team, products, acting_user=acting_user, now=now)


def _members(team: Team) -> list[PanelRow]:
    members = (
        TeamMember.objects.filter(team=team)
        .select_related("user__position")
        .prefetch_related("modules")
        .order_by("user__name")
    )
    return [
        PanelRow(
            one.user_id,
            (
                one.user.name,
                one.user.position or "—",
                on_off(one.user.is_active),
                gettext("cap %(cap)s") % {"cap": one.cap} if one.cap is not None else "",
                "、".join(module.name for module in one.modules.all()),
            ),
        )
        for one in members
    ]


def _add_member(team: Team, found: dict[str, Any], acting_user: User, now: dt.datetime) -> Team:
    """Adding somebody again changes their cap and what they know."""
    add_member(team, found["member"], acting_user=acting_user, now=now)
    member = TeamMember.objects.get(team=team, user=found["member"])
    return set_member(
        member, cap=found["cap"], modules=found["modules"], acting_user=acting_user, now=now
    )


def _remove_member(team: Team, pk: int, acting_user: User, now: dt.datetime) -> Team:
    person = get_object_or_404(team.members.all(), pk=pk)
    return remove_member(team, person, acting_user=acting_user, now=now)


def _duty(team: Team) -> list[PanelRow]:
    """From today on, and the last shift before."""
    today = timezone.localdate()
    shifts = team.duty.select_related("user")
    past = shifts.filter(last_day__lt=today).order_by("-first_day")[:1]
    coming = shifts.filter(last_day__gte=today).order_by("first_day")[:60]
    return [
        PanelRow(shift.pk, (shift.user, days(shift.first_day, shift.last_day)))
        for shift in [*past, *coming]
    ]


def _add_duty(team: Team, found: dict[str, Any], acting_user: User, now: dt.datetime) -> DutyShift:
    return plan_duty(
        team,
        found["user"],
        found["first_day"],
        found["last_day"],
        acting_user=acting_user,
        now=now,
    )


def _remove_duty(team: Team, pk: int, acting_user: User, now: dt.datetime) -> Team:
    shift = get_object_or_404(team.duty.all(), pk=pk)
    return remove_duty(shift, acting_user=acting_user, now=now)


TEAMS: Section[Team] = Section(
    name="teams",
    group=SettingsGroup.DESK,
    icon="team",
    title=_("Teams"),
    lead=_("Who holds tickets: members, products, duty roster, service calendar."),
    new_label=_("Add a team"),
    empty=_("No team yet."),
    rows=_teams,
    columns=(
        Column(_("Team"), lambda team: team.name),
        Column(
            _("Part"),
            lambda team: (
                gettext("Product operations") if team.is_product_operations else gettext("Outside")
            ),
        ),
        Column(_("Members"), lambda team: getattr(team, "member_count", 0)),
        Column(_("Products"), lambda team: "、".join(str(one) for one in team.products.all())),
        Column(_("Assigns"), lambda team: team.get_assignment_display()),
        Column(_("State"), lambda team: on_off(team.is_active)),
    ),
    form=TeamForm,
    create=_create_team,
    edit=_edit_team,
    panels=(
        Panel(
            name="members",
            title=_("Members"),
            empty=_("Nobody yet: tickets of this team wait for somebody."),
            rows=_members,
            form=MemberForm,
            add=_add_member,
            add_label=_("Add or change a member"),
            added=_("The member is saved."),
            remove=_remove_member,
            remove_label=_("Remove"),
            removed=_("The member is removed."),
        ),
        Panel(
            name="duty",
            title=_("Duty roster"),
            empty=_("Nobody is on duty from today on."),
            rows=_duty,
            form=DutyForm,
            add=_add_duty,
            add_label=_("Plan duty"),
            added=_("The duty is planned."),
            remove=_remove_duty,
            remove_label=_("Remove"),
            removed=_("The duty is removed."),
        ),
    ),
)
