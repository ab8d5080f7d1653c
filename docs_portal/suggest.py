"""Manual pages offered while a trouble is described: nearest to the words, for one's own role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.registry import Suggestion
from core.searchkey import normalised, search_key
from docs_portal.access import suggestion_of
from docs_portal.models import Page

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: Pairs of characters of the words typed that are looked up.
PAIRS = 24
#: Pages that are compared in memory.
COMPARED = 200
#: A pair in the title says more than one in the text.
TITLE_WEIGHT = 3
#: Below this a page is a coincidence.
ENOUGH = 4


def pairs_of(text: str) -> list[str]:
    """Neighbouring characters of the text, each pair once, in order."""
    line = normalised(text)
    found = (line[i : i + 2] for i in range(len(line) - 1))
    return list(dict.fromkeys(pair for pair in found if pair.isalnum()))


class PageSuggestions:
    """Pages for the person's product roles, best first."""

    name = "pages"

    def label(self) -> str:
        return _("Manuals")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        pairs = pairs_of(query)[:PAIRS]
        if not isinstance(user, User) or len(pairs) < 2:
            return []
        some = Q()
        for pair in pairs:
            some |= Q(search_key__contains=search_key(pair).lstrip("\x1f"))
        pages = (
            Page.objects.readable_by(user, timezone.localdate())
            .filter(some)
            .select_related("manual__product")
            .order_by("-id")[:COMPARED]
        )
        scored = sorted(((nearness(pairs, page), page) for page in pages), key=lambda p: -p[0])
        return [suggestion_of(page) for score, page in scored[:limit] if score >= ENOUGH]


def nearness(pairs: list[str], page: Page) -> int:
    """How many of the pairs the page has, those in its title counting three times."""
    title = normalised(f"{page.manual.product.name} {page.title}")
    return sum(
        (TITLE_WEIGHT if pair in title else 0)
        + (1 if search_key(pair).lstrip("\x1f") in page.search_key else 0)
        for pair in pairs
    )
