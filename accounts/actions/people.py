"""People. Never deleted: an account is switched off, a person who left has a successor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Department, Position, User
from core.changes import add, refuse, refuse_taken, revise
from core.searchkey import search_key


@dataclass(frozen=True)
class PersonDraft:
    """A person to be created. `password_hash` is encoded by Django's `make_password`.

    Without a hash the person cannot sign in until a password is set. `imported` people never
    can, and are told nothing.
    """

    username: str
    name: str
    email: str = ""
    department: Department | None = None
    position: Position | None = None
    language: str = User.Language.CHINESE
    password_hash: str = ""
    imported: bool = False


def create_person(draft: PersonDraft, *, acting_user: User | None, now: dt.datetime) -> User:
    """Open an account. Raises `BadInput` for a user name in use (whatever its case)."""
    row = User(
        username=draft.username.strip(),
        name=draft.name.strip(),
        email=draft.email.strip(),
        department=draft.department,
        position=draft.position,
        language=draft.language,
        imported=draft.imported,
        joined_at=now,
        password=draft.password_hash or make_password(None),
    )
    row.search_key = search_key(row.name, row.username, row.email)
    return add(row, acting_user=acting_user, now=now, guard=_refuse_same_username)


def edit_person(
    person: User,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> User:
    """Change username, name, email, department_id, position_id or language."""
    name, username, email = (
        str(fields.get(key, getattr(person, key))) for key in ("name", "username", "email")
    )
    key = search_key(name, username, email)
    return revise(
        person,
        "edit",
        fields,
        seen_version=seen_version,
        acting_user=acting_user,
        now=now,
        guard=_refuse_same_username,
        derived={"search_key": key} if key != person.search_key else None,
    )


def set_password(
    person: User, password: str, *, acting_user: User | None, now: dt.datetime
) -> User:
    """Set the password; every other session of the person ends. The event holds no trace of it."""
    return revise(
        person,
        "set_password",
        {},
        seen_version=None,
        acting_user=acting_user,
        now=now,
        derived={"password": make_password(password)},
    )


def deactivate_person(
    person: User, *, acting_user: User | None, now: dt.datetime, seen_version: int | None = None
) -> User:
    """Switch the account off. Nobody switches off their own."""
    if acting_user is not None and acting_user.pk == person.pk:
        refuse(
            "is_active",
            _("You cannot switch off your own account."),
            _("Ask another administrator."),
            person.username,
        )
    return revise(
        person,
        "deactivate",
        {"is_active": False},
        seen_version=seen_version,
        acting_user=acting_user,
        now=now,
    )


def activate_person(
    person: User, *, acting_user: User | None, now: dt.datetime, seen_version: int | None = None
) -> User:
    """Switch the account on again; a person who came back has not left."""
    return revise(
        person,
        "activate",
        {"is_active": True, "left_on": None, "successor_id": None},
        seen_version=seen_version,
        acting_user=acting_user,
        now=now,
    )


def mark_left(
    person: User,
    left_on: dt.date,
    successor: User | None,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> User:
    """Record that the person left; what they are owed passes to the successor (domain.md)."""
    if acting_user is not None and acting_user.pk == person.pk:
        refuse(
            "left_on",
            _("You cannot mark yourself as left."),
            _("Ask another administrator."),
            person.username,
        )
    if left_on > timezone.localdate(now):
        refuse(
            "left_on",
            _("%(day)s has not come yet.") % {"day": left_on},
            _("Mark the person as left on or after their last day."),
            left_on,
        )
    if successor is not None and not _works_here(successor, person):
        refuse(
            "successor",
            _("%(name)s cannot be the successor.") % {"name": successor.name},
            _("Choose somebody else who works here."),
            successor.username,
        )
    return revise(
        person,
        "leave",
        {
            "is_active": False,
            "left_on": left_on,
            "successor_id": successor.pk if successor else None,
        },
        seen_version=seen_version,
        acting_user=acting_user,
        now=now,
    )


def _works_here(successor: User, person: User) -> bool:
    return (
        successor.pk != person.pk
        and successor.is_active
        and successor.left_on is None
        and not successor.imported
    )


def _refuse_same_username(row: User) -> None:
    others = User.objects.filter(username__iexact=row.username)
    refuse_taken(others.exclude(pk=row.pk), "username", row.username)
