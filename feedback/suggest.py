"""Demands near to some words: offered to who describes a trouble, and to staff on a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from core.registry import Suggestion
from core.searchkey import normalised, search_key
from docs_portal.suggest import pairs_of
from feedback.models import Demand
from feedback.querysets import DemandQuerySet
from feedback.search import suggestion_of

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: Pairs of characters of the words that are looked up.
PAIRS = 24
#: Demands that are compared in memory.
COMPARED = 200
#: A pair in the title says more than one in the text.
TITLE_WEIGHT = 3
#: Below this a demand is a coincidence.
ENOUGH = 4


def nearest(demands: DemandQuerySet, words: str, limit: int) -> list[Demand]:
    """The unfinished demands that share most with `words`, best first. One query."""
    pairs = pairs_of(words)[:PAIRS]
    if len(pairs) < 2:
        return []
    some = Q()
    for pair in pairs:
        some |= Q(search_key__contains=_needle(pair))
    found = demands.unfinished().filter(some).select_related("product").order_by("-pk")[:COMPARED]
    scored = sorted(((_nearness(pairs, demand), demand) for demand in found), key=lambda p: -p[0])
    return [demand for score, demand in scored[:limit] if score >= ENOUGH]


def _needle(pair: str) -> str:
    return search_key(pair).lstrip("\x1f")


def _nearness(pairs: list[str], demand: Demand) -> int:
    title = normalised(demand.title)
    return sum(
        (TITLE_WEIGHT if pair in title else 0) + (1 if _needle(pair) in demand.search_key else 0)
        for pair in pairs
    )


class DemandSuggestions:
    """Open demands a person may see, nearest to the words they type."""

    name = "demands"

    def label(self) -> str:
        return _("Demands")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User):
            return []
        found = nearest(Demand.objects.visible_to(user), query, limit)
        return [suggestion_of(demand) for demand in found]
