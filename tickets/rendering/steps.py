"""The steps of a procedure as a ticket shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core.text import markdown_html
from docs_portal.models import Page
from tickets.models import ProcedureStep, StepTick, Ticket
from tickets.policies import procedure_of


@dataclass(frozen=True)
class ShownStep:
    """One step: its words, its page, and who ticked it when (empty: nobody)."""

    pk: int
    html: SafeString
    text: str
    page: Page | None
    is_required: bool
    by: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True)
class ShownProcedure:
    """A procedure on a ticket, with how far it is."""

    name: str
    steps: Sequence[ShownStep]
    #: The procedure has a newer edition than the one this ticket was begun in.
    is_older: bool = False

    @property
    def done(self) -> int:
        return sum(1 for step in self.steps if step.at)

    @property
    def is_open(self) -> bool:
        return self.done < len(self.steps)


def step_html(text: str) -> SafeString:
    """The Markdown of a step; it stands in a line."""
    return markdown_html(text, images=False)


def steps_shown(
    steps: Iterable[ProcedureStep], ticks: dict[int, StepTick] | None = None
) -> list[ShownStep]:
    """Steps with their ticks; without ticks as the settings preview them."""
    found = []
    for step in steps:
        tick = (ticks or {}).get(step.pk)
        found.append(
            ShownStep(
                step.pk or 0, step_html(step.text), step.text, step.page, step.is_required,
                tick.user.name if tick else "", tick.ticked_at if tick else None,
            )
        )  # fmt: skip
    return found


def procedure_shown(ticket: Ticket) -> ShownProcedure | None:
    """The procedure a ticket follows with its ticks; None without one (one query then)."""
    followed = procedure_of(ticket)
    if followed is None:
        return None
    steps = ProcedureStep.objects.filter(procedure=followed.procedure, edition=followed.edition)
    ticks = StepTick.objects.filter(ticket=ticket).select_related("user")
    return ShownProcedure(
        followed.procedure.name,
        steps_shown(
            steps.select_related("page__manual__product").order_by("position"),
            {tick.step_id: tick for tick in ticks},
        ),
        is_older=followed.edition < followed.procedure.edition,
    )
