"""Who may do what where, and which product roles a person holds: read once per request."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.utils.translation import get_language

from accounts.models import Department, User
from catalog.choices import ExceptionKind, FieldTarget, PermissionRole
from catalog.models import (
    Absence,
    DutyShift,
    FieldDefinition,
    Grant,
    Module,
    PositionRole,
    Product,
    ProductRole,
    RoleException,
    ServiceCalendar,
    Team,
    TeamMember,
)
from core.customfields import Definition, Kind, People
from core.customfields import Section as FieldGroup
from core.prepared import Prepared
from core.worktime import WorkCalendar

#: Stands for "every product" in a scope.
EVERYWHERE: frozenset[int] | None = None
_IN_BRACKETS = re.compile(r"[(（]([\w.@+-]+)[)）]\s*$")


@dataclass(frozen=True)
class Scope:
    """Where one permission role holds: a product (None: all) and a department with those below."""

    product_id: int | None = None
    department_path: str = ""


@dataclass(frozen=True)
class Rights:
    """Everything a person may do, by role and scope, and the teams they are in.

    Agents are the members of product-operations teams, for the products of those teams, and who
    was granted the role. Everybody is a requester.
    """

    user_id: int
    scopes: dict[str, tuple[Scope, ...]] = field(default_factory=dict)
    team_ids: frozenset[int] = frozenset()

    def has(self, role: PermissionRole) -> bool:
        return bool(self.scopes.get(role))

    @property
    def is_agent(self) -> bool:
        return self.has(PermissionRole.AGENT)

    @property
    def is_owner(self) -> bool:
        return self.has(PermissionRole.OWNER)

    @property
    def is_manager(self) -> bool:
        return self.has(PermissionRole.MANAGER)

    @property
    def is_analyst(self) -> bool:
        return self.has(PermissionRole.ANALYST)

    @property
    def is_administrator(self) -> bool:
        return self.has(PermissionRole.ADMINISTRATOR)

    @property
    def is_staff(self) -> bool:
        """Sees the desk: anybody who is more than a requester or an owner."""
        return self.is_agent or self.is_manager or self.is_analyst

    def products_as(self, role: PermissionRole) -> frozenset[int] | None:
        """Products where `role` holds without a department limit; None means every product."""
        free = [scope for scope in self.scopes.get(role, ()) if not scope.department_path]
        if any(scope.product_id is None for scope in free):
            return EVERYWHERE
        return frozenset(scope.product_id for scope in free if scope.product_id is not None)

    def covers(
        self, role: PermissionRole, product_id: int | None, department_path: str = ""
    ) -> bool:
        """Whether `role` holds for this product and department."""
        return any(
            scope.product_id in (None, product_id)
            and department_path.startswith(scope.department_path)
            for scope in self.scopes.get(role, ())
        )


def rights_of(user: User) -> Rights:
    """The person's rights, asked of the database once per user object (two queries)."""
    cached: Rights | None = getattr(user, "_rights", None)
    if cached is None:
        cached = _read_rights(user)
        user._rights = cached  # type: ignore[attr-defined]
    return cached


def read_rights(people: Iterable[User]) -> None:
    """Read the rights of several people at once; `rights_of` then asks nothing (two queries)."""
    unread = [user for user in people if getattr(user, "_rights", None) is None]
    if unread:
        for user, rights in zip(unread, _rights_of_all(unread), strict=True):
            user._rights = rights  # type: ignore[attr-defined]


@Prepared
def _grants(people: tuple[int, ...]) -> QuerySet[Grant, tuple[int, str, int | None, str | None]]:
    granted = Grant.objects.filter(user__in=people, is_active=True)
    return granted.values_list("user_id", "role", "product_id", "department__path")


@Prepared
def _memberships(people: tuple[int, ...]) -> QuerySet[TeamMember, tuple[Any, ...]]:
    return (
        TeamMember.objects.filter(user__in=people, team__is_active=True)
        .values_list("user_id", "team_id", "team__is_product_operations", "team__products")
        .order_by("team_id")
    )


def _read_rights(user: User) -> Rights:
    return _rights_of_all([user])[0]


def _rights_of_all(people: Sequence[User]) -> list[Rights]:
    scopes: dict[int, dict[str, list[Scope]]] = {user.pk: {} for user in people}
    teams: dict[int, set[int]] = {user.pk: set() for user in people}
    wanted = tuple(scopes)
    for user_id, role, product_id, path in _grants(people=wanted):
        scopes[user_id].setdefault(role, []).append(Scope(product_id, path or ""))
    for user_id, team_id, is_product_operations, product_id in _memberships(people=wanted):
        teams[user_id].add(team_id)
        if is_product_operations and product_id is not None:
            scopes[user_id].setdefault(PermissionRole.AGENT, []).append(Scope(product_id))
    return [
        Rights(
            user_id=user.pk,
            scopes={role: tuple(dict.fromkeys(had)) for role, had in scopes[user.pk].items()},
            team_ids=frozenset(teams[user.pk]),
        )
        for user in people
    ]


class Like:
    """The rights of a person as a constant of a prepared query: equal rights share its text."""

    def __init__(self, user: User) -> None:
        rights = rights_of(user)
        self.rights = rights
        scopes = tuple(sorted((role, had) for role, had in rights.scopes.items()))
        self._key = scopes, rights.team_ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Like) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def person(self, pk: int) -> User:
        """Somebody with these rights, for putting a query together."""
        user = User(pk=pk)
        user._rights = replace(self.rights, user_id=pk)  # type: ignore[attr-defined]
        return user


def require(user: User, *roles: PermissionRole) -> Rights:
    """The person's rights, or 403 when they hold none of `roles` anywhere."""
    rights = rights_of(user)
    if not any(rights.has(role) for role in roles):
        raise PermissionDenied
    return rights


def managers_of(product_id: int | None, department_path: str) -> set[int]:
    """Who manages this product and department (one query)."""
    grants = Grant.objects.filter(
        Q(product_id=None) | Q(product_id=product_id),
        role=PermissionRole.MANAGER, is_active=True, user__is_active=True,
    )  # fmt: skip
    return {
        user_id
        for user_id, path in grants.values_list("user_id", "department__path")
        if department_path.startswith(path or "")
    }


def product_roles_of(user: User, day: dt.date) -> frozenset[int]:
    """Ids of all product roles the person holds on `day`: by position, with dated exceptions."""
    held = set(
        PositionRole.objects.filter(position_id=user.position_id).values_list("role_id", flat=True)
        if user.position_id
        else ()
    )
    exceptions = RoleException.objects.filter(user=user, is_active=True, first_day__lte=day).filter(
        Q(last_day__isnull=True) | Q(last_day__gte=day)
    )
    for role_id, kind in exceptions.order_by("id").values_list("role_id", "kind"):
        if kind == ExceptionKind.ALSO:
            held.add(role_id)
        else:
            held.discard(role_id)
    return frozenset(held)


def roles_in_product(user: User, product_id: int, day: dt.date) -> list[ProductRole]:
    """The person's roles in one product."""
    return list(
        ProductRole.objects.filter(product_id=product_id, pk__in=product_roles_of(user, day))
    )


def departments_below(path: str) -> Q:
    """Filter for rows whose `department` is the one at `path` or below it."""
    return Q(department__in=Department.objects.filter(path__startswith=path))


def fields_for(
    target: FieldTarget,
    product: Product | None = None,
    module: Module | None = None,
    row_type: str = "",
) -> list[Definition]:
    """Custom fields asked on a ticket or demand of this product, module and type, in their order.

    Fields of no section stand first, then each section with its own (one query).
    """
    rows = FieldDefinition.objects.filter(target=target, is_active=True)
    rows = rows.filter(Q(section__isnull=True) | Q(section__is_active=True))
    rows = rows.filter(Q(product__isnull=True) | Q(product=product))
    rows = rows.filter(Q(module__isnull=True) | Q(module=module))
    return [_definition(row) for row in _in_order(rows) if not row.types or row_type in row.types]


def all_fields(target: FieldTarget) -> list[Definition]:
    """Custom fields of any product, for lists over all of them (one query)."""
    rows = FieldDefinition.objects.filter(target=target, is_active=True)
    return [_definition(row) for row in _in_order(rows)]


def known_fields(target: FieldTarget) -> dict[str, Definition]:
    """Every custom field there ever was, retired ones too, by key: to read stored values by."""
    rows = FieldDefinition.objects.filter(target=target)
    return {row.key: _definition(row) for row in _in_order(rows)}


def _in_order(rows: QuerySet[FieldDefinition]) -> QuerySet[FieldDefinition]:
    first = F("section__position").asc(nulls_first=True)
    return rows.select_related("section").order_by(first, "section_id", "position", "pk")


def _definition(row: FieldDefinition) -> Definition:
    english = (get_language() or "").startswith("en")

    def said(text: str, in_english: str) -> str:
        return (english and in_english) or text

    part = row.section
    return Definition(
        key=row.key,
        label=said(row.label, row.label_en),
        kind=cast("Kind", row.kind),
        is_required=row.is_required,
        choices=tuple(row.choices),
        choice_labels=tuple(row.choices_en) if english else (),
        when_field=row.when_field,
        when_values=tuple(row.when_values),
        help_text=said(row.help_text, row.help_text_en),
        section=None if part is None else FieldGroup(
            pk=part.pk,
            label=said(part.label, part.label_en),
            help_text=said(part.help_text, part.help_text_en),
            when_field=part.when_field,
            when_values=tuple(part.when_values),
        ),
    )  # fmt: skip


def people_of_fields() -> People:
    """How custom fields of the kind person find somebody: by user name, id or only name.

    What a page offers ("name (user name)") is read as well.
    """

    def find(sent: str) -> int | None:
        people = User.objects.working_here()
        inside = _IN_BRACKETS.search(sent)
        found = people.filter(username__iexact=inside.group(1) if inside else sent).first()
        if found is None and sent.isdecimal() and len(sent) < 19:
            found = people.filter(pk=int(sent)).first()
        if found is None and not inside:
            named = list(people.filter(name__iexact=sent)[:2])
            found = named[0] if len(named) == 1 else None
        return None if found is None else found.pk

    return People(find)


def calendar_of(team: Team) -> WorkCalendar:
    """The team's service calendar as working time reads it, with its local days (one query)."""
    cached: WorkCalendar | None = getattr(team, "_calendar_read", None)
    if cached is None:
        cached = work_calendar(team.calendar)
        team._calendar_read = cached  # type: ignore[attr-defined]
    return cached


def work_calendar(calendar: ServiceCalendar) -> WorkCalendar:
    """A service calendar as working time reads it, with its local days (one query)."""
    return calendar_with(calendar, dict(calendar.days.values_list("day", "is_working")))


def calendar_with(calendar: ServiceCalendar, days: Mapping[dt.date, bool]) -> WorkCalendar:
    """The same with these local days, which need not be saved."""
    return _interned(
        calendar.zone,
        tuple((str(opens), str(closes)) for opens, closes in calendar.hours),
        frozenset(calendar.weekdays),
        frozenset(days.items()),
        calendar.public_holidays,
        frozenset(calendar.local_years),
    )


@lru_cache(maxsize=256)
def _interned(
    zone: str,
    hours: tuple[tuple[str, str], ...],
    weekdays: frozenset[int],
    days: frozenset[tuple[dt.date, bool]],
    public_holidays: bool,
    local_years: frozenset[int],
) -> WorkCalendar:
    """One object per content: what working time works out about a calendar is kept with it."""
    return WorkCalendar(
        zone=zone,
        hours=tuple(
            (dt.time.fromisoformat(opens), dt.time.fromisoformat(closes)) for opens, closes in hours
        ),
        weekdays=weekdays,
        overrides=dict(days),
        public_holidays=public_holidays,
        local_years=local_years,
    )


def person_calendar(user_id: int) -> WorkCalendar | None:
    """When a person works: the calendar of the first team they are in; None without a team."""
    team = (
        Team.objects.filter(is_active=True, members=user_id)
        .select_related("calendar")
        .order_by("pk")
        .first()
    )
    return None if team is None else calendar_of(team)


def team_for(product: Product) -> Team | None:
    """The team of product operations that takes in a product's tickets: the first that has it.

    "Other / not sure" goes to the duty agent, so without a team of its own it goes to the first
    team that has a duty roster, else to the first team there is.
    """
    teams = Team.objects.filter(is_active=True, is_product_operations=True)
    teams = teams.select_related("calendar").order_by("pk")
    found = teams.filter(products=product).first()
    if found is None and product.is_other:
        found = teams.filter(duty__isnull=False).distinct().first() or teams.first()
    return found


def on_duty(team: Team, day: dt.date) -> User | None:
    """Who is on duty for the team on that day, if anybody."""
    shift = (
        DutyShift.objects.filter(
            team=team, first_day__lte=day, last_day__gte=day, user__is_active=True
        )
        .select_related("user")
        .order_by("-first_day", "-pk")
        .first()
    )
    return shift.user if shift is not None else None


def away_on(people: Iterable[int], day: dt.date) -> frozenset[int]:
    """Those of `people` (ids) who are absent on that day."""
    return frozenset(
        Absence.objects.filter(
            user__in=list(people), is_active=True, first_day__lte=day, last_day__gte=day
        ).values_list("user_id", flat=True)
    )
