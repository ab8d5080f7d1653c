"""A person's own tickets as rows: who has each, since when, what happens next and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from catalog.models import Team
from core.models import Event
from tickets.choices import Status
from tickets.models import Ticket
from tickets.rendering.standing import HOLDING_FIELDS, Standing, standing
from tickets.sla.closing import closing_day


@dataclass(frozen=True)
class MyRow:
    """One ticket in a requester's words."""

    ticket: Ticket
    told: Standing
    is_mine: bool

    @property
    def waits_for_me(self) -> bool:
        return self.is_mine and self.ticket.status in (Status.PENDING, Status.RESOLVED)


def my_rows(tickets: Sequence[Ticket], viewer: User, now: dt.datetime) -> list[MyRow]:
    """The rows of a list: one query for all, and one for each calendar that closes something."""
    share_teams(tickets)
    moved = _last_moves(tickets)
    return [
        MyRow(
            ticket,
            standing(
                ticket,
                moved.get(ticket.pk, ()),
                now,
                closes_on=closing_day(ticket, now),
                viewer=viewer,
            ),
            ticket.requester_id == viewer.pk,
        )
        for ticket in tickets
    ]


def _last_moves(tickets: Iterable[Ticket]) -> dict[int, list[Event]]:
    """The newest event of each ticket that gave it to somebody else."""
    found = Event.objects.filter(
        subject=Ticket.SUBJECT, subject_id__in=[ticket.pk for ticket in tickets],
        changes__has_any_keys=sorted(HOLDING_FIELDS),
    ).order_by("subject_id", "-version").distinct("subject_id")  # fmt: skip
    return {event.subject_id: [event] for event in found}


def share_teams(tickets: Iterable[Ticket]) -> None:
    """A team reads its calendar once, however many of its tickets are shown."""
    teams: dict[int, Team] = {}
    for ticket in tickets:
        if ticket.team is not None:
            ticket.team = teams.setdefault(ticket.team.pk, ticket.team)
