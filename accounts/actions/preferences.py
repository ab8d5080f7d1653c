"""What a person chooses for themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.models import User
from core.changes import refuse, revise

OWN_CHOICES = frozenset({"language", "theme", "after_act"})


def save_preferences(
    person: User,
    fields: Mapping[str, Any],
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> User:
    """Change language, theme or after_act of one's own account."""
    for name in fields.keys() - OWN_CHOICES:
        refuse(name, "Not a preference.", ", ".join(sorted(OWN_CHOICES)), fields[name])
    return revise(
        person,
        "prefer",
        fields,
        seen_version=seen_version,
        acting_user=acting_user,
        now=now,
    )
