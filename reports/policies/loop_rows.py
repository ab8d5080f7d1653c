"""Rows of a period that are not about tickets: owners' answers, demands, and who was told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from core.events import fold
from core.models import Event, Recorded
from feedback.choices import DemandStatus, ObligationReason, RoundKind, RoundState
from feedback.models import Demand, Obligation, Round
from reports.policies.rows import Row
from reports.policies.weeks import Span, company_day
from tickets.choices import CauseState, ReturnReason, SameHereState
from tickets.models import Cause, SameHere

_DEMAND_FIGURES = {
    DemandStatus.ACCEPTED: "demands_accepted",
    DemandStatus.DECLINED: "demands_declined",
    DemandStatus.RELEASED: "demands_released",
}
_ANSWERS = {
    RoundState.CONFIRMED: "round_confirmed",
    RoundState.NOT_SOLVED: "round_not_solved",
    RoundState.EXPIRED: "",
}


@dataclass(frozen=True)
class Known:
    """What of the log counts: events before the period's end, recorded by `as_of`."""

    period: Span
    as_of: dt.datetime | None = None

    def events(self, subject: str) -> Any:
        rows = Event.objects.filter(subject=subject, occurred_at__lt=self.period.ends_at)
        return rows if self.as_of is None else rows.filter(recorded_at__lte=self.as_of)

    def inside(self, subject: str, span: Span | None = None) -> list[Event]:
        span = span or self.period
        rows = self.events(subject).filter(
            occurred_at__gte=span.starts_at, occurred_at__lt=span.ends_at
        )
        return list(rows.order_by("subject_id", "version"))

    def histories(self, subject: str, pks: Iterable[int]) -> dict[int, list[Event]]:
        rows = self.events(subject).filter(subject_id__in=set(pks))
        found = rows.order_by("subject_id", "version")
        return {pk: list(group) for pk, group in groupby(found, key=attrgetter("subject_id"))}


def loop_rows(known: Known) -> Iterator[Row]:
    """All rows of causes, demands and rounds for the period."""
    yield from _cause_rows(known)
    yield from _owner_rows(known)
    yield from _demand_rows(known)
    yield from _round_rows(known)
    yield from _voices(known)


def _place(
    model: type[Recorded], history: list[Event], version: int | None = None
) -> dict[str, Any]:
    """The fold of the history, up to and with `version`."""
    return fold(model, (e for e in history if version is None or e.version <= version))


def _cause_rows(known: Known) -> Iterator[Row]:
    """Declines, and changes of owner after acceptance: bounces of the cause, counted once."""
    found = known.inside(Cause.SUBJECT)
    histories = known.histories(Cause.SUBJECT, {event.subject_id for event in found})
    for event in found:
        state = _place(Cause, histories[event.subject_id], event.version)
        before, after = event.changes.get("bounces") or (0, 0)
        code = event.data.get("code")
        row = Row(
            "bounces", "cause", event.subject_id, event.occurred_at,
            product_id=state["product_id"], module_id=state["module_id"],
            cause_id=event.subject_id, reason=code if code in ReturnReason.values else "",
        )  # fmt: skip
        if after > before:
            yield row
        if row.reason:
            yield row._replace(figure="declined")
        _before, answer = event.changes.get("state") or ("", "")
        if answer == CauseState.PUSHED:
            yield row._replace(figure="pushed", reason="")
        if answer in (CauseState.ACCEPTED, CauseState.DECLINED):
            declined = int(answer == CauseState.DECLINED)
            yield row._replace(figure="decline_rate", amount=declined)


def _owner_rows(known: Known) -> Iterator[Row]:
    """Causes whose first agreed date fell in the period: delivered by then or not."""
    period = known.period
    due = Cause.objects.filter(first_promised_on__range=(period.first, period.last))
    histories = known.histories(Cause.SUBJECT, due.values_list("pk", flat=True))
    for pk, history in histories.items():
        state = _place(Cause, history)
        if state["state"] not in (CauseState.ACCEPTED, CauseState.DELIVERED):
            continue
        day = dt.date.fromisoformat(state["first_promised_on"])
        delivered = state["delivered_at"]
        met = bool(delivered) and company_day(dt.datetime.fromisoformat(delivered)) <= day
        yield Row(
            "owner_on_time", "cause", pk, period.ends_at, int(met), state["product_id"],
            state["module_id"], cause_id=pk,
        )  # fmt: skip


def _demand_rows(known: Known) -> Iterator[Row]:
    found = known.inside(Demand.SUBJECT)
    histories = known.histories(Demand.SUBJECT, {event.subject_id for event in found})
    for event in found:
        state = _place(Demand, histories[event.subject_id], event.version)
        _before, after = event.changes.get("status") or ("", "")
        figures = ["demands_new"] if event.version == 1 else []
        if after in _DEMAND_FIGURES:
            figures.append(_DEMAND_FIGURES[DemandStatus(after)])
        for figure in figures:
            yield Row(
                figure, "demand", event.subject_id, event.occurred_at,
                product_id=state["product_id"], module_id=state["module_id"],
            )  # fmt: skip


def _round_rows(known: Known) -> Iterator[Row]:
    """Who was told and what they said. A row per round; it leads to the round's demand."""
    answered = known.inside(Round.SUBJECT)
    cohort = [
        event for event in known.inside(Round.SUBJECT, known.period.cohort) if event.version == 1
    ]
    pks = {event.subject_id for event in (*answered, *cohort)}
    histories = known.histories(Round.SUBJECT, pks)
    places = _places_of(histories)
    for event in answered:
        if (event.changes.get("delivered_at") or (None, None))[1]:
            yield _round_row("told", event, places)
        _before, after = event.changes.get("state") or ("", "")
        kind = _place(Round, histories[event.subject_id])["kind"]
        if after in _ANSWERS and kind == RoundKind.RELEASE:
            met = int(after == RoundState.CONFIRMED)
            yield _round_row("confirmed_rate", event, places)._replace(amount=met)
            if figure := _ANSWERS[RoundState(after)]:
                yield _round_row(figure, event, places)
    for event in cohort:
        state = _place(Round, histories[event.subject_id])
        if state["state"] != RoundState.WAIVED:
            met = int(state["delivered_at"] is not None)
            yield _round_row("told_rate", event, places)._replace(amount=met)


def _places_of(histories: dict[int, list[Event]]) -> dict[int, Demand]:
    """The demand each round is about."""
    obligation_of = {
        pk: _place(Round, history)["obligation_id"] for pk, history in histories.items()
    }
    obligations = Obligation.objects.select_related("demand").in_bulk(set(obligation_of.values()))
    return {
        pk: obligations[obligation].demand
        for pk, obligation in obligation_of.items()
        if obligation in obligations
    }


def _round_row(figure: str, event: Event, places: dict[int, Demand]) -> Row:
    demand = places.get(event.subject_id)
    return Row(
        figure, "demand", demand.pk if demand else 0, event.occurred_at,
        product_id=demand.product_id if demand else None,
        module_id=demand.module_id if demand else None,
    )  # fmt: skip


def _voices(known: Known) -> Iterator[Row]:
    """ "Same here" of other people: part of the volume, not a ticket.

    A voice on a known issue or ticket counts once, also when a demand took it over; what was said
    of a demand itself counts there.
    """
    period = known.period
    said = SameHere.objects.filter(said_at__gte=period.starts_at, said_at__lt=period.ends_at)
    # As of the end of the period: what is taken back later was part of it.
    said = said.exclude(state=SameHereState.TAKEN_BACK, answered_at__lt=period.ends_at)
    said = said.select_related("cause", "ticket")
    for heard in said.order_by("pk"):
        about = heard.cause or heard.ticket
        if about is not None:
            yield Row(
                "volume", about.SUBJECT, about.pk, heard.said_at, product_id=about.product_id,
                module_id=about.module_id, department_id=heard.department_id,
                cause_id=heard.cause_id,
                confidential=heard.ticket is not None and heard.ticket.confidential,
            )  # fmt: skip
    taken_over = SameHere.objects.exclude(driver="").values_list("driver", "person_id")
    counted = set(taken_over)
    voices = Obligation.objects.filter(
        reason=ObligationReason.SAME_HERE,
        created_at__gte=period.starts_at,
        created_at__lt=period.ends_at,
    ).select_related("demand")
    for voice in voices:
        if (voice.demand.ref, voice.person_id) in counted:
            continue
        yield Row(
            "volume", "demand", voice.demand_id, voice.created_at,
            product_id=voice.demand.product_id, module_id=voice.demand.module_id,
        )  # fmt: skip
