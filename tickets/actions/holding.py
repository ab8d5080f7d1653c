"""Who holds a ticket: claim, assign, transfer. None of them changes the status."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from catalog.models import Team
from core.errors import BadInput, Problem
from tickets.actions.saving import save, take
from tickets.errors import WrongState
from tickets.models import Ticket
from tickets.notifications import tell


def claim_ticket(
    ticket: Ticket, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Ticket:
    """Take a ticket that nobody holds. Refused when a colleague was faster, by their name."""
    with transaction.atomic():
        row = take(ticket, "claim", acting_user, None, ())
        if row.assignee_id == acting_user.pk:
            return row
        if row.assignee is not None:
            raise WrongState(
                Problem(
                    "assignee", _("A colleague holds this ticket already."),
                    _("Ask them, or have it assigned to you."), row.assignee.name,
                )
            )  # fmt: skip
        save(row, "claim", user=acting_user, now=now, fields={"assignee_id": acting_user.pk})
    return row


def assign_ticket(
    ticket: Ticket,
    assignee: User | None,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Give the ticket to an agent of its product, or to nobody. `acting_user` None is a rule."""
    with transaction.atomic():
        row = take(ticket, "assign", acting_user, seen_version, {"assignee_id"})
        if assignee is not None:
            _require_agent(row, assignee)
        if row.assignee_id == (assignee.pk if assignee else None):
            return row
        event = save(
            row, "assign", user=acting_user, now=now,
            fields={"assignee_id": assignee.pk if assignee else None},
        )  # fmt: skip
        tell(
            row,
            event,
            "assigned",
            {row.assignee_id},
            now=now,
            but=acting_user.pk if acting_user else None,
        )
    return row


def transfer_ticket(
    ticket: Ticket,
    team: Team,
    assignee: User | None = None,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Hand the ticket to another team of product operations, and to a person there if named."""
    with transaction.atomic():
        row = take(ticket, "transfer", acting_user, seen_version, {"team_id", "assignee_id"})
        if not team.is_product_operations or not team.is_active:
            raise BadInput(
                Problem(
                    "team", _("This team does not hold tickets of product operations."),
                    _("Relay the ticket to it, or choose a team of product operations."),
                    team.name,
                )
            )  # fmt: skip
        if assignee is not None and not team.members.filter(pk=assignee.pk).exists():
            raise BadInput(
                Problem(
                    "assignee", _("This person is not in that team."),
                    _("Choose a member of the team, or nobody."), assignee.name,
                )
            )  # fmt: skip
        event = save(
            row, "transfer", user=acting_user, now=now,
            fields={"team_id": team.pk, "assignee_id": assignee.pk if assignee else None},
        )  # fmt: skip
        tell(
            row,
            event,
            "assigned",
            {row.assignee_id},
            now=now,
            but=acting_user.pk if acting_user else None,
        )
    return row


def _require_agent(ticket: Ticket, person: User) -> None:
    rights = rights_of(person)
    path = ticket.department.path if ticket.department is not None else ""
    if not person.is_active or not rights.covers(PermissionRole.AGENT, ticket.product_id, path):
        raise BadInput(
            Problem(
                "assignee", _("This person is not an agent of the ticket's product."),
                _("Choose somebody of the product's teams."), person.name,
            )
        )  # fmt: skip
