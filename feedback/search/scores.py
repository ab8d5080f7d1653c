"""What the score of a demand is reckoned from, read set by set for all open demands at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Max

from accounts.models import Department
from feedback.choices import DemandStatus, ObligationReason
from feedback.models import Demand, FeedbackItem, Obligation
from feedback.policies.scoring import USUAL_IMPORTANCE, WINDOW_DAYS, Inputs, weight_of
from tickets.models import Ticket

#: Demands that still wait for their release; the score of the others stands as it was.
SCORED = (
    DemandStatus.COLLECTED, DemandStatus.EVALUATING, DemandStatus.ACCEPTED, DemandStatus.DEFERRED,
    DemandStatus.SCHEDULED, DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING,
    DemandStatus.ROLLED_BACK,
)  # fmt: skip
_HUNDREDTH = Decimal("0.01")


def inputs_by_product(
    department_weights: Mapping[str, float], now: dt.datetime
) -> dict[int, dict[int, Inputs]]:
    """Product id → demand id → inputs, of every open demand. Six queries in all."""
    since = now - dt.timedelta(days=WINDOW_DAYS)
    people = _people(department_weights)
    tickets = _tickets(since)
    hours = _hours()
    found: dict[int, dict[int, Inputs]] = defaultdict(dict)
    rows = Demand.objects.filter(status__in=SCORED).values_list("pk", "product_id", "effort")
    for pk, product_id, effort in rows:
        found[product_id][pk] = Inputs(
            people.get(pk, Decimal(0)), tickets.get(pk, 0), hours.get(pk, Decimal(0)), effort
        )
    return found


def _people(department_weights: Mapping[str, float]) -> dict[int, Decimal]:
    """Σ over distinct people of their highest importance × the weight of their department."""
    said: dict[tuple[int, int], int] = {
        (demand, person): importance
        for demand, person, importance in FeedbackItem.objects.filter(demand__status__in=SCORED)
        .order_by()
        .values_list("demand", "person")
        .annotate(Max("importance"))
    }
    paths = dict(Department.objects.values_list("pk", "path"))
    weights = {pk: weight_of(path, department_weights) for pk, path in paths.items()}
    found: dict[int, Decimal] = defaultdict(Decimal)
    owed = Obligation.objects.standing().filter(demand__status__in=SCORED)
    for demand, person, department in owed.values_list(
        "demand_id", "person_id", "person__department_id"
    ):
        importance = said.get((demand, person), USUAL_IMPORTANCE)
        found[demand] += importance * weights.get(department, Decimal(1))
    return {pk: people.quantize(_HUNDREDTH) for pk, people in found.items()}


def _tickets(since: dt.datetime) -> dict[int, int]:
    """Driven tickets submitted since, and same-here of people without one of those."""
    found: dict[int, int] = defaultdict(int)
    asked: set[tuple[int, int]] = set()
    driven = Ticket.objects.filter(driver__startswith="D-", submitted_at__gte=since)
    for driver, person in driven.values_list("driver", "requester_id"):
        demand = int(driver.removeprefix("D-"))
        found[demand] += 1
        asked.add((demand, person))
    same = Obligation.objects.standing().filter(
        reason=ObligationReason.SAME_HERE, created_at__gte=since
    )
    for pair in same.values_list("demand_id", "person_id"):
        if pair not in asked:
            found[pair[0]] += 1
    return found


def _hours() -> dict[int, Decimal]:
    """Σ over distinct people of the most hours a week they ever named."""
    named = (
        FeedbackItem.objects.filter(demand__status__in=SCORED, hours_per_week__gt=0)
        .order_by()
        .values("demand", "person")
        .annotate(most=Max("hours_per_week"))
    )
    found: dict[int, Decimal] = defaultdict(Decimal)
    for row in named:
        found[row["demand"]] += row["most"]
    return found
