"""Causes: open and describe one, say which tickets have it, and push those to its owner (L3)."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module, Product
from core import events
from core.changes import checked_text
from core.errors import BadInput, Problem
from core.searchkey import search_key
from tickets.actions.cause_beats import require_staff, take_cause
from tickets.actions.known_issues import tell_requester
from tickets.actions.moving import climb
from tickets.actions.owner_words import owe_word
from tickets.actions.saving import CONTRACT_FIELDS, save, take
from tickets.choices import CauseCategory, CauseState, Level, Status
from tickets.errors import WrongState
from tickets.models import Cause, PushItem, Ticket
from tickets.policies import require_move_up
from tickets.policies.contract import suspicion_of


def open_cause(
    *,
    title: str,
    product: Product,
    module: Module | None = None,
    category: str = "",
    text: str = "",
    evidence: str = "",
    acting_user: User,
    now: dt.datetime,
) -> Cause:
    """A new cause of a product, suspected until an owner delivers."""
    title = checked_text("title", title, maximum=160)
    require_staff(product.pk, acting_user)
    _check_place(product.pk, category, module)
    cause = Cause(
        title=title, product=product, module=module, category=category, text=text.strip(),
        evidence=evidence.strip(), created_at=now,
    )  # fmt: skip
    with transaction.atomic():
        events.create(cause, "open", actor_id=acting_user.pk, now=now)
        Cause.objects.filter(pk=cause.pk).update(search_key=search_key(cause.ref, title, text))
    return cause


def _check_place(product_id: int, category: str, module: Module | None) -> None:
    if category and category not in CauseCategory.values:
        raise BadInput(
            Problem(
                "category", _("This value is not one of the choices."),
                ", ".join(str(label) for label in CauseCategory.labels), category,
            )
        )  # fmt: skip
    if module is not None and module.product_id != product_id:
        raise BadInput(
            Problem(
                "module", _("This module belongs to another product."),
                _("Choose a module of the cause's product."), module.name,
            )
        )  # fmt: skip


def describe_cause(
    cause: Cause,
    fields: Mapping[str, Any],
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Cause:
    """Say what the cause is: title, module, category, evidence. Fills the rows of its tickets.

    An outage is judged here once; each of its tickets shows the rows as filled from the cause.
    """
    with transaction.atomic():
        row = take_cause(cause, seen_version, {name.removesuffix("_id") for name in fields})
        require_staff(row.product_id, acting_user)
        given = dict(fields)
        module: Module | None = given.pop("module", row.module)
        wanted = {
            "title": checked_text("title", given.pop("title", row.title), maximum=160),
            "category": given.pop("category", row.category),
            "evidence": str(given.pop("evidence", row.evidence)).strip(),
            "module_id": module.pk if module else None,
        }
        if given:
            raise BadInput(
                Problem(
                    sorted(given)[0], _("This cannot be changed here."),
                    _("Title, module, category and evidence can."),
                )
            )  # fmt: skip
        _check_place(row.product_id, wanted["category"], module)
        changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        if not changed:
            return row
        events.change(
            row, "describe", actor_id=acting_user.pk, now=now, fields=changed,
            derived={"search_key": search_key(row.ref, wanted["title"], row.text)},
        )  # fmt: skip
    return row


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
        if cause is not None:
            tell_requester(cause, row, now=now)
    return row


def _as_of(ticket: Ticket, cause: Cause | None) -> Ticket:
    """The ticket as it would be with this cause: rows that the cause fills count as filled."""
    judged = copy.copy(ticket)
    judged.cause = cause
    return judged


def push_ticket(
    ticket: Ticket,
    cause: Cause,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Ticket:
    """转 L3: the ticket waits for the owner of its cause. The suspicion is kept for judging it.

    What was said on the cause before fills rows of level 2. A cause opened in this same act (at
    `now`) fills none: its form comes with the ticket's own title and module, which judges nothing.
    """
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
        opened_now = locked.created_at == now
        owed = require_move_up(_as_of(row, None if opened_now else locked), Level.PUSH)
        waits = locked.state in (CauseState.PUSHED, CauseState.ACCEPTED)
        fields: dict[str, Any] = {
            "cause_id": locked.pk,
            "status": Status.ON_HOLD if waits else Status.OPEN,
        }
        if locked.promised_on is not None and waits:
            fields["promised_on"] = locked.promised_on
        climb(
            row, "push", Level.PUSH, fields, acting_user, now, owed=owed,
            data=suspicion_of(_as_of(row, locked)),
        )  # fmt: skip
        if waits and locked.pushed_at != now:
            owe_word(locked, PushItem.Kind.TICKET, str(row.pk), now=now)
        tell_requester(locked, row, now=now)
    return row
