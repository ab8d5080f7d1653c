"""Demands that wait too long at the end of a period: past their day, or without a word.

The rules are those of the demand table (`DemandQuerySet.overdue`, `.silent`) as of then. Who could
be meant is asked of the rows as they are now, and of whatever changed since the period ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from core.events import fold
from core.models import Event
from core.worktime import day_start
from feedback.choices import DemandStatus
from feedback.models import Demand, Obligation, Round
from feedback.querysets import DATED, SILENT_DAYS, VERIFY_DAYS, WAITED_FOR
from reports.policies.loop_rows import Known
from reports.policies.rows import Row
from reports.policies.weeks import company_day

_DAY = dt.timedelta(days=1)


def waiting_rows(known: Known) -> Iterator[Row]:
    """`demands_overdue` with the seconds since it was due, and `demands_silent`."""
    changed = _changed_since(known)
    today = known.period.last + _DAY
    late = Demand.objects.filter(Q(pk__in=Demand.objects.overdue(today)) | Q(pk__in=changed))
    for pk, state in _states(known, late):
        if (due := _due(state)) is not None and due <= known.period.last:
            since = day_start(due + _DAY, settings.TIME_ZONE)
            seconds = int((known.period.ends_at - since).total_seconds())
            yield _row("demands_overdue", pk, state, known, seconds)
    waited = Demand.objects.filter(Q(status__in=WAITED_FOR) | Q(pk__in=changed))
    silent = set(_without_word(known, waited))
    for pk, state in _states(known, Demand.objects.filter(pk__in=silent)):
        if state["status"] in WAITED_FOR:
            yield _row("demands_silent", pk, state, known)


def _changed_since(known: Known) -> set[int]:
    """Demands whose row says something else than was known at the end."""
    later = Q(occurred_at__gte=known.period.ends_at)
    if known.as_of is not None:
        later |= Q(recorded_at__gt=known.as_of)
    found = Event.objects.filter(later, subject=Demand.SUBJECT)
    return set(found.values_list("subject_id", flat=True))


def _states(known: Known, demands: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    histories = known.histories(Demand.SUBJECT, demands.values_list("pk", flat=True))
    for pk, history in sorted(histories.items()):
        yield pk, fold(Demand, history)


def _due(state: dict[str, Any]) -> dt.date | None:
    """The last day on which nothing was late."""
    status = state["status"]
    if status in DATED:
        return _date(state["planned_on"])
    if status == DemandStatus.DEFERRED:
        return _date(state["deferred_until"])
    if status == DemandStatus.RELEASED and not state["verified_at"] and state["released_at"]:
        released = company_day(dt.datetime.fromisoformat(state["released_at"]))
        return released + dt.timedelta(days=VERIFY_DAYS)
    return None


def _date(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _without_word(known: Known, demands: Any) -> Iterator[int]:
    """Of these, where somebody was owed word for `SILENT_DAYS` and no round opened meanwhile."""
    end = known.period.ends_at
    since = end - dt.timedelta(days=SILENT_DAYS)
    owed = Obligation.objects.filter(demand=OuterRef("pk"), created_at__lt=since)
    heard = Round.objects.filter(
        obligation__demand=OuterRef("pk"), opened_at__gte=since, opened_at__lt=end
    )
    unheard = demands.filter(Exists(owed), ~Exists(heard))
    candidates = set(unheard.values_list("pk", flat=True))
    obligations = Obligation.objects.filter(demand__in=candidates, created_at__lt=since)
    histories = known.histories(Obligation.SUBJECT, obligations.values_list("pk", flat=True))
    for history in histories.values():
        state = fold(Obligation, history)
        if state["joined_to_id"] is None and state["demand_id"] in candidates:
            yield state["demand_id"]


def _row(
    figure: str, pk: int, state: dict[str, Any], known: Known, seconds: int | None = None
) -> Row:
    return Row(
        figure, "demand", pk, known.period.ends_at, product_id=state["product_id"],
        module_id=state["module_id"], seconds=seconds,
    )  # fmt: skip
