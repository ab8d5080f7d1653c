"""The first act in an empty house: its company and its first administrator."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import nobody_works_here
from accounts.actions import PersonDraft, create_person, name_company
from accounts.models import User
from catalog.actions.rights import grant_role
from catalog.choices import PermissionRole
from core.changes import refuse


def begin_company(
    company: str, username: str, name: str, email: str, password: str, language: str, *,
    now: dt.datetime,
) -> User:  # fmt: skip
    """Name the company and make its first administrator, who can sign in at once.

    Raises `BadInput` as soon as anybody can sign in here.
    """
    draft = PersonDraft(
        username=username, name=name, email=email, language=language,
        password_hash=make_password(password),
    )  # fmt: skip
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('opsdesk.beginning'))")
        if not nobody_works_here():
            refuse(
                "", _("There is an administrator already."),
                _("Sign in, or ask them for an account."),
            )  # fmt: skip
        name_company(company, acting_user=None, now=now)
        person = create_person(draft, acting_user=None, now=now)
        grant_role(person, PermissionRole.ADMINISTRATOR, acting_user=None, now=now)
    return person
