"""Which service policy holds for a ticket, and why: the first in their order that fits.

docs/decisions/0007-the-first-policy-that-fits-holds.md
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.models import Department
from tickets.models import ServicePolicy, Target


class Misfit(StrEnum):
    """Why a policy does not fit a ticket; the first of these that holds."""

    OFF = "off"
    PRODUCT = "product"
    DEPARTMENT = "department"
    DAYS = "days"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Asked:
    """What policies look at in a ticket. `departments`: its own and those above it."""

    product_id: int
    departments: frozenset[int]
    priority: int
    submitted_on: dt.date


@dataclass(frozen=True)
class Choice:
    """The policy that holds with its target, and those before it that do not fit."""

    policy: ServicePolicy | None
    target: Target | None
    passed: tuple[tuple[ServicePolicy, Misfit], ...] = ()


def policies_in_force() -> list[ServicePolicy]:
    """Every active policy in its order, the default last (one query)."""
    return list(ServicePolicy.objects.filter(is_active=True).select_related("calendar"))


def choose(asked: Asked, policies: Iterable[ServicePolicy]) -> Choice:
    """The first of `policies` that fits."""
    passed: list[tuple[ServicePolicy, Misfit]] = []
    for policy in policies:
        misfit = misfit_of(asked, policy)
        if misfit is None:
            return Choice(policy, policy.target(asked.priority), tuple(passed))
        passed.append((policy, misfit))
    return Choice(None, None, tuple(passed))


def misfit_of(asked: Asked, policy: ServicePolicy) -> Misfit | None:
    if not policy.is_active:
        return Misfit.OFF
    if policy.product_ids and asked.product_id not in policy.product_ids:
        return Misfit.PRODUCT
    if policy.department_ids and asked.departments.isdisjoint(policy.department_ids):
        return Misfit.DEPARTMENT
    if policy.first_day is not None and asked.submitted_on < policy.first_day:
        return Misfit.DAYS
    if policy.last_day is not None and asked.submitted_on > policy.last_day:
        return Misfit.DAYS
    if str(int(asked.priority)) not in policy.targets:
        return Misfit.PRIORITY
    return None


def departments_of(
    department_id: int | None, policies: Sequence[ServicePolicy], paths: Mapping[int, str] | None
) -> frozenset[int]:
    """A department and those above it; asked of the database only where some policy cares."""
    if department_id is None or not any(policy.department_ids for policy in policies):
        return frozenset()
    if paths is not None:
        return ids_of(paths.get(department_id, ""))
    path = Department.objects.filter(pk=department_id).values_list("path", flat=True).first()
    return ids_of(path or "")


def ids_of(path: str) -> frozenset[int]:
    """`/1/4/9/` as a set of ids."""
    return frozenset(int(part) for part in path.split("/") if part)
