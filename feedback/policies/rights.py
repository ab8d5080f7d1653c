"""Who stands how to a demand: staff of its product, its owner, who verifies, who is owed word."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import Rights, rights_of
from catalog.choices import PermissionRole
from catalog.models import TeamMember
from core.errors import NotAllowed, Problem
from feedback.models import Demand, Obligation

STAFF_ROLES = (PermissionRole.AGENT, PermissionRole.MANAGER)


def is_staff_of(product_id: int, user: User, rights: Rights | None = None) -> bool:
    """Product operations or a manager of the product."""
    rights = rights or rights_of(user)
    return any(rights.covers(role, product_id) for role in STAFF_ROLES)


def may_steer(demand: Demand, user: User) -> bool:
    """Decide, schedule, develop: staff of the product and the demand's product owner."""
    return demand.product_owner_id == user.pk or is_staff_of(demand.product_id, user)


def verifies(demand: Demand, user: User) -> bool:
    """A named person of product operations, who is staff of the product."""
    return (
        is_staff_of(demand.product_id, user)
        and TeamMember.objects.filter(
            user=user, team__is_product_operations=True, team__is_active=True
        ).exists()
    )


def is_owed(demand: Demand, user: User) -> bool:
    return Obligation.objects.standing().filter(demand=demand, person=user).exists()


def require_staff(product_id: int, user: User) -> None:
    if not is_staff_of(product_id, user):
        raise NotAllowed(
            Problem(
                "", _("Your role does not allow this."), _("Ask product operations of the product.")
            )
        )


def require_steer(demand: Demand, user: User) -> None:
    if not may_steer(demand, user):
        raise NotAllowed(
            Problem(
                "", _("Your role does not allow this."),
                _("Ask product operations or the product owner."),
            )
        )  # fmt: skip
