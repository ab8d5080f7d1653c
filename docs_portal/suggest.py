"""Manual pages offered while a trouble is described: nearest to the words, for one's own role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from core.registry import Suggestion
from core.searchkey import normalised, search_key
from docs_portal.access import suggestion_of
from docs_portal.models import Page, PageSection

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: Pairs of characters of the words typed that are looked up.
PAIRS = 24
#: Sections that are compared in memory: by their headings, and by their texts.
COMPARED = 200
#: A pair in a heading says more than one in the text.
HEADING_WEIGHT = 3
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
        if not isinstance(user, User):
            return []
        pages = nearest_pages(user, query, timezone.localdate(), limit=limit)
        return [suggestion_of(page) for page in pages]


def nearest_pages(
    user: User, text: str, day: dt.date, *, product: Product | None = None, limit: int = 3
) -> list[Page]:
    """Pages the person reads in their own role that a text is likely about, best first.

    With a product only its manual is looked through.
    """
    pairs = pairs_of(text)[:PAIRS]
    if len(pairs) < 2:
        return []
    sections = PageSection.objects.readable_by(user, day)
    if product is not None:
        sections = sections.filter(page__manual__product=product)
    needles = [search_key(pair).lstrip("\x1f") for pair in pairs]
    in_heading, in_text = Q(), Q()
    for needle in needles:
        in_heading |= Q(heading_key__contains=needle)
        in_text |= Q(key__contains=needle)
    # By an expression, so that the planner does not walk the newest pages for words none has.
    order = (F("page_id") + 0).desc()
    near = {row.pk: row for row in sections.filter(in_heading).order_by(order)[:COMPARED]}
    near |= {row.pk: row for row in sections.filter(in_text).order_by(order)[:COMPARED]}
    scores = _scores(near.values(), needles)
    best = sorted(scores, key=lambda pk: (-scores[pk], -pk))[:limit]
    pages = Page.objects.select_related("manual__product").in_bulk(best)
    return [pages[pk] for pk in best if scores[pk] >= ENOUGH][:limit]


def _scores(sections: Iterable[PageSection], needles: Sequence[str]) -> dict[int, int]:
    """How much of the text each page has: its pairs anywhere in it, those in a heading more."""
    named: dict[int, set[str]] = {}
    said: dict[int, set[str]] = {}
    for section in sections:
        named.setdefault(section.page_id, set()).update(
            needle for needle in needles if needle in section.heading_key
        )
        said.setdefault(section.page_id, set()).update(
            needle for needle in needles if needle in section.key
        )
    return {pk: HEADING_WEIGHT * len(named[pk]) + len(said[pk]) for pk in said}
