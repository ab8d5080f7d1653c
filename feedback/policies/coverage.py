"""Whom a release reaches on a day: everybody, or the departments and people of its parts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from feedback.models import Release, RolloutPart


@dataclass(frozen=True)
class Coverage:
    """A release's roll-out as of one day, read once and asked for many people."""

    everybody: bool
    people: frozenset[int] = frozenset()
    #: Paths of departments; each covers itself and all below.
    departments: tuple[str, ...] = ()

    def covers(self, person: User) -> bool:
        """Whether the person has it now. Reads the person's department."""
        if self.everybody or person.pk in self.people:
            return True
        department = person.department
        return department is not None and department.path.startswith(self.departments)


def coverage_of(release: Release | None, today: dt.date) -> Coverage:
    """Whom `release` reaches on `today`. One query when it rolls out in part, else none.

    A demand without a release (its new business rule holds from its date on) concerns everybody.
    """
    if release is None or not release.is_partial:
        return Coverage(everybody=True)
    if release.everybody_from is not None and release.everybody_from <= today:
        return Coverage(everybody=True)
    parts = RolloutPart.objects.filter(release=release, starts_on__lte=today).select_related(
        "department"
    )
    people = {part.person_id for part in parts if part.person_id is not None}
    paths = tuple(part.department.path for part in parts if part.department is not None)
    return Coverage(everybody=False, people=frozenset(people), departments=paths)
