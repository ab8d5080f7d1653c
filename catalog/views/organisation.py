"""Settings of people, departments and positions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actions import (
    PersonDraft,
    activate_person,
    create_department,
    create_person,
    create_position,
    deactivate_person,
    edit_department,
    edit_person,
    mark_left,
    rename_position,
)
from accounts.models import Department, Position, User
from catalog.actions import (
    except_role,
    grant_role,
    revoke_grant,
    set_position_roles,
    take_back_exception,
)
from catalog.choices import SettingsGroup
from catalog.forms import (
    DepartmentForm,
    ExceptionForm,
    GrantForm,
    LeaveForm,
    PersonForm,
    PositionForm,
)
from catalog.models import Grant, PositionRole, RoleException
from catalog.views.sections import Act, Column, Panel, PanelRow, Section
from core.channels.mail import is_configured
from core.searchkey import terms

# ---- people -------------------------------------------------------------------------------------


def _people() -> QuerySet[User]:
    people: QuerySet[User] = User.objects.select_related("department", "position", "successor")
    return people.order_by("-pk")


def _search_people(people: QuerySet[User], query: str) -> QuerySet[User]:
    for term in terms(query):
        people = people.filter(search_key__contains=term.needle)
    return people


def _state(person: User) -> str:
    if person.left_on is not None:
        return gettext("Left on %(day)s") % {"day": date_format(person.left_on)}
    if person.imported:
        return gettext("Imported")
    return gettext("Active") if person.is_active else gettext("Switched off")


def _create_person(form: PersonForm, acting_user: User, now: dt.datetime) -> User:
    found = form.cleaned_data
    draft = PersonDraft(**{name: found[name] for name in PersonForm.columns})
    return create_person(draft, acting_user=acting_user, now=now)


def _edit_person(person: User, form: PersonForm, acting_user: User, now: dt.datetime) -> User:
    return edit_person(
        person,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


def _grants(person: User) -> list[PanelRow]:
    grants = person.grants.filter(is_active=True).select_related("product", "department")
    return [
        PanelRow(
            grant.pk,
            (
                grant.get_role_display(),
                grant.product or gettext("Every product"),
                grant.department or gettext("Every department"),
            ),
        )
        for grant in grants.order_by("role", "pk")
    ]


def _add_grant(person: User, found: dict[str, Any], acting_user: User, now: dt.datetime) -> Grant:
    return grant_role(
        person,
        found["role"],
        product=found["product"],
        department=found["department"],
        acting_user=acting_user,
        now=now,
    )


def _remove_grant(person: User, pk: int, acting_user: User, now: dt.datetime) -> Grant:
    grant = get_object_or_404(person.grants.select_related("user"), pk=pk)
    return revoke_grant(grant, acting_user=acting_user, now=now)


def _exceptions(person: User) -> list[PanelRow]:
    exceptions = person.role_exceptions.filter(is_active=True).select_related("role__product")
    return [
        PanelRow(
            one.pk,
            (
                f"{one.role.product} · {one.role}",
                one.get_kind_display(),
                days(one.first_day, one.last_day),
                one.note,
            ),
        )
        for one in exceptions.order_by("-first_day", "-pk")
    ]


def days(first: dt.date, last: dt.date | None) -> str:
    """A stretch of days in words."""
    if last is None:
        return gettext("from %(first)s on") % {"first": date_format(first)}
    return gettext("%(first)s to %(last)s") % {
        "first": date_format(first),
        "last": date_format(last),
    }


def _add_exception(
    person: User, found: dict[str, Any], acting_user: User, now: dt.datetime
) -> RoleException:
    return except_role(
        person,
        found["role"],
        found["kind"],
        found["first_day"],
        found["last_day"],
        found["note"],
        acting_user=acting_user,
        now=now,
    )


def _remove_exception(person: User, pk: int, acting_user: User, now: dt.datetime) -> RoleException:
    exception = get_object_or_404(person.role_exceptions.all(), pk=pk)
    return take_back_exception(exception, acting_user=acting_user, now=now)


def _departure(person: User) -> list[PanelRow]:
    if person.left_on is None:
        return []
    successor = person.successor.name if person.successor else gettext("No successor")
    return [PanelRow(person.pk, (_state(person), successor), removable=False)]


def _leave(person: User, found: dict[str, Any], acting_user: User, now: dt.datetime) -> User:
    return mark_left(person, found["left_on"], found["successor"], acting_user=acting_user, now=now)


def standing_of(person: User, _asked: Mapping[str, str]) -> dict[str, object]:
    """What the page of a person says about their way in (`Section.more_of`)."""
    return {
        "person": person,
        "may_sign_in": person.may_sign_in,
        "has_password": person.has_usable_password(),
        "last_login": person.last_login,
        "may_mail": bool(person.email) and is_configured(),
    }


PEOPLE: Section[User] = Section(
    name="people",
    group=SettingsGroup.PEOPLE,
    icon="user",
    title=_("People"),
    lead=_("Accounts, permission roles, exceptions of product roles, who left."),
    new_label=_("Add a person"),
    empty=_("Nobody is called that. Search by name, user name or e-mail."),
    rows=_people,
    columns=(
        Column(_("Full name"), lambda person: person.name),
        Column(_("User name"), lambda person: person.username),
        Column(_("Department"), lambda person: person.department or "—"),
        Column(_("Position"), lambda person: person.position or "—"),
        Column(_("State"), _state),
    ),
    form=PersonForm,
    create=_create_person,
    edit=_edit_person,
    search=_search_people,
    panels=(
        Panel(
            name="grants",
            title=_("Permission roles"),
            empty=_("None: this person submits tickets and follows their own."),
            rows=_grants,
            form=GrantForm,
            add=_add_grant,
            add_label=_("Grant a role"),
            added=_("The role is granted."),
            remove=_remove_grant,
            remove_label=_("Revoke"),
            removed=_("The role is revoked."),
        ),
        Panel(
            name="exceptions",
            title=_("Exceptions of product roles"),
            empty=_("None: the product roles are those of the position."),
            rows=_exceptions,
            form=ExceptionForm,
            add=_add_exception,
            add_label=_("Add an exception"),
            added=_("The exception is added."),
            remove=_remove_exception,
            remove_label=_("Take back"),
            removed=_("The exception is taken back."),
        ),
        Panel(
            name="departure",
            title=_("Leaving the company"),
            empty=_("This person works here."),
            rows=_departure,
            form=LeaveForm,
            add=_leave,
            add_label=_("Mark as left"),
            added=_("The person is marked as left and can no longer sign in."),
        ),
    ),
    acts=(
        Act(
            name="deactivate",
            label=_("Switch the account off"),
            done=_("The account is switched off."),
            offered=lambda person: person.is_active,
            do=lambda person, acting_user, now: deactivate_person(
                person, acting_user=acting_user, now=now
            ),
            undo="activate",
        ),
        Act(
            name="activate",
            label=_("Switch the account on"),
            done=_("The account is switched on."),
            offered=lambda person: not person.is_active and not person.imported,
            do=lambda person, acting_user, now: activate_person(
                person, acting_user=acting_user, now=now
            ),
            undo="deactivate",
        ),
    ),
    many=(_("Import from a spreadsheet"), "settings_people_import"),
    more="catalog/settings_people_more.html",
    more_first=True,
    more_of=standing_of,
)

# ---- departments --------------------------------------------------------------------------------


def _departments() -> QuerySet[Department]:
    working = Q(people__is_active=True, people__left_on__isnull=True, people__imported=False)
    return (
        Department.objects.select_related("contact", "parent")
        .annotate(headcount=Count("people", filter=working))
        .order_by("path")
    )


def _headcount(department: Department) -> int:
    headcount: int = getattr(department, "headcount", 0)
    return headcount


def _create_department(form: DepartmentForm, acting_user: User, now: dt.datetime) -> Department:
    found = form.cleaned_data
    return create_department(
        found["name"], found["parent"], found["contact"], acting_user=acting_user, now=now
    )


def _edit_department(
    department: Department, form: DepartmentForm, acting_user: User, now: dt.datetime
) -> Department:
    return edit_department(
        department,
        form.fields_of_row(),
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )


def on_off(is_active: bool) -> str:
    return gettext("Active") if is_active else gettext("Switched off")


DEPARTMENTS: Section[Department] = Section(
    name="departments",
    group=SettingsGroup.PEOPLE,
    icon="company",
    title=_("Departments"),
    lead=_("The organisation tree, and whom to tell when nobody else is left."),
    new_label=_("Add a department"),
    empty=_("No department yet."),
    rows=_departments,
    columns=(
        Column(_("Department"), lambda department: department.name),
        Column(_("People"), _headcount),
        Column(_("Contact"), lambda department: department.contact or "—"),
        Column(_("State"), lambda department: on_off(department.is_active)),
    ),
    form=DepartmentForm,
    create=_create_department,
    edit=_edit_department,
    depth=lambda department: department.path.count("/") - 2,
)

# ---- positions ----------------------------------------------------------------------------------


def _positions() -> QuerySet[Position]:
    held = PositionRole.objects.select_related("role__product").order_by("role_id")
    return Position.objects.prefetch_related(Prefetch("product_roles", held)).order_by("name")


def _roles_of(position: Position) -> str:
    held = [pair.role for pair in position.product_roles.all()]
    return "、".join(f"{role.product} · {role.name}" for role in held) or "—"


def _create_position(form: PositionForm, acting_user: User, now: dt.datetime) -> Position:
    position = create_position(form.cleaned_data["name"], acting_user=acting_user, now=now)
    return set_position_roles(
        position, form.cleaned_data["roles"], acting_user=acting_user, now=now
    )


def _edit_position(
    position: Position, form: PositionForm, acting_user: User, now: dt.datetime
) -> Position:
    rename_position(
        position,
        form.cleaned_data["name"],
        acting_user=acting_user,
        now=now,
        seen_version=form.cleaned_data["version"],
    )
    return set_position_roles(
        position, form.cleaned_data["roles"], acting_user=acting_user, now=now
    )


POSITIONS: Section[Position] = Section(
    name="positions",
    group=SettingsGroup.PEOPLE,
    icon="owner",
    title=_("Positions"),
    lead=_("What people are, and the product roles that come with it."),
    new_label=_("Add a position"),
    empty=_("No position yet."),
    rows=_positions,
    columns=(
        Column(_("Position"), lambda position: position.name),
        Column(_("Product roles"), _roles_of),
    ),
    form=PositionForm,
    create=_create_position,
    edit=_edit_position,
)
