"""Which procedure a ticket follows, and which of its required steps are not ticked yet.

Asks the database (one query where no procedure fits): procedures are settings, and ticks grow
with every ticket, so neither stands on the ticket itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from tickets.choices import Level, Resolution
from tickets.models import Procedure, ProcedureStep, StepTick, Ticket
from tickets.policies.contract import ContractRow, RowState


@dataclass(frozen=True)
class Followed:
    """A procedure in the edition that holds for one ticket."""

    procedure: Procedure
    edition: int


def procedure_of(ticket: Ticket) -> Followed | None:
    """The procedure of the ticket's type: the one it was begun by, else the closest that fits.

    Closest is of its module, then of its product, then of every product. Begun, a ticket stays
    with the edition it was begun in: a change of the procedure changes nothing that was ticked.
    """
    if not ticket.type:
        return None
    ticks = StepTick.objects.filter(ticket=ticket)
    begun = ticks.filter(step__procedure=OuterRef("pk")).order_by("-pk").values("step__edition")
    fits = Q(is_active=True) & (
        Q(product=None)
        | Q(product=ticket.product_id, module=None)
        | Q(product=ticket.product_id, module=ticket.module_id or 0)
    )
    found = (
        Procedure.objects.filter(type=ticket.type)
        .filter(fits | Q(pk__in=ticks.values("step__procedure")))
        .annotate(begun=Subquery(begun[:1]))
    )
    best = max(
        found,
        key=lambda p: (
            p.begun is not None,
            p.module_id is not None,
            p.product_id is not None,
            p.pk,
        ),
        default=None,
    )
    return Followed(best, best.begun or best.edition) if best is not None else None


def required_steps(ticket: Ticket, resolution: str) -> list[ContractRow]:
    """Required steps that keep the ticket from being resolved with this code, as rows by name.

    What another team solved, and what nobody answered, followed no procedure of ours.
    """
    if resolution in (Resolution.OUTSIDE, Resolution.NO_REPLY):
        return []
    followed = procedure_of(ticket)
    if followed is None:
        return []
    steps = ProcedureStep.objects.filter(
        procedure=followed.procedure, edition=followed.edition, is_required=True
    ).exclude(ticks__ticket=ticket)
    return [
        ContractRow(
            f"step_{step.pk}", ticket.level or Level.RELAY, step.text, RowState.OPEN,
            _("The step “%(step)s” of the procedure is not ticked.") % {"step": step.text},
            _("Do it and tick it."),
        )
        for step in steps.order_by("position")
    ]  # fmt: skip
