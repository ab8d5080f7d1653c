"""The worst of manual debt (待补文档) as a report keeps it: frozen, in plain values."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from docs_portal.access.debt import Owed, debt_of_house

#: Items that the page names.
SHOWN = 3


def debt_at(moment: dt.datetime) -> list[dict[str, Any]]:
    """What manuals owed then, worst first: the first of each product, so that who reads one
    product gets theirs. `parts` are what speaks for it: the source's name and a count."""
    taken: Counter[int | None] = Counter()
    found = []
    for owed in debt_of_house(moment):
        product_id = owed.product.pk if owed.product is not None else None
        taken[product_id] += 1
        if taken[product_id] <= SHOWN:
            found.append(_kept(owed, product_id))
    return found


def _kept(owed: Owed, product_id: int | None) -> dict[str, Any]:
    place = owed.debt.place
    return {
        "product_id": product_id,
        "module_id": owed.module.pk if owed.module is not None else None,
        "words": place.words,
        "page": owed.page.title if owed.page is not None else "",
        "for_role": place.role_of is not None,
        "score": owed.debt.score,
        "parts": [[part.source.name, part.count] for part in owed.debt.shares],
    }
