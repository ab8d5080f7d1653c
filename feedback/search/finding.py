"""Demands in the search of the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.registry import Suggestion
from feedback.choices import DemandStatus
from feedback.models import Demand

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class DemandSearch:
    """Demands whose title, problem or proposal contains every word, newest first."""

    name = "demands"

    def label(self) -> str:
        return _("Demands")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User):
            return []
        found = Demand.objects.visible_to(user).matching(query).select_related("product")
        return [suggestion_of(demand) for demand in found.order_by("-pk")[:limit]]


def suggestion_of(demand: Demand) -> Suggestion:
    """A demand as a search or a form offers it."""
    return Suggestion(
        kind="demand",
        title=demand.title,
        url=reverse("demand", args=[demand.pk]),
        detail=f"{demand.ref} · {demand.product} · {DemandStatus(demand.status).label}",
        ref=demand.ref,
    )
