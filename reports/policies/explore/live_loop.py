"""The live rows of demands and of the rounds in which people are told (domain.md, *Formulas*)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Min

from core.models import Event
from feedback.choices import DemandStatus, RoundKind, RoundState
from feedback.models import Demand, FeedbackItem, Round
from reports.policies.explore.live import Live, band_in

_DECIDED = {
    DemandStatus.ACCEPTED: "demands_accepted",
    DemandStatus.DECLINED: "demands_declined",
    DemandStatus.RELEASED: "demands_released",
}
_ANSWERED = (RoundState.CONFIRMED, RoundState.NOT_SOLVED, RoundState.EXPIRED)


def demand_rows_live(pks: Sequence[int]) -> Iterator[Live]:
    """What was asked, decided and released, in the product and module the demand has now."""
    demands = Demand.objects.in_bulk(list(pks))
    events = Event.objects.filter(subject=Demand.SUBJECT, subject_id__in=list(demands))
    ordered = events.order_by("subject_id", "version")
    for pk, history in groupby(ordered, key=attrgetter("subject_id")):
        demand = demands[pk]
        for event in history:
            if event.version == 1:
                yield _row("demands_new", Demand.SUBJECT, pk, event.occurred_at, demand)
            _was, now = event.changes.get("status") or ("", "")
            if now in _DECIDED:
                figure = _DECIDED[DemandStatus(now)]
                yield _row(figure, Demand.SUBJECT, pk, event.occurred_at, demand)


def round_rows_live(pks: Sequence[int]) -> Iterator[Live]:
    """Who was told, what they answered, how long it took from their first words, and who has not
    answered yet (`awaited`)."""
    rounds = Round.objects.filter(pk__in=pks).select_related(
        "obligation__demand", "obligation__person"
    )
    found = list(rounds.order_by("pk"))
    first_words = _first_words(found)
    for each in found:
        demand, person = each.obligation.demand, each.obligation.person
        place: dict[str, Any] = {"demand": demand, "department_id": person.department_id}
        if each.state != RoundState.WAIVED:
            told = int(each.delivered_at is not None)
            yield _row("told_rate", Round.SUBJECT, each.pk, each.opened_at, amount=told, **place)
        if each.kind != RoundKind.RELEASE:
            continue
        if each.state in _ANSWERED and each.ended_at is not None:
            confirmed = each.state == RoundState.CONFIRMED
            yield _row(
                "confirmed_rate", Round.SUBJECT, each.pk, each.ended_at, amount=int(confirmed),
                step=each.state, **place,
            )  # fmt: skip
            since = first_words.get((demand.pk, person.pk), each.obligation.created_at)
            if confirmed:
                seconds = int((each.ended_at - since).total_seconds())
                yield _row(
                    "loop_time", Round.SUBJECT, each.pk, each.ended_at, seconds=seconds, **place
                )
        elif each.delivered_at is not None and each.ended_at is None:
            yield _row("awaited", Round.SUBJECT, each.pk, each.delivered_at, step=each.state,
                       **place)  # fmt: skip


def _first_words(rounds: Iterable[Round]) -> dict[tuple[int, int], dt.datetime]:
    """When each person first said so of each demand."""
    demands = {each.obligation.demand_id for each in rounds}
    words = FeedbackItem.objects.filter(demand__in=demands).order_by()
    return {
        (demand_id, person_id): first
        for demand_id, person_id, first in words.values_list("demand_id", "person_id").annotate(
            first=Min("created_at")
        )
    }


def _row(
    figure: str, subject: str, pk: int, at: dt.datetime, demand: Demand, *, amount: int = 1,
    department_id: int | None = None, step: str = "", seconds: int | None = None,
) -> Live:  # fmt: skip
    return Live(
        subject=subject, subject_id=pk, figure=figure, at=at, amount=amount,
        product_id=demand.product_id, module_id=demand.module_id, department_id=department_id,
        type="", level=None, channel="", team_id=None, person_id=None, step=step, reason="",
        cause_id=None, confidential=False, seconds=seconds, band=band_in(figure, seconds),
    )  # fmt: skip
