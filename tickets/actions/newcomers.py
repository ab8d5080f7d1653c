"""People, teams, products, modules and departments that only an imported log knows.

Found by name, else made as imported and inactive: they carry the history, nobody is offered them,
and the people cannot sign in and are told nothing.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Lower

from accounts.models import Department, User
from catalog.choices import ProductKind
from catalog.models import Module, Product, ServiceCalendar, Team
from core import events
from core.bulk import copy_rows, next_ids
from core.models import Event, Recorded
from core.searchkey import search_key

R = TypeVar("R", bound=Recorded)
VERB = "create"
#: Teams need hours to count in; these are asked for only where no calendar exists at all.
_HOURS = [["09:00", "12:00"], ["13:00", "18:00"]]


def add_people(
    wanted: Mapping[str, str], *, acting_user: User | None, now: dt.datetime
) -> dict[str, int]:
    """Ids of the people with these user names (user name → name shown), missing ones made."""
    keys = {username.lower(): username for username in wanted}
    found = dict(
        User.objects.annotate(key=Lower("username")).filter(key__in=keys).values_list("key", "pk")
    )
    rows = [
        User(
            username=username,
            name=wanted[username],
            password=make_password(None),
            is_active=False,
            imported=True,
            search_key=search_key(wanted[username], username),
            joined_at=now,
        )
        for key, username in keys.items()
        if key not in found
    ]
    _create_many(rows, acting_user, now)
    made = {row.username.lower(): row.pk for row in rows}
    return {username: {**found, **made}[key] for key, username in keys.items()}


def add_modules(
    product_id: int, names: Collection[str], *, acting_user: User | None, now: dt.datetime
) -> dict[str, int]:
    """Ids of the product's modules of these names, missing ones made."""
    found = dict(
        Module.objects.filter(product_id=product_id, name__in=names).values_list("name", "pk")
    )
    rows = [
        Module(product_id=product_id, name=name, is_active=False)
        for name in names
        if name not in found
    ]
    _create_many(rows, acting_user, now)
    return {**found, **{row.name: row.pk for row in rows}}


def add_departments(
    names: Collection[str], *, acting_user: User | None, now: dt.datetime
) -> dict[str, int]:
    """Ids of the departments of these names at the top of the tree, missing ones made."""
    found = dict(
        Department.objects.filter(name__in=names).order_by("-pk").values_list("name", "pk")
    )
    for name in names:
        if name in found:
            continue
        row = Department(name=name, is_active=False)
        with transaction.atomic():
            _create(row, acting_user, now)
            Department.objects.filter(pk=row.pk).update(path=f"/{row.pk}/")
        found[name] = row.pk
    return found


def add_teams(
    names: Collection[str],
    product_ids: Collection[int],
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> dict[str, int]:
    """Ids of the teams of these names, missing ones made for the products."""
    found = dict(Team.objects.filter(name__in=names).values_list("name", "pk"))
    missing = [name for name in names if name not in found]
    if not missing:
        return found
    calendar = ServiceCalendar.objects.order_by("pk").first()
    if calendar is None:
        calendar = ServiceCalendar(name="OpsDesk", hours=_HOURS, weekdays=[1, 2, 3, 4, 5])
        _create(calendar, acting_user, now)
    for name in missing:
        team = Team(name=name, calendar=calendar, is_active=False)
        _create(team, acting_user, now)
        team.products.set(product_ids)
        found[name] = team.pk
    return found


def add_product(
    code: str, name: str, kind: ProductKind, *, acting_user: User | None, now: dt.datetime
) -> int:
    """Id of the product of this code, made when there is none."""
    found = Product.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is not None:
        return found
    row = Product(code=code, name=name, kind=kind, is_active=False, position=999)
    _create(row, acting_user, now)
    return row.pk


def _create(row: Recorded, acting_user: User | None, now: dt.datetime) -> None:
    actor_id = acting_user.pk if acting_user else None
    events.create(row, VERB, actor_id=actor_id, now=now, data={"imported": True})


def _create_many(rows: Sequence[R], acting_user: User | None, now: dt.datetime) -> None:
    """`events.create` for many rows of one model, in two COPYs."""
    if not rows:
        return
    model = type(rows[0])
    starts = events.start_values(model)
    made = []
    for row, pk in zip(rows, next_ids(model, len(rows)), strict=True):
        row.pk = pk
        row.version = 1
        row.salt = secrets.token_hex(16)
        changes = {
            name: [starts[name], value]
            for name in model.EVENT_FIELDS
            if (value := events.recorded_value(row, name)) != starts[name]
        }
        made.append((model.SUBJECT, pk, 1, VERB, acting_user.pk if acting_user else None, now, now,
                     changes, {"imported": True}, False, ""))  # fmt: skip
    columns = [field.attname for field in model._meta.concrete_fields]
    with transaction.atomic():
        copy_rows(model, columns, ([getattr(row, name) for name in columns] for row in rows))
        copy_rows(
            Event,
            ("subject", "subject_id", "version", "verb", "actor_id", "occurred_at", "recorded_at",
             "changes", "data", "imported", "request_id"),
            made,
        )  # fmt: skip
