"""What a requester is asked about their own tickets: does it work now?"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core.registry import OpenQuestion
from tickets.choices import Resolution, Status
from tickets.models import Ticket
from tickets.rendering.mine import share_teams
from tickets.search.mine import RELATED
from tickets.sla.closing import closing_day

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: The card holds so many; older ones stand in the list of tickets.
MOST = 12


def ticket_questions(user: AbstractBaseUser, now: dt.datetime) -> list[OpenQuestion]:
    """Resolved tickets of one's own that wait for a yes or a no, the newest first."""
    if not isinstance(user, User):
        return []
    waiting = (
        Ticket.objects.filter(requester=user, status=Status.RESOLVED, answer_owed=False)
        .exclude(resolution=Resolution.MOVED_TO_DEMAND)
        .select_related(*RELATED)
        .order_by("-resolved_at", "-pk")
    )
    tickets = list(waiting[:MOST])
    share_teams(tickets)
    return [_question(ticket, now) for ticket in tickets]


def _question(ticket: Ticket, now: dt.datetime) -> OpenQuestion:
    version = (("version", str(ticket.version)),)
    return OpenQuestion(
        ref=ticket.ref,
        title=ticket.title,
        detail=_detail(ticket, now),
        url=reverse("my_ticket", args=[ticket.pk]),
        asked_at=ticket.resolved_at or ticket.updated_at,
        yes_url=reverse("my_ticket_confirm", args=[ticket.pk]),
        no_url=reverse("my_ticket_reopen", args=[ticket.pk]),
        words_field="reason",
        yes_fields=version,
        no_fields=version,
    )


def _detail(ticket: Ticket, now: dt.datetime) -> str:
    day = closing_day(ticket, now)
    if day is None:
        return str(ticket.product)
    return _("%(product)s · closes by itself after %(date)s") % {
        "product": ticket.product, "date": date_format(day, "SHORT_DATE_FORMAT"),
    }  # fmt: skip
