"""The beats every action of causes shares: take the row, guard it, let its tickets follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from catalog.models import Grant
from core import events
from core.errors import BadInput, NotAllowed, Problem
from core.models import Event
from tickets.actions.conversing import keep_note
from tickets.actions.saving import save
from tickets.choices import CauseState, Level
from tickets.errors import WrongState
from tickets.models import Cause, Ticket


def require_staff(product_id: int, user: User) -> None:
    rights = rights_of(user)
    if not any(
        rights.covers(role, product_id) for role in (PermissionRole.AGENT, PermissionRole.MANAGER)
    ):
        raise NotAllowed(
            Problem("", _("Your role does not allow this."), _("Ask an agent of the product."))
        )


def take_cause(cause: Cause, seen_version: int | None, fields: Iterable[str]) -> Cause:
    row = events.lock(Cause, cause.pk)
    events.check_unchanged(row, seen_version, {"state", *fields})
    return row


def require_state(cause: Cause, states: Iterable[str]) -> None:
    if cause.state not in states:
        raise WrongState(
            Problem(
                "state", _("The cause's present state does not allow this."),
                _("Reload the page to see what can be done now."),
                str(CauseState(cause.state).label),
            )
        )  # fmt: skip


def require_owner_role(cause: Cause, owner: User) -> None:
    rights = rights_of(owner)
    if not owner.is_active or not rights.covers(PermissionRole.OWNER, cause.product_id):
        raise BadInput(
            Problem(
                "owner", _("This person is not an owner of the product."),
                _("Choose an owner, or have the role granted in settings."), owner.name,
            )
        )  # fmt: skip


def require_owner(cause: Cause, user: User) -> None:
    if cause.owner_id != user.pk:
        raise NotAllowed(
            Problem(
                "owner", _("This cause was not pushed to you."), _("Only its owner answers it."),
                cause.owner.name if cause.owner else "",
            )
        )  # fmt: skip


def checked_date(day: dt.date, now: dt.datetime) -> dt.date:
    if day < timezone.localdate(now):
        raise BadInput(
            Problem(
                "promised_on", _("This date is in the past."), _("Give a date from today on."),
                day.isoformat(),
            )
        )  # fmt: skip
    return day


def _tickets_of(cause: Cause) -> list[Ticket]:
    pks = Ticket.objects.filter(cause_id=cause.pk, level=Level.PUSH).values_list("pk", flat=True)
    return events.lock_many(Ticket, pks)


def move_tickets(
    cause: Cause,
    verb: str,
    statuses: tuple[str, ...],
    fields: Mapping[str, Any],
    user: User,
    now: dt.datetime,
    *,
    data: Mapping[str, Any] | None = None,
    note: str = "",
) -> list[Event]:
    """Let the pushed tickets in these statuses follow their cause, each with its own event."""
    told = []
    for ticket in _tickets_of(cause):
        if ticket.status in statuses:
            told.append(
                save(
                    ticket, verb, user=user, now=now, fields=fields,
                    data={"cause_id": cause.pk, **(data or {})},
                )
            )  # fmt: skip
            keep_note(ticket, note, user, now)
    return told


def holders_of(cause: Cause) -> set[int | None]:
    """Who holds tickets of the cause."""
    return set(
        Ticket.objects.filter(cause_id=cause.pk).unresolved().values_list("assignee_id", flat=True)
    )


def managers_of(cause: Cause) -> set[int | None]:
    grants = Grant.objects.filter(role=PermissionRole.MANAGER, is_active=True)
    return {grant.user_id for grant in grants if grant.product_id in (None, cause.product_id)}
