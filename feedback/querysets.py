"""Domain words of demands as chainable querysets; the one visibility rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from feedback.choices import DemandStatus

if TYPE_CHECKING:
    from feedback.models import Demand  # noqa: F401  (named in a base class)

READING_ROLES = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)


class DemandQuerySet(models.QuerySet["Demand"]):
    def visible_to(self, user: User) -> DemandQuerySet:
        """Staff of the product, its product owner, and the people it is owed to."""
        rights = rights_of(user)
        mine = Q(product_owner=user) | Q(
            pk__in=self.model._default_manager.filter(
                Q(obligations__person=user) | Q(obligations__person__successor=user)
            ).values("pk")
        )
        products: set[int] = set()
        for role in READING_ROLES:
            for scope in rights.scopes.get(role, ()):
                if scope.product_id is None:
                    return self.all()
                products.add(scope.product_id)
        return self.filter(mine | Q(product_id__in=products))

    def undecided(self) -> DemandQuerySet:
        return self.filter(status__in=(DemandStatus.COLLECTED, DemandStatus.EVALUATING))

    def unfinished(self) -> DemandQuerySet:
        return self.exclude(
            status__in=(DemandStatus.CLOSED, DemandStatus.DECLINED, DemandStatus.MERGED)
        )
