"""What a person is asked about demands: does it work now? Shown with what is asked elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from core.registry import OpenQuestion
from feedback.access import may_answer
from feedback.choices import RoundState
from feedback.models import Round
from tickets.choices import Status
from tickets.models import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: The card holds so many; older ones stand on their demand's page.
MOST = 12


def demand_questions(user: AbstractBaseUser, now: dt.datetime) -> list[OpenQuestion]:
    """Released demands this person was asked about, one line a demand.

    Where a ticket of theirs asks the same already, the ticket asks: one answer writes both.
    """
    if not isinstance(user, User):
        return []
    asked = (
        Round.objects.questions()
        .filter(Q(told_to=user) | Q(obligation__person=user))
        .select_related(
            "obligation__demand__product", "obligation__person__successor",
            "obligation__person__department__contact",
        )
        .order_by("-queued_at", "-pk")
    )  # fmt: skip
    rounds = {row.obligation.demand_id: row for row in asked[: MOST * 2] if may_answer(row, user)}
    if not rounds:
        return []
    refs = {row.obligation.demand.ref for row in rounds.values()}
    by_ticket = Ticket.objects.filter(requester=user, status=Status.RESOLVED, driver__in=refs)
    said = set(by_ticket.values_list("driver", flat=True))
    found = [row for row in rounds.values() if row.obligation.demand.ref not in said]
    return [_question(row) for row in found[:MOST]]


def _question(row: Round) -> OpenQuestion:
    demand = row.obligation.demand
    answer = reverse("demand_answer", args=[demand.pk])
    return OpenQuestion(
        ref=demand.ref,
        title=demand.title,
        detail=str(demand.product),
        url=reverse("demand", args=[demand.pk]),
        asked_at=row.queued_at or row.opened_at,
        yes_url=answer,
        no_url=answer,
        words_field="words",
        yes_fields=(("answer", RoundState.CONFIRMED.value),),
        no_fields=(("answer", RoundState.NOT_SOLVED.value),),
    )
