"""What tickets know of manual debt: usage questions answered and solved without a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import User
from docs_portal.access.debt import drafted_tickets
from docs_portal.policies.debt import MOST_OF_A_SOURCE, Place, Seed, Signal
from tickets.choices import CommentKind, Level, Status
from tickets.models import Comment, Ticket

#: Characters of an answer that a draft begins with.
ANSWER_MAX = 20_000


class AnswersWithoutPage:
    """Tickets solved on level 2 whose answer names a gap, by module."""

    name = "no_page"
    weight = 3
    label: Promise = gettext_lazy("Answered without a page")

    def signals(
        self, user: User | None, product_ids: frozenset[int] | None, since: dt.datetime
    ) -> Iterator[Signal]:
        seen = (
            Ticket.objects.visible_to(user) if user else Ticket.objects.filter(confidential=False)
        )
        tickets = seen.filter(
            answer_gap=True, level=Level.RESOLVE, resolved_at__gte=since,
            status__in=(Status.RESOLVED, Status.CLOSED),
        )  # fmt: skip
        if product_ids is not None:
            tickets = tickets.filter(product_id__in=product_ids)
        rows = list(
            tickets.order_by("-resolved_at").values_list(
                "pk", "product_id", "module_id", "resolved_at", "title", "requester_id"
            )[:MOST_OF_A_SOURCE]
        )
        drafted = drafted_tickets(row[0] for row in rows)
        for pk, product_id, module_id, at, title, requester_id in rows:
            if pk in drafted or at is None:
                continue
            yield Signal(
                self.name, Place(product_id, module_id=module_id), at, requester_id,
                said=f"OPS-{pk} {title}", url=reverse("ticket", args=[pk]), ref=f"OPS-{pk}",
            )  # fmt: skip

    def seed(self, user: User, place: Place) -> Seed | None:
        """The newest of these questions with its answer."""
        if not place.key.startswith("module:"):
            return None
        tickets = Ticket.objects.visible_to(user).filter(
            Q(module_id=place.module_id) if place.module_id is not None else Q(module=None),
            answer_gap=True, level=Level.RESOLVE, product_id=place.product_id or 0,
            confidential=False, status__in=(Status.RESOLVED, Status.CLOSED),
        )  # fmt: skip
        newest = tickets.order_by("-resolved_at").first()
        return seed_from(newest) if newest is not None else None


def seed_from(ticket: Ticket) -> Seed:
    """A page that begins with what staff answered in public; names stay out of it."""
    answers = (
        Comment.objects.filter(ticket=ticket, kind=CommentKind.PUBLIC)
        .exclude(author_id=ticket.requester_id)
        .order_by("pk")
        .values_list("body", flat=True)
    )
    body = "\n\n".join(text.strip() for text in answers if text.strip())[:ANSWER_MAX]
    return Seed(title=ticket.title, body=body or ticket.title, module_id=ticket.module_id)
