"""An item of manual debt in words, and what a page for it begins with."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from docs_portal.access.debt import Owed
from docs_portal.policies.debt import Seed, debt_sources


def title_of(owed: Owed) -> str:
    """What an item is called where it is kept."""
    place = owed.debt.place
    if place.words:
        return place.words[:200]
    if owed.page is not None:
        return owed.page.title
    return str(owed.module or owed.product or "")[:200]


def seed_of(user: User, owed: Owed) -> Seed:
    """What a new page begins with: what a source knows, else its title and a line to replace."""
    seeds = (source.seed(user, owed.debt.place) for source in debt_sources())
    known = next((one for one in seeds if one is not None), None)
    return known or Seed(title=title_of(owed), body=_("(Write the page here.)"))
