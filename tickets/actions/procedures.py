"""Procedures (SOP): written by administrators and managers, ticked by whoever works on a ticket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.changes import add, refuse, refuse_taken, revise
from core.errors import NotAllowed, Problem
from docs_portal.models import Page
from tickets.actions.macros import may_share
from tickets.actions.saving import save, take
from tickets.errors import WrongState
from tickets.models import Procedure, ProcedureStep, StepTick, Ticket
from tickets.policies import procedure_of

STEPS_MAX = 40
STEP_MAX = 500


@dataclass(frozen=True)
class StepDraft:
    """One step as it is written: a short Markdown text, a page of the manual, must or may."""

    text: str
    page: Page | None = None
    is_required: bool = False


def create_procedure(
    procedure: Procedure, steps: Sequence[StepDraft], *, acting_user: User, now: dt.datetime
) -> Procedure:
    """Keep a new procedure with its steps. Raises BadInput, NotAllowed."""
    _require_writer(procedure, acting_user)
    with transaction.atomic():
        add(procedure, acting_user=acting_user, now=now, guard=lambda row: _guard(row, steps))
        _write(procedure, steps)
    return procedure


def edit_procedure(
    procedure: Procedure,
    fields: Mapping[str, Any],
    steps: Sequence[StepDraft],
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Procedure:
    """Change a procedure; other steps are a new edition, and tickets begun stay with theirs."""
    _require_writer(procedure, acting_user)
    with transaction.atomic():
        present = [
            StepDraft(step.text, step.page, step.is_required)
            for step in steps_of_edition(procedure, procedure.edition)
        ]
        is_new = present != list(steps)
        edition = procedure.edition + 1 if is_new else procedure.edition
        row = revise(
            procedure, "edit", {**fields, "edition": edition}, acting_user=acting_user, now=now,
            seen_version=seen_version, guard=lambda row: _guard(row, steps),
        )  # fmt: skip
        if is_new:
            _write(row, steps)
    return row


def retire_procedure(procedure: Procedure, *, acting_user: User, now: dt.datetime) -> Procedure:
    """It fits no new ticket any more; tickets that began it go on with it."""
    _require_writer(procedure, acting_user)
    return revise(procedure, "retire", {"is_active": False}, acting_user=acting_user, now=now)


def bring_back_procedure(procedure: Procedure, *, acting_user: User, now: dt.datetime) -> Procedure:
    """The undo of `retire_procedure`."""
    _require_writer(procedure, acting_user)
    return revise(
        procedure, "bring_back", {"is_active": True}, acting_user=acting_user, now=now,
        guard=_guard_place,
    )  # fmt: skip


def steps_of_edition(procedure: Procedure, edition: int) -> list[ProcedureStep]:
    """The steps of one edition in their order, with their pages."""
    steps = ProcedureStep.objects.filter(procedure=procedure, edition=edition)
    return list(steps.select_related("page__manual__product").order_by("position"))


def _require_writer(procedure: Procedure, user: User) -> None:
    if not may_share(user):
        raise NotAllowed(
            Problem(
                "", gettext_lazy("You may not change procedures."),
                gettext_lazy("Ask an administrator or a manager."), procedure.name,
            )
        )  # fmt: skip


def _guard(row: Procedure, steps: Sequence[StepDraft]) -> None:
    _guard_place(row)
    if not steps:
        refuse("steps", _("A procedure needs a step."), _("Write at least one."))
    if len(steps) > STEPS_MAX:
        refuse(
            "steps", _("These are too many steps."),
            _("Write at most %(count)s; make two procedures of it.") % {"count": STEPS_MAX},
            len(steps),
        )  # fmt: skip
    for step in steps:
        if not 0 < len(step.text.strip()) <= STEP_MAX:
            refuse(
                "steps", _("This step is empty or too long."),
                _("Write up to %(limit)s characters.") % {"limit": STEP_MAX}, step.text[:60],
            )  # fmt: skip


def _guard_place(row: Procedure) -> None:
    if row.module is not None and row.module.product_id != row.product_id:
        refuse(
            "module",
            _("%(module)s does not belong to this product.") % {"module": row.module.name},
            _("Choose a module of the product, or the product alone."), row.module.name,
        )  # fmt: skip
    others = Procedure.objects.filter(
        type=row.type, product=row.product_id, module=row.module_id, is_active=True
    ).exclude(pk=row.pk)
    refuse_taken(others, "type", str(row.get_type_display()))


def _write(procedure: Procedure, steps: Sequence[StepDraft]) -> None:
    ProcedureStep.objects.bulk_create(
        ProcedureStep(
            procedure=procedure, edition=procedure.edition, position=position,
            text=step.text.strip(), page=step.page, is_required=step.is_required,
        )
        for position, step in enumerate(steps, start=1)
    )  # fmt: skip


# ---- on a ticket --------------------------------------------------------------------------------


def tick_step(
    ticket: Ticket, step: ProcedureStep, *, acting_user: User, now: dt.datetime
) -> Ticket:
    """Record that a step is done; done already, it stays as it was. Raises WrongState, NotAllowed.

    An addition: it conflicts with nothing and names no version.
    """
    with transaction.atomic():
        row = take(ticket, "tick", acting_user, None, ())
        _require_followed(row, step)
        _tick, is_new = StepTick.objects.get_or_create(
            ticket=row, step=step, defaults={"user": acting_user, "ticked_at": now}
        )
        if is_new:
            save(row, "tick", user=acting_user, now=now, data=_said(step))
    return row


def untick_step(
    ticket: Ticket, step: ProcedureStep, *, acting_user: User, now: dt.datetime
) -> Ticket:
    """Take a tick back; without one nothing changes."""
    with transaction.atomic():
        row = take(ticket, "tick", acting_user, None, ())
        deleted, _rows = StepTick.objects.filter(ticket=row, step=step).delete()
        if deleted:
            save(row, "untick", user=acting_user, now=now, data=_said(step))
    return row


def _said(step: ProcedureStep) -> dict[str, Any]:
    """The words of the step at that time: procedures change, history does not."""
    return {"step_id": step.pk, "step": step.text}


def _require_followed(row: Ticket, step: ProcedureStep) -> None:
    followed = procedure_of(row)
    if followed is None or (followed.procedure.pk, followed.edition) != (
        step.procedure_id,
        step.edition,
    ):
        raise WrongState(
            Problem(
                "step", gettext_lazy("This step does not belong to the ticket any more."),
                gettext_lazy("Reload the page to see its steps."), step.text,
            )
        )  # fmt: skip
