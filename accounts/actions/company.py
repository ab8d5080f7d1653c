"""What the company is called."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.models import Company, User
from core.changes import add, checked_text, revise


def name_company(
    name: str, *, acting_user: User | None, now: dt.datetime, seen_version: int | None = None
) -> Company:
    """Say, or say anew, what the company is called. Raises `BadInput`, `StaleWrite`."""
    name = checked_text("name", name, maximum=80)
    with transaction.atomic():
        row = Company.objects.select_for_update().filter(pk=Company.ONLY).first()
        if row is None:
            return add(Company(pk=Company.ONLY, name=name), acting_user=acting_user, now=now)
        return revise(
            row, "edit", {"name": name}, acting_user=acting_user, now=now, seen_version=seen_version
        )
