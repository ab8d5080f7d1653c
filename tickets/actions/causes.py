"""Causes: open, push to an owner, and what the owner answers. Tickets inherit (L3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from catalog.models import Grant, Module, Product
from core import events
from core.errors import BadInput, NotAllowed, Problem
from core.models import Event
from core.searchkey import search_key
from tickets.actions.conversing import checked_text, keep_note
from tickets.actions.moving import checked_reason, climb
from tickets.actions.saving import CONTRACT_FIELDS, save, take
from tickets.choices import (
    BOUNCES_TO_MANAGER,
    CauseCategory,
    CauseState,
    Level,
    Status,
)
from tickets.errors import WrongState
from tickets.models import Cause, Ticket
from tickets.notifications import tell_cause
from tickets.policies import require_move_up


def open_cause(
    *,
    title: str,
    product: Product,
    module: Module | None = None,
    category: str = "",
    text: str = "",
    acting_user: User,
    now: dt.datetime,
) -> Cause:
    """A new cause of a product, suspected until an owner delivers."""
    title = checked_text("title", title, maximum=160)
    _require_staff(product.pk, acting_user)
    if category and category not in CauseCategory.values:
        raise BadInput(
            Problem(
                "category", _("This value is not one of the choices."),
                ", ".join(str(label) for label in CauseCategory.labels), category,
            )
        )  # fmt: skip
    if module is not None and module.product_id != product.pk:
        raise BadInput(
            Problem(
                "module", _("This module belongs to another product."),
                _("Choose a module of the cause's product."), module.name,
            )
        )  # fmt: skip
    cause = Cause(
        title=title, product=product, module=module, category=category, text=text.strip(),
        created_at=now,
    )  # fmt: skip
    with transaction.atomic():
        events.create(cause, "open", actor_id=acting_user.pk, now=now)
        Cause.objects.filter(pk=cause.pk).update(search_key=search_key(cause.ref, title, text))
    return cause


def _require_staff(product_id: int, user: User) -> None:
    rights = rights_of(user)
    if not any(
        rights.covers(role, product_id) for role in (PermissionRole.AGENT, PermissionRole.MANAGER)
    ):
        raise NotAllowed(
            Problem("", _("Your role does not allow this."), _("Ask an agent of the product."))
        )


def link_cause(
    ticket: Ticket,
    cause: Cause | None,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """Say which cause a ticket has (or none), without moving it."""
    with transaction.atomic():
        row = take(ticket, "link_cause", acting_user, seen_version, {"cause_id"})
        if cause is not None and cause.product_id != row.product_id:
            raise BadInput(
                Problem(
                    "cause", _("This cause belongs to another product."),
                    _("Choose a cause of the ticket's product."), cause.ref,
                )
            )  # fmt: skip
        if row.level == Level.PUSH:
            raise WrongState(
                Problem(
                    "cause", _("A pushed ticket keeps its cause."),
                    _("Return it to level 2 first."), row.cause.ref if row.cause else "",
                )
            )  # fmt: skip
        save(
            row, "link_cause", user=acting_user, now=now,
            fields={"cause_id": cause.pk if cause else None},
        )  # fmt: skip
    return row


def push_ticket(
    ticket: Ticket,
    cause: Cause,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """转 L3: the ticket waits for the owner of its cause. The suspicion is kept for judging it."""
    with transaction.atomic():
        row = take(ticket, "push", acting_user, seen_version, CONTRACT_FIELDS)
        locked = events.lock(Cause, cause.pk)
        if locked.product_id != row.product_id:
            raise BadInput(
                Problem(
                    "cause", _("This cause belongs to another product."),
                    _("Choose a cause of the ticket's product."), locked.ref,
                )
            )  # fmt: skip
        if locked.owner_id is None:
            raise BadInput(
                Problem(
                    "owner", _("The cause has no owner."), _("Push the cause to an owner."),
                    locked.ref,
                )
            )  # fmt: skip
        owed = require_move_up(row, Level.PUSH)
        waits = locked.state in (CauseState.PUSHED, CauseState.ACCEPTED)
        fields: dict[str, Any] = {
            "cause_id": locked.pk,
            "status": Status.ON_HOLD if waits else Status.OPEN,
        }
        if locked.promised_on is not None and waits:
            fields["promised_on"] = locked.promised_on
        climb(
            row, "push", Level.PUSH, fields, acting_user, now, owed=owed,
            data={"suspected_module_id": row.suspected_module_id,
                  "suspected_category": row.suspected_category},
        )  # fmt: skip
    return row


def push_cause(
    cause: Cause,
    owner: User,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """Push the cause to an owner, at first or again after a decline.

    A new owner after acceptance is a bounce; from the third bounce on only a manager names the
    owner (定责).
    """
    with transaction.atomic():
        row = _take_cause(cause, seen_version, {"owner_id"})
        _require_staff(row.product_id, acting_user)
        _require_state(row, (CauseState.SUSPECTED, CauseState.PUSHED, CauseState.DECLINED,
                             CauseState.ACCEPTED, CauseState.DELIVERED))  # fmt: skip
        _require_owner_role(row, owner)
        if row.bounces >= BOUNCES_TO_MANAGER and not rights_of(acting_user).covers(
            PermissionRole.MANAGER, row.product_id
        ):
            raise NotAllowed(
                Problem(
                    "owner", _("This cause bounced three times."),
                    _("The manager names its owner."), owner.name,
                )
            )  # fmt: skip
        taken_away = row.state == CauseState.ACCEPTED and row.owner_id != owner.pk
        event = events.change(
            row, "push", actor_id=acting_user.pk, now=now,
            fields={
                "owner_id": owner.pk,
                "state": CauseState.PUSHED,
                "pushed_at": now,
                "accepted_at": None,
                "delivered_at": None,
                "promised_on": None,
                "bounces": row.bounces + taken_away,
                "reopened_times": row.reopened_times + (row.state == CauseState.DELIVERED),
            },
        )  # fmt: skip
        tell_cause(row, event, "pushed", {owner.pk}, now=now, but=acting_user.pk)
        # Tickets that came back with the decline wait for the new owner again.
        _move_tickets(
            row, "push", (Status.OPEN,), {"status": Status.ON_HOLD, "promised_on": None},
            acting_user, now,
        )  # fmt: skip
    return row


def _require_owner_role(cause: Cause, owner: User) -> None:
    rights = rights_of(owner)
    if not owner.is_active or not rights.covers(PermissionRole.OWNER, cause.product_id):
        raise BadInput(
            Problem(
                "owner", _("This person is not an owner of the product."),
                _("Choose an owner, or have the role granted in settings."), owner.name,
            )
        )  # fmt: skip


def _take_cause(cause: Cause, seen_version: int | None, fields: Iterable[str]) -> Cause:
    row = events.lock(Cause, cause.pk)
    events.check_unchanged(row, seen_version, {"state", *fields})
    return row


def _require_state(cause: Cause, states: Iterable[str]) -> None:
    if cause.state not in states:
        raise WrongState(
            Problem(
                "state", _("The cause's present state does not allow this."),
                _("Reload the page to see what can be done now."),
                str(CauseState(cause.state).label),
            )
        )  # fmt: skip


def _require_owner(cause: Cause, user: User) -> None:
    if cause.owner_id != user.pk:
        raise NotAllowed(
            Problem(
                "owner", _("This cause was not pushed to you."), _("Only its owner answers it."),
                cause.owner.name if cause.owner else "",
            )
        )  # fmt: skip


def _checked_date(day: dt.date, now: dt.datetime) -> dt.date:
    if day < timezone.localdate(now):
        raise BadInput(
            Problem(
                "promised_on", _("This date is in the past."), _("Give a date from today on."),
                day.isoformat(),
            )
        )  # fmt: skip
    return day


def accept_cause(
    cause: Cause,
    promised_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """The owner takes it on with their date (接单, 承诺完成日)."""
    _checked_date(promised_on, now)
    with transaction.atomic():
        row = _take_cause(cause, seen_version, {"owner_id"})
        _require_owner(row, acting_user)
        _require_state(row, (CauseState.PUSHED,))
        event = events.change(
            row, "accept", actor_id=acting_user.pk, now=now,
            fields={
                "state": CauseState.ACCEPTED,
                "accepted_at": now,
                "promised_on": promised_on,
                "first_promised_on": row.first_promised_on or promised_on,
            },
        )  # fmt: skip
        tell_cause(
            row, event, "accepted", _holders(row), now=now, but=acting_user.pk,
            promised_on=promised_on.isoformat(),
        )  # fmt: skip
        _move_tickets(
            row, "accept", (Status.ON_HOLD, Status.PENDING), {"promised_on": promised_on},
            acting_user, now,
        )  # fmt: skip
    return row


def change_promised_date(
    cause: Cause,
    promised_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """The owner moves their date; a later one is a slip (延期) and is counted."""
    _checked_date(promised_on, now)
    with transaction.atomic():
        row = _take_cause(cause, seen_version, {"owner_id", "promised_on"})
        _require_owner(row, acting_user)
        _require_state(row, (CauseState.ACCEPTED,))
        if row.promised_on == promised_on:
            return row
        slipped = row.promised_on is not None and promised_on > row.promised_on
        event = events.change(
            row, "slip" if slipped else "bring_forward", actor_id=acting_user.pk, now=now,
            fields={"promised_on": promised_on, "slips": row.slips + slipped},
        )  # fmt: skip
        tell_cause(
            row, event, "slipped", _holders(row), now=now, but=acting_user.pk,
            promised_on=promised_on.isoformat(),
        )  # fmt: skip
        _move_tickets(
            row, "promise", (Status.ON_HOLD, Status.PENDING), {"promised_on": promised_on},
            acting_user, now,
        )  # fmt: skip
    return row


def decline_cause(
    cause: Cause,
    reason: str,
    note: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """The owner sends it back with a reason (退单): a bounce; its tickets are open again."""
    checked_reason(reason)
    with transaction.atomic():
        row = _take_cause(cause, seen_version, {"owner_id"})
        _require_owner(row, acting_user)
        _require_state(row, (CauseState.PUSHED, CauseState.ACCEPTED))
        bounces = row.bounces + 1
        event = events.change(
            row, "decline", actor_id=acting_user.pk, now=now,
            fields={
                "state": CauseState.DECLINED,
                "accepted_at": None,
                "promised_on": None,
                "bounces": bounces,
            },
            data={"code": reason, "note": events.sealed(row.salt, note.strip())},
        )  # fmt: skip
        tell_cause(
            row, event, "declined", _holders(row), now=now, but=acting_user.pk,
            note=note.strip(), code=reason,
        )  # fmt: skip
        if bounces >= BOUNCES_TO_MANAGER:
            tell_cause(row, event, "bounced", _managers(row), now=now)
        _move_tickets(
            row, "decline", (Status.ON_HOLD,), {"status": Status.OPEN, "promised_on": None},
            acting_user, now, data={"code": reason}, note=note,
        )  # fmt: skip
    return row


def deliver_cause(
    cause: Cause,
    text: str,
    *,
    category: str = "",
    module: Module | None = None,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """The owner delivers and writes the root cause; its tickets are open to be verified."""
    text = checked_text("text", text)
    with transaction.atomic():
        row = _take_cause(cause, seen_version, {"owner_id"})
        _require_owner(row, acting_user)
        _require_state(row, (CauseState.ACCEPTED,))
        fields: dict[str, Any] = {
            "state": CauseState.DELIVERED,
            "delivered_at": now,
            "text": text,
            "category": category or row.category,
            "module_id": module.pk if module else row.module_id,
        }
        event = events.change(
            row, "deliver", actor_id=acting_user.pk, now=now, fields=fields,
            derived={"search_key": search_key(row.ref, row.title, text)},
        )  # fmt: skip
        tell_cause(row, event, "delivered", _holders(row), now=now, but=acting_user.pk)
        _move_tickets(row, "deliver", (Status.ON_HOLD,), {"status": Status.OPEN}, acting_user, now)
    return row


def chase_cause(
    cause: Cause, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Cause:
    """Ask the owner for word (催办); counted, at most one message per cause and day."""
    with transaction.atomic():
        row = _take_cause(cause, seen_version, {"owner_id"})
        _require_staff(row.product_id, acting_user)
        _require_state(row, (CauseState.PUSHED, CauseState.ACCEPTED))
        if row.last_chased_at is not None and now - row.last_chased_at < dt.timedelta(days=1):
            raise WrongState(
                Problem(
                    "chases", _("The owner was asked within the last day."),
                    _("Wait until tomorrow, or call them."), row.last_chased_at.isoformat(),
                )
            )  # fmt: skip
        event = events.change(
            row, "chase", actor_id=acting_user.pk, now=now,
            fields={"chases": row.chases + 1, "last_chased_at": now},
        )  # fmt: skip
        tell_cause(row, event, "chased", {row.owner_id}, now=now, but=acting_user.pk)
    return row


def declare_known_issue(
    cause: Cause,
    workaround: str,
    *,
    is_known_issue: bool = True,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """Show the cause to everybody as a known issue, with what to do until it is fixed."""
    with transaction.atomic():
        row = _take_cause(cause, seen_version, {"is_known_issue", "workaround"})
        _require_staff(row.product_id, acting_user)
        events.change(
            row, "known_issue", actor_id=acting_user.pk, now=now,
            fields={"is_known_issue": is_known_issue, "workaround": workaround.strip()},
        )  # fmt: skip
    return row


def _tickets_of(cause: Cause) -> list[Ticket]:
    pks = Ticket.objects.filter(cause_id=cause.pk, level=Level.PUSH).values_list("pk", flat=True)
    return events.lock_many(Ticket, pks)


def _move_tickets(
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


def _holders(cause: Cause) -> set[int | None]:
    """Who holds tickets of the cause."""
    return set(
        Ticket.objects.filter(cause_id=cause.pk).unresolved().values_list("assignee_id", flat=True)
    )


def _managers(cause: Cause) -> set[int | None]:
    grants = Grant.objects.filter(role=PermissionRole.MANAGER, is_active=True)
    return {grant.user_id for grant in grants if grant.product_id in (None, cause.product_id)}
