"""The end of a ticket: resolve, confirm, reopen, withdraw, reject, merge, restore."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.changes import checked_text
from core.errors import BadInput, NotAllowed, Problem
from tickets.actions.saving import CONTRACT_FIELDS, save, send_news, take
from tickets.actions.undo_sides import forget_merge
from tickets.actions.voices import ask_after_resolving
from tickets.choices import REOPEN_DAYS, Level, Resolution, Status
from tickets.errors import ContractUnmet, WrongState
from tickets.models import Ticket, TicketLink, Watcher
from tickets.notifications import tell
from tickets.policies import (
    Who,
    level_reached,
    required_steps,
    rows_due_at_resolve,
    stands_as,
)
from tickets.sla.closing import is_over

#: Codes after which nothing works that did not before: nobody is asked whether it does.
_SOLVES_NOTHING = (Resolution.NO_REPLY, Resolution.MOVED_TO_DEMAND, Resolution.WORKAROUND)


def resolve_ticket(
    ticket: Ticket,
    resolution: str,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
    told_elsewhere: bool = False,
) -> Ticket:
    """Resolve with a code; the contract of the level and type must be met (each gap is named).

    `acting_user` None is the system: a demand's release resolving its tickets, which tells and
    asks the requester itself (`told_elsewhere`), so that nobody is asked twice.
    """
    with transaction.atomic():
        row = take(ticket, "resolve", acting_user, seen_version, CONTRACT_FIELDS)
        _check_resolution(row, resolution)
        missing = rows_due_at_resolve(row, resolution)
        if acting_user is not None:  # a release asks nobody to tick
            missing = [*missing, *required_steps(row, resolution)]
        if missing:
            raise ContractUnmet(missing)
        finish_resolved(row, resolution, user=acting_user, now=now, told_elsewhere=told_elsewhere)
    return row


def _check_resolution(row: Ticket, resolution: str) -> None:
    if resolution not in Resolution.values:
        raise BadInput(
            Problem(
                "resolution", _("Choose how it was resolved."),
                ", ".join(str(label) for label in Resolution.labels), resolution,
            )
        )  # fmt: skip
    if resolution == Resolution.OUTSIDE and row.relayed_to_id is None:
        raise WrongState(
            Problem(
                "resolution", _("No other team had this ticket."),
                _("Relay it first, or choose another code."), resolution,
            )
        )  # fmt: skip
    if resolution == Resolution.NO_REPLY and row.status != Status.PENDING:
        raise WrongState(
            Problem(
                "resolution", _("“No reply” is for a ticket that waits for its requester."),
                _("Ask the requester first, or choose another code."), resolution,
            )
        )  # fmt: skip
    if resolution == Resolution.MOVED_TO_DEMAND and not (
        row.level == Level.PRODUCT_DRIVE and row.family == "request"
    ):
        raise WrongState(
            Problem(
                "resolution", _("Only a request on level 4 is moved to a demand."),
                _("Link a demand first, or choose another code."), resolution,
            )
        )  # fmt: skip


def finish_resolved(
    row: Ticket,
    resolution: str,
    *,
    user: User | None,
    now: dt.datetime,
    data: dict[str, Any] | None = None,
    told_elsewhere: bool = False,
) -> None:
    """Set the resolved state on a guarded row; part of the caller's transaction."""
    reached = level_reached(row, resolution)
    fields: dict[str, Any] = {
        "status": Status.RESOLVED,
        "resolution": resolution,
        "resolved_at": now,
        "resolved_level": reached,
    }
    # An answer straight from L1 is work of level 2, and the ticket says so.
    if row.level is not None and reached > row.level:
        fields["level"] = reached
    # An answer typed as the ticket is resolved came before; resolution itself is a response too.
    if row.first_response_at is None:
        fields["first_response_at"] = now
    event = save(
        row, "resolve", user=user, now=now, fields=fields,
        data={"resolution": resolution, **(data or {})}, told_elsewhere=told_elsewhere,
    )  # fmt: skip
    send_news(row, event, "resolved", now=now, resolution=resolution)
    if resolution not in _SOLVES_NOTHING:
        ask_after_resolving(row, now=now)


def confirm_ticket(
    ticket: Ticket, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Ticket:
    """The requester says that it works; the ticket is closed."""
    with transaction.atomic():
        row = take(ticket, "confirm", acting_user, seen_version, {"resolution"})
        event = save(
            row, "confirm", user=acting_user, now=now,
            fields={"status": Status.CLOSED, "closed_at": now, "auto_confirmed": False},
        )  # fmt: skip
        tell(row, event, "confirmed", {row.assignee_id}, now=now, but=acting_user.pk)
        send_news(row, event, "confirmed", now=now)
    return row


def auto_confirm_ticket(
    ticket: Ticket, *, now: dt.datetime, announced_elsewhere: bool = False
) -> Ticket:
    """Close a resolved ticket after the working days of silence; counted apart from confirming.

    Raises WrongState while the day that was announced is not over, and when somebody has spoken
    since. `announced_elsewhere`: a demand asked its requester itself, and waited.
    """
    with transaction.atomic():
        row = take(ticket, "confirm", None, None, ())
        if row.answer_owed or not (announced_elsewhere or is_over(row, now)):
            raise WrongState(
                Problem(
                    "closes_on", _("Silence does not close this ticket now."),
                    _("Wait until the day that was announced is over."), str(row.closes_on or ""),
                )
            )  # fmt: skip
        event = save(
            row, "auto_confirm", user=None, now=now,
            fields={"status": Status.CLOSED, "closed_at": now, "auto_confirmed": True},
        )  # fmt: skip
        send_news(row, event, "auto_confirmed", now=now)
    return row


def reopen_ticket(
    ticket: Ticket,
    reason: str,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """It does not work after all, because …; a requester has 30 days, staff any time."""
    reason = checked_text("reason", reason, maximum=4000)
    with transaction.atomic():
        row = take(ticket, "reopen", acting_user, seen_version, ())
        ended = row.closed_at or row.resolved_at
        only_requester = acting_user is not None and not stands_as(row, acting_user) & {
            Who.AGENT,
            Who.MANAGER,
        }
        if only_requester and ended is not None and now - ended > dt.timedelta(days=REOPEN_DAYS):
            raise WrongState(
                Problem(
                    "status", _("This ticket ended more than 30 days ago."),
                    _("Submit a new ticket; it will be linked to this one."), row.ref,
                )
            )  # fmt: skip
        event = save(
            row, "reopen", user=acting_user, now=now,
            fields={
                "status": Status.OPEN,
                "resolution": "",
                "resolved_level": None,
                "resolved_at": None,
                "closed_at": None,
                "auto_confirmed": False,
                "reopened_times": row.reopened_times + 1,
            },
            reason=reason,
        )  # fmt: skip
        _keep_reason(row, reason, acting_user, now)
        tell(
            row, event, "reopened", {row.assignee_id}, now=now, reason=reason,
            but=acting_user.pk if acting_user else None,
        )  # fmt: skip
        send_news(row, event, "reopened", now=now, reason=reason)
    return row


def _keep_reason(row: Ticket, reason: str, user: User | None, now: dt.datetime) -> None:
    """A reason in a person's words stands in the conversation, where it can be erased."""
    row.comments.create(
        author=user, kind="public", body=reason, salt=row.salt, created_at=now, is_auto=user is None
    )


def withdraw_ticket(
    ticket: Ticket,
    reason: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """The requester no longer needs it (撤单)."""
    with transaction.atomic():
        row = take(ticket, "withdraw", acting_user, seen_version, ())
        _cancel(row, "withdraw", acting_user, now, reason.strip())
    return row


def reject_ticket(
    ticket: Ticket,
    reason: str,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Product operations will not handle it; the requester is told why."""
    reason = checked_text("reason", reason, maximum=2000)
    with transaction.atomic():
        row = take(ticket, "reject", acting_user, seen_version, ())
        _cancel(row, "reject", acting_user, now, reason)
    return row


def _cancel(
    row: Ticket, verb: str, user: User | None, now: dt.datetime, reason: str, **fields: Any
) -> None:
    event = save(
        row, verb, user=user, now=now, reason=reason,
        fields={"status": Status.CANCELLED, "cancelled_at": now, **fields},
    )  # fmt: skip
    if reason:
        _keep_reason(row, reason, user, now)
    send_news(row, event, "cancelled", now=now, verb=verb)


def merge_ticket(
    ticket: Ticket,
    into: Ticket,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Two tickets of one requester become one; the merged one ends and points at the other.

    Tickets of different people are linked to one cause instead, each keeping its conversation.
    """
    with transaction.atomic():
        events.lock_many(Ticket, (ticket.pk, into.pk))
        row = take(ticket, "merge", acting_user, seen_version, {"merged_into_id"})
        target = take(into, "merge", acting_user, None, ())
        if row.pk == target.pk:
            raise BadInput(
                Problem("into", _("A ticket is not merged into itself."), _("Choose another one."),
                        target.ref)
            )  # fmt: skip
        if row.requester_id != target.requester_id:
            raise NotAllowed(
                Problem(
                    "into", _("These tickets belong to two people."),
                    _("Link both to one cause; each keeps its own confirmation."), target.ref,
                )
            )  # fmt: skip
        _cancel(row, "merge", acting_user, now, "", merged_into_id=target.pk)
        TicketLink.objects.get_or_create(
            source=row, target=target, kind=TicketLink.Kind.DUPLICATE,
            defaults={"created_by": acting_user, "created_at": now},
        )  # fmt: skip
        for watcher in row.watchers.all():
            Watcher.objects.get_or_create(
                ticket=target, user_id=watcher.user_id,
                defaults={"added_by": acting_user, "created_at": now},
            )  # fmt: skip
        save(target, "merged_in", user=acting_user, now=now, data={"ticket_id": row.pk})
    return row


def restore_ticket(
    ticket: Ticket, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Ticket:
    """Undo a cancellation (un-merge, mistaken rejection): back to the status before.

    Requesters restore only what they withdrew themselves.
    """
    with transaction.atomic():
        events.lock_many(Ticket, {ticket.pk, ticket.merged_into_id or ticket.pk})
        row = take(ticket, "restore", acting_user, seen_version, {"merged_into_id"})
        last = events.history(Ticket.SUBJECT, row.pk).filter(
            changes__status__1=Status.CANCELLED
        ).last()  # fmt: skip
        if last is None:
            raise WrongState(
                Problem("status", _("No cancellation is on record."), _("Reload the page."))
            )
        own_withdrawal = last.verb == "withdraw" and last.actor_id == acting_user.pk
        if not own_withdrawal and not stands_as(row, acting_user) & {Who.AGENT, Who.MANAGER}:
            raise NotAllowed(
                Problem("", _("Only product operations restores this."), _("Write to them."))
            )
        into_id = row.merged_into_id
        if into_id is not None:
            forget_merge(row, into_id, last)
        event = save(
            row, "restore", user=acting_user, now=now,
            fields={
                "status": last.changes["status"][0],
                "cancelled_at": None,
                "merged_into_id": None,
            },
        )  # fmt: skip
        send_news(row, event, "restored", now=now)
        if into_id is not None:
            save(
                Ticket.objects.get(pk=into_id), "unmerged", user=acting_user, now=now,
                data={"ticket_id": row.pk},
            )  # fmt: skip
    return row
