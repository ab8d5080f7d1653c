"""Insights (L5): what tickets of any level taught, published with the tickets they cite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from core import events
from core.changes import checked_text
from core.errors import BadInput, Problem
from feedback.models import Insight
from feedback.policies import require_staff
from tickets.models import Ticket


def publish_insight(
    title: str,
    body: str,
    product: Product,
    tickets: Iterable[Ticket],
    *,
    acting_user: User,
    now: dt.datetime,
) -> Insight:
    """A published insight that cites at least one ticket the author may see."""
    title, body = checked_text("title", title, maximum=160), checked_text("body", body)
    require_staff(product.pk, acting_user)
    wanted = {ticket.pk for ticket in tickets}
    cited = list(Ticket.objects.visible_to(acting_user).filter(pk__in=wanted))
    if not cited or len(cited) != len(wanted):
        raise BadInput(
            Problem(
                "tickets", _("An insight cites tickets that you may see."),
                _("Name at least one ticket, as OPS-<number>."),
                ", ".join(f"OPS-{pk}" for pk in sorted(wanted - {t.pk for t in cited})),
            )
        )  # fmt: skip
    insight = Insight(
        title=title, body=body, product=product, author=acting_user, created_at=now,
        published_at=now,
    )  # fmt: skip
    with transaction.atomic():
        events.create(
            insight, "publish", actor_id=acting_user.pk, now=now,
            data={"ticket_ids": sorted(wanted)},
        )  # fmt: skip
        insight.tickets.set(cited)
        for ticket in cited:
            events.touch(Ticket.SUBJECT, ticket.pk)
    return insight
