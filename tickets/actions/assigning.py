"""Assign by duty, turn or load: for a new ticket, for those that waited, for a rule (派单)."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.choices import AssignmentMethod
from catalog.models import Team, TeamMember
from core import events
from core.errors import BadInput, Problem, Refused
from core.models import Event
from core.origin import brought_about
from tickets.actions.holding import assign_ticket
from tickets.choices import Status
from tickets.errors import WrongState
from tickets.models import Ticket
from tickets.search.assignment import WhyNobody, choose

logger = logging.getLogger(__name__)

#: Tickets that wait for somebody to be free, taken up in one run.
WAITING_AT_ONCE = 200

NOBODY = {
    WhyNobody.NO_METHOD: (
        _("The ticket's team assigns nothing by itself."),
        _("Choose how it assigns in the settings of teams."),
    ),
    WhyNobody.CLOSED: (
        _("The team is out of working hours and nobody is on duty."),
        _("It waits until the team works again; a duty roster covers the hours between."),
    ),
    WhyNobody.NO_DUTY: (
        _("Nobody of the team is on duty today, or who is has taken leave."),
        _("Plan the duty roster, or assign by turn or load."),
    ),
    WhyNobody.AWAY: (
        _("Everybody of the team is away."),
        _("Look at the absences, or transfer the ticket."),
    ),
    WhyNobody.FULL: (
        _("Everybody of the team holds as many open tickets as their cap allows."),
        _("Raise a cap, or hand tickets over."),
    ),
}


def assign_new(ticket: Ticket, *, now: dt.datetime) -> Ticket:
    """The holder of a ticket just submitted, where its team assigns by itself.

    Part of the caller's transaction. Nobody free is no refusal: it waits (`assign_waiting`).
    """
    if ticket.team is None or ticket.team.assignment == AssignmentMethod.NONE:
        return ticket
    try:
        # A savepoint: somebody who may not hold it must not undo the submission.
        with transaction.atomic():
            return assign_by(ticket, ticket.team.assignment, acting_user=None, now=now)
    except Refused as refusal:
        logger.info("%s waits for a holder: %s", ticket.ref, refusal)
        return ticket


def assign_by(
    ticket: Ticket,
    method: str = AssignmentMethod.NONE,
    *,
    acting_user: User | None,
    now: dt.datetime,
) -> Ticket:
    """Assign by `method` (none: as the team does) out of the ticket's team.

    A person may so hand over a ticket somebody holds, to anybody but them; a rule may not.
    The team's row is locked while choosing, so two assignments never pass a cap together. Raises
    WrongState naming why nobody takes it, BadInput for an unknown method.
    """
    if method not in AssignmentMethod.values:
        raise BadInput(
            Problem(
                "method", _("This value is not one of the choices."),
                ", ".join(AssignmentMethod.values), method,
            )
        )  # fmt: skip
    with transaction.atomic():
        if ticket.team_id is None:
            raise WrongState(
                Problem("team", _("The ticket has no team."), _("Transfer it to a team first."))
            )
        # The ticket first, as everywhere: whoever changes it holds it before the team.
        row = events.lock(Ticket, ticket.pk)
        if row.assignee_id is not None and acting_user is None:
            raise WrongState(
                Problem(
                    "assignee", _("A colleague holds this ticket already."),
                    _("Only tickets nobody holds are assigned by turn or load."),
                    row.assignee.name if row.assignee else "",
                )
            )  # fmt: skip
        team = events.lock(Team, ticket.team_id)
        wanted = team.assignment if method == AssignmentMethod.NONE else method
        choice = choose(team, row, wanted, now, but=row.assignee_id)
        if choice.found is None:
            message, remedy = NOBODY[choice.why_nobody or WhyNobody.AWAY]
            raise WrongState(Problem("assignee", message, remedy, team.name))
        member = choice.found.member
        with brought_about(because=choice.because):
            assigned = assign_ticket(ticket, member.user, acting_user=acting_user, now=now)
        TeamMember.objects.filter(pk=member.pk).update(last_assigned_at=now)
    return assigned


def assign_waiting(now: dt.datetime) -> int:
    """Assign what found nobody when it came: a cap has room again, the team works again.

    Only new tickets that nobody has ever held, by priority. Returns how many.
    """
    assigned = 0
    teams = Team.objects.filter(is_active=True).exclude(assignment=AssignmentMethod.NONE)
    for team in teams.select_related("calendar").order_by("pk"):
        for ticket in _waiting(team):
            try:
                assign_by(ticket, team.assignment, acting_user=None, now=now)
                assigned += 1
            except WrongState:
                break  # nobody is free: the next one finds nobody either
            except Refused as refusal:
                logger.info("%s waits on: %s", ticket.ref, refusal)
    return assigned


def _waiting(team: Team) -> list[Ticket]:
    waiting = Ticket.objects.filter(
        team=team, status=Status.NEW, assignee__isnull=True, imported=False
    ).order_by("priority", "pk")
    found = list(waiting.select_related("department", "product")[:WAITING_AT_ONCE])
    held_before = set(
        Event.objects.filter(
            subject=Ticket.SUBJECT,
            subject_id__in=[ticket.pk for ticket in found],
            changes__has_key="assignee_id",
        ).values_list("subject_id", flat=True)
    )
    return [ticket for ticket in found if ticket.pk not in held_before]
