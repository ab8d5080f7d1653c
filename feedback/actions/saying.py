"""Somebody's words, kept as they were said."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from catalog.models import Module, Product
from core import events
from core.searchkey import search_key
from feedback.models import FeedbackItem


def keep_words(
    words: str,
    person: User,
    *,
    product: Product,
    module: Module | None,
    source: str,
    acting_user: User,
    now: dt.datetime,
    **more: Any,
) -> FeedbackItem:
    """A feedback item with its first event; part of the caller's transaction.

    `more` are further columns (importance, hours_per_week, ticket, demand).
    """
    item = FeedbackItem(
        product=product, module=module, person=person, department=person.department,
        source=source, words=words, search_key=search_key(words), created_by=acting_user,
        created_at=now, **more,
    )  # fmt: skip
    said = {"person_id": person.pk, "product_id": product.pk, "source": source}
    events.create(item, "say", actor_id=acting_user.pk, now=now, data=said)
    return item
