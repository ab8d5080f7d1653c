"""Macros (快捷回复): kept by their owner or, shared, by administrators and managers; and used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.access import rights_of
from core import events
from core.changes import TEXT_MAX, add, refuse, refuse_taken, revise
from core.errors import BadInput, NotAllowed, Problem, Refused
from tickets.actions.acts import Act, carry_out, check_act
from tickets.actions.conversing import add_comment
from tickets.actions.saving import CONTRACT_FIELDS
from tickets.models import Macro, Ticket
from tickets.rendering.macros import VARIABLES, macro_text, unknown_names

ACTS_MAX = 10
#: What acts of a macro look at: a change of these since it was previewed is a stale write.
_READ = frozenset({"status", "level", "assignee_id", *CONTRACT_FIELDS})


def may_share(user: User) -> bool:
    """Whether this person keeps the macros of everybody."""
    rights = rights_of(user)
    return rights.is_administrator or rights.is_manager


def create_macro(macro: Macro, *, acting_user: User, now: dt.datetime) -> Macro:
    """Keep a new macro, from an unsaved row. Raises BadInput, NotAllowed."""
    _require_keeper(macro, acting_user)
    return add(macro, acting_user=acting_user, now=now, guard=lambda row: _guard(row, acting_user))


def edit_macro(
    macro: Macro,
    fields: Mapping[str, Any],
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Macro:
    """Change name, texts, kind, team or acts. Raises BadInput, NotAllowed, StaleWrite."""
    _require_keeper(macro, acting_user)
    return revise(
        macro, "edit", fields, acting_user=acting_user, now=now, seen_version=seen_version,
        guard=lambda row: _guard(row, acting_user),
    )  # fmt: skip


def retire_macro(macro: Macro, *, acting_user: User, now: dt.datetime) -> Macro:
    """Offer it no more; what was sent with it stays."""
    _require_keeper(macro, acting_user)
    return revise(macro, "retire", {"is_active": False}, acting_user=acting_user, now=now)


def bring_back_macro(macro: Macro, *, acting_user: User, now: dt.datetime) -> Macro:
    """Offer it again: the undo of `retire_macro`."""
    _require_keeper(macro, acting_user)
    return revise(
        macro, "bring_back", {"is_active": True}, acting_user=acting_user, now=now,
        guard=lambda row: _guard(row, acting_user),
    )  # fmt: skip


def _require_keeper(macro: Macro, user: User) -> None:
    allowed = macro.owner_id == user.pk if macro.is_personal else may_share(user)
    if not allowed:
        raise NotAllowed(
            Problem(
                "", gettext_lazy("You may not change this macro."),
                gettext_lazy("Make one of your own, or ask a manager."), macro.name,
            )
        )  # fmt: skip


def _guard(row: Macro, user: User) -> None:
    others = Macro.objects.filter(owner=row.owner_id, is_active=True).exclude(pk=row.pk)
    refuse_taken(others.filter(name=row.name), "name", row.name)
    if not (row.text_zh.strip() or row.text_en.strip() or row.acts):
        refuse(
            "text_zh", _("This macro says and does nothing."), _("Write a text, or choose acts.")
        )
    for field in ("text_zh", "text_en"):
        _guard_text(field, getattr(row, field))
    if len(row.acts) > ACTS_MAX:
        refuse("acts", _("These are too many acts."), _("Choose at most 10."), len(row.acts))
    for value in row.acts:
        check_act(Act.from_json(value), acting_user=user)


def _guard_text(field: str, text: str) -> None:
    if len(text) > TEXT_MAX:
        refuse(
            field, _("This text is too long."),
            _("Shorten it; the limit is %(limit)s characters.") % {"limit": TEXT_MAX}, len(text),
        )  # fmt: skip
    if unknown := unknown_names(text):
        known = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)
        refuse(
            field, _("“{{%(name)s}}” stands for nothing.") % {"name": unknown[0]},
            _("Known are: %(names)s.") % {"names": known}, unknown[0],
        )  # fmt: skip


# ---- using one ----------------------------------------------------------------------------------


def run_macro(
    ticket: Ticket,
    macro: Macro,
    text: str,
    *,
    seen_comment: int | None = None,
    seen_version: int | None = None,
    invited: Sequence[int] = (),
    acting_user: User,
    now: dt.datetime,
) -> Ticket:
    """Send `text` (as it was previewed, perhaps changed) and carry out the acts: all or nothing.

    Everything happens at `now`, so that one undo takes it back. Raises what the acts refuse,
    StaleWrite when what they read changed since `seen_version`.
    """
    _require_offered(macro, acting_user)
    with transaction.atomic():
        if macro.acts:
            row = events.lock(Ticket, ticket.pk)
            events.check_unchanged(row, seen_version, _READ)
        ticket = _said(ticket, macro, text, seen_comment, invited, acting_user, now)
        for value in macro.acts:
            ticket = carry_out(ticket, Act.from_json(value), acting_user=acting_user, now=now)
        Macro.objects.filter(pk=macro.pk).update(uses=F("uses") + 1, used_at=now)
    return ticket


def _said(
    ticket: Ticket, macro: Macro, text: str, seen: int | None, invited: Sequence[int],
    user: User, now: dt.datetime,
) -> Ticket:  # fmt: skip
    if not text.strip():
        if macro.acts:
            return ticket
        raise BadInput(
            Problem(
                "body", gettext_lazy("This text is missing."), gettext_lazy("Write a few words.")
            )
        )
    comment = add_comment(
        ticket, text, kind=macro.kind, seen_comment=seen, invited=invited, acting_user=user, now=now
    )
    return comment.ticket


def _require_offered(macro: Macro, user: User) -> None:
    if not Macro.objects.offered_to(user).filter(pk=macro.pk).exists():
        raise NotAllowed(
            Problem(
                "macro", gettext_lazy("This macro is not offered any more."),
                gettext_lazy("Choose another one."), macro.name,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One act of a macro as it would go: refused with reasons, or done."""

    act: Act
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """What a macro would say and do on a ticket now; nothing of it was kept."""

    text: str
    said: tuple[Problem, ...]
    steps: tuple[Step, ...]

    @property
    def is_refused(self) -> bool:
        return bool(self.said) or any(step.problems for step in self.steps)


def rehearse_macro(
    ticket: Ticket, macro: Macro, *, acting_user: User, now: dt.datetime
) -> Rehearsal:
    """Do all of it and take it back: what is refused here is what would be refused."""
    _require_offered(macro, acting_user)
    text = macro_text(macro, ticket, acting_user)
    steps: list[Step] = []
    refused: tuple[Problem, ...] = ()
    with transaction.atomic():
        present = ticket
        try:
            with transaction.atomic():
                present = _said(ticket, macro, text, None, (), acting_user, now)
        except Refused as refusal:
            refused = tuple(refusal.problems)
        for value in macro.acts:
            act = Act.from_json(value)
            try:
                with transaction.atomic():
                    present = carry_out(present, act, acting_user=acting_user, now=now)
                steps.append(Step(act))
            except Refused as refusal:
                steps.append(Step(act, tuple(refusal.problems)))
        transaction.set_rollback(True)
    return Rehearsal(text, refused, tuple(steps))
