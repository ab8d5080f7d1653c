"""Tell people about a ticket in words of one's own: what a rule does besides changing it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Team
from core.changes import checked_text
from core.errors import Problem
from core.text import excerpt
from tickets.actions.saving import save, take
from tickets.errors import WrongState
from tickets.models import Ticket
from tickets.notifications import tell

WORDS_MAX = 500


def tell_people(
    ticket: Ticket,
    words: str,
    *,
    user: User | None = None,
    team: Team | None = None,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Tell a person, a team's members, or (neither named) the holder; else the ticket's team."""
    words = checked_text("words", words, maximum=WORDS_MAX)
    with transaction.atomic():
        row = take(ticket, "note", acting_user, seen_version, ())
        told = _people(row, user, team)
        if not told:
            raise WrongState(
                Problem(
                    "user", _("There is nobody to tell."),
                    _("Name a person or a team with members."), "",
                )
            )  # fmt: skip
        event = save(row, "tell", user=acting_user, now=now, data={"user_ids": sorted(told)})
        tell(row, event, "told", set(told), now=now, words=excerpt(words, WORDS_MAX))
    return row


def _people(ticket: Ticket, user: User | None, team: Team | None) -> set[int]:
    if user is not None:
        return {user.pk}
    if team is None and ticket.assignee_id is not None:
        return {ticket.assignee_id}
    asked = team or ticket.team
    if asked is None:
        return set()
    members = asked.members.filter(is_active=True, left_on__isnull=True)
    return set(members.values_list("pk", flat=True))
