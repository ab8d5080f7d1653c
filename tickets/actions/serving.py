"""Guided mode: the next ticket nobody holds, and giving it back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.errors import BadInput, Problem
from tickets.actions.holding import assign_ticket, claim_ticket
from tickets.errors import WrongState
from tickets.models import Skip, Ticket
from tickets.search.following import company_day, waiting_for


def serve_ticket(*, acting_user: User, now: dt.datetime) -> Ticket | None:
    """Claim the most urgent ticket nobody holds; None when there is none for this person.

    Two people who ask at once get two tickets: a row that is being served is passed over.
    """
    with transaction.atomic():
        row = (
            waiting_for(acting_user, now)
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .order_by("priority", F("due_at").asc(nulls_last=True), "pk")
            .first()
        )
        return claim_ticket(row, acting_user=acting_user, now=now) if row is not None else None


def skip_ticket(ticket: Ticket, reason: str = "", *, acting_user: User, now: dt.datetime) -> Ticket:
    """Give back a ticket one holds; it is not served to the same person again today."""
    if reason and reason not in Skip.Reason.values:
        raise BadInput(
            Problem(
                "reason", _("This is no reason to skip a ticket."),
                ", ".join(Skip.Reason.values), reason,
            )
        )  # fmt: skip
    with transaction.atomic():
        row = events.lock(Ticket, ticket.pk)
        if row.assignee_id != acting_user.pk:
            raise WrongState(
                Problem(
                    "assignee", _("Only a ticket that you hold is skipped."),
                    _("Go on to the next one."), str(row.assignee or ""),
                )
            )  # fmt: skip
        row = assign_ticket(row, None, acting_user=acting_user, now=now)
        Skip.objects.update_or_create(
            ticket=row, user=acting_user, day=company_day(now), defaults={"reason": reason}
        )
    return row
