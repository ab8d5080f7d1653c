"""Getting a cause moving: push it to an owner, name the owner, chase, remind."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from core import events
from core.errors import NotAllowed, Problem
from tickets.actions.cause_beats import (
    holders_of,
    managers_of,
    move_tickets,
    require_owner_role,
    require_staff,
    require_state,
    take_cause,
)
from tickets.actions.owner_words import forget_words, owe_word, revoke_links, send_words
from tickets.choices import BOUNCES_TO_MANAGER, CauseState, Status
from tickets.errors import WrongState
from tickets.models import Cause, PushItem
from tickets.notifications import tell_cause
from tickets.policies.reminders import Reminder


def push_cause(
    cause: Cause,
    owner: User,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """Push the cause to an owner, at first or again after a decline.

    A new owner after acceptance is a bounce. From the third bounce on the manager names the owner
    (定责, `name_owner`); once named, others push again until the named owner declines.
    """
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"owner_id"})
        require_staff(row.product_id, acting_user)
        require_owner_role(row, owner)
        if row.needs_naming:
            raise _refused_until_named(row, owner)
        _push(row, owner, "push", {}, acting_user, now)
    return row


def name_owner(
    cause: Cause,
    owner: User,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """The manager names who owns a cause that bounced three times (定责), and it goes to them.

    They may still decline; then the manager is asked again.
    """
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"owner_id", "bounces"})
        if not rights_of(acting_user).covers(PermissionRole.MANAGER, row.product_id):
            raise NotAllowed(
                Problem(
                    "owner", _("Only the manager names an owner."),
                    _("Ask the manager: %(names)s.") % {"names": manager_names(row)}, owner.name,
                )
            )  # fmt: skip
        if row.bounces < BOUNCES_TO_MANAGER:
            raise WrongState(
                Problem(
                    "owner", _("This cause did not bounce three times."),
                    _("Push it to an owner."), str(row.bounces),
                )
            )  # fmt: skip
        require_owner_role(row, owner)
        named = {"named_by_id": acting_user.pk, "named_at": now}
        _push(row, owner, "name_owner", named, acting_user, now)
    return row


def manager_names(cause: Cause) -> str:
    """Who may name the owner."""
    people = User.objects.filter(pk__in=[pk for pk in managers_of(cause) if pk])
    return "、".join(people.order_by("name").values_list("name", flat=True)) or "-"


def _refused_until_named(cause: Cause, owner: User) -> NotAllowed:
    return NotAllowed(
        Problem(
            "owner", _("This cause bounced three times."),
            _("The manager names its owner: %(names)s.") % {"names": manager_names(cause)},
            owner.name,
        )
    )  # fmt: skip


def _push(
    row: Cause, owner: User, verb: str, named: dict[str, Any], user: User, now: dt.datetime
) -> None:
    """A new round: nothing of the one before is said or opens anything any more."""
    taken_away = row.state == CauseState.ACCEPTED and row.owner_id != owner.pk
    forget_words(row)
    revoke_links(row, now=now)
    event = events.change(
        row, verb, actor_id=user.pk, now=now,
        fields={
            "owner_id": owner.pk,
            "state": CauseState.PUSHED,
            "pushed_at": now,
            "accepted_at": None,
            "delivered_at": None,
            "promised_on": None,
            "bounces": row.bounces + taken_away,
            "reopened_times": row.reopened_times + (row.state == CauseState.DELIVERED),
            **named,
        },
    )  # fmt: skip
    tell_cause(row, event, "pushed", {owner.pk}, now=now, but=user.pk)
    if owner.pk != user.pk:
        owe_word(row, PushItem.Kind.PUSHED, str(event.version), now=now)
    # Tickets that came back with the decline wait for the new owner again.
    move_tickets(
        row, "push", (Status.OPEN,), {"status": Status.ON_HOLD, "promised_on": None}, user, now
    )


def chase_cause(
    cause: Cause, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Cause:
    """Ask the owner for word (催办). Every chase counts; they get one message about it a day."""
    with transaction.atomic():
        row = take_cause(cause, seen_version, {"owner_id"})
        require_staff(row.product_id, acting_user)
        require_state(row, (CauseState.PUSHED, CauseState.ACCEPTED))
        asked = row.last_chased_at
        event = events.change(
            row, "chase", actor_id=acting_user.pk, now=now,
            fields={"chases": row.chases + 1, "last_chased_at": now},
        )  # fmt: skip
        if asked is None or timezone.localdate(asked) != timezone.localdate(now):
            tell_cause(row, event, "chased", {row.owner_id}, now=now, but=acting_user.pk)
        owe_word(row, PushItem.Kind.CHASED, str(event.version), now=now)
    return row


def remind_owner(cause: Cause, reminder: Reminder, *, now: dt.datetime) -> bool:
    """The clock reminds the owner of one occasion, once. Returns whether it did.

    From the second reminder of a silence, and from the first day over the date, whoever holds
    the tickets is told as well: they can call, or have another owner named.
    """
    with transaction.atomic():
        row = take_cause(cause, None, ())
        if row.version != cause.version or not owe_word(
            row, reminder.kind, reminder.occasion, now=now
        ):
            return False
        event = events.change(
            row, "remind", actor_id=None, now=now,
            data={"kind": reminder.kind, "number": reminder.number},
        )  # fmt: skip
        tell_cause(row, event, str(reminder.kind), {row.owner_id}, now=now)
        if reminder.number > 1 or reminder.kind == PushItem.Kind.OVERDUE:
            tell_cause(
                row, event, "no_word", holders_of(row), now=now, but=row.owner_id,
                promised_on=row.promised_on.isoformat() if row.promised_on else "",
            )  # fmt: skip
    return True


def say_what_waits(cause: Cause, *, now: dt.datetime) -> bool:
    """Send what was held back on an earlier day. Returns whether a message left."""
    with transaction.atomic():
        row = take_cause(cause, None, ())
        return send_words(row, now=now) is not None
