"""Settings of people, departments and positions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

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
from catalog.forms import (
    DepartmentForm,
    ExceptionForm,
    GrantForm,
    LeaveForm,
    PersonForm,
    PositionForm,
)
from catalog.models import Grant, RoleException
from catalog.views.sections import Act, Column, Panel, PanelRow, Section
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
        return _("Left on %(day)s") % {"day": date_format(person.left_on)}
    if person.imported:
        return _("Imported")
    return _("Active") if person.is_active else _("Switched off")


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
                grant.product or _("Every product"),
                grant.department or _("Every department"),
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
        return _("from %(first)s on") % {"first": date_format(first)}
    return _("%(first)s to %(last)s") % {"first": date_format(first), "last": date_format(last)}


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
    successor = person.successor.name if person.successor else _("No successor")
    return [PanelRow(person.pk, (_state(person), successor), removable=False)]


def _leave(person: User, found: dict[str, Any], acting_user: User, now: dt.datetime) -> User:
    return mark_left(person, found["left_on"], found["successor"], acting_user=acting_user, now=now)


PEOPLE: Section[User] = Section(
    name="people",
    icon="user",
    title=lazy("People"),
    lead=lazy("Accounts, permission roles, exceptions of product roles, who left."),
    new_label=lazy("Add a person"),
    empty=lazy("Nobody is called that. Search by name, user name or e-mail."),
    rows=_people,
    columns=(
        Column(lazy("Full name"), lambda person: person.name),
        Column(lazy("User name"), lambda person: person.username),
        Column(lazy("Department"), lambda person: person.department or "—"),
        Column(lazy("Position"), lambda person: person.position or "—"),
        Column(lazy("State"), _state),
    ),
    form=PersonForm,
    create=_create_person,
    edit=_edit_person,
    search=_search_people,
    panels=(
        Panel(
            name="grants",
            title=lazy("Permission roles"),
            empty=lazy("None: this person submits tickets and follows their own."),
            rows=_grants,
            form=GrantForm,
            add=_add_grant,
            add_label=lazy("Grant a role"),
            added=lazy("The role is granted."),
            remove=_remove_grant,
            remove_label=lazy("Revoke"),
            removed=lazy("The role is revoked."),
        ),
        Panel(
            name="exceptions",
            title=lazy("Exceptions of product roles"),
            empty=lazy("None: the product roles are those of the position."),
            rows=_exceptions,
            form=ExceptionForm,
            add=_add_exception,
            add_label=lazy("Add an exception"),
            added=lazy("The exception is added."),
            remove=_remove_exception,
            remove_label=lazy("Take back"),
            removed=lazy("The exception is taken back."),
        ),
        Panel(
            name="departure",
            title=lazy("Leaving the company"),
            empty=lazy("This person works here."),
            rows=_departure,
            form=LeaveForm,
            add=_leave,
            add_label=lazy("Mark as left"),
            added=lazy("The person is marked as left and can no longer sign in."),
        ),
    ),
    acts=(
        Act(
            name="deactivate",
            label=lazy("Switch the account off"),
            done=lazy("The account is switched off."),
            offered=lambda person: person.is_active,
            do=lambda person, acting_user, now: deactivate_person(
                person, acting_user=acting_user, now=now
            ),
            undo="activate",
        ),
        Act(
            name="activate",
            label=lazy("Switch the account on"),
            done=lazy("The account is switched on."),
            offered=lambda person: not person.is_active and not person.imported,
            do=lambda person, acting_user, now: activate_person(
                person, acting_user=acting_user, now=now
            ),
            undo="deactivate",
        ),
    ),
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
    return _("Active") if is_active else _("Switched off")


DEPARTMENTS: Section[Department] = Section(
    name="departments",
    icon="company",
    title=lazy("Departments"),
    lead=lazy("The organisation tree, and whom to tell when nobody else is left."),
    new_label=lazy("Add a department"),
    empty=lazy("No department yet."),
    rows=_departments,
    columns=(
        Column(lazy("Department"), lambda department: department.name),
        Column(lazy("People"), _headcount),
        Column(lazy("Contact"), lambda department: department.contact or "—"),
        Column(lazy("State"), lambda department: on_off(department.is_active)),
    ),
    form=DepartmentForm,
    create=_create_department,
    edit=_edit_department,
    depth=lambda department: department.path.count("/") - 2,
)

# ---- positions ----------------------------------------------------------------------------------


def _positions() -> QuerySet[Position]:
    return Position.objects.prefetch_related("product_roles__role__product").order_by("name")


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
    icon="owner",
    title=lazy("Positions"),
    lead=lazy("What people are, and the product roles that come with it."),
    new_label=lazy("Add a position"),
    empty=lazy("No position yet."),
    rows=_positions,
    columns=(
        Column(lazy("Position"), lambda position: position.name),
        Column(lazy("Product roles"), _roles_of),
    ),
    form=PositionForm,
    create=_create_position,
    edit=_edit_position,
)
