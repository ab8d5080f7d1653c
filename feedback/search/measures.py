"""Figures of a demand that its people make: how many are owed word, how many still wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from feedback.choices import DemandStatus, RoundKind
from feedback.models import Obligation, Round

#: Everybody who asked still waits for the change.
UNANSWERED = (
    DemandStatus.COLLECTED, DemandStatus.EVALUATING, DemandStatus.ACCEPTED, DemandStatus.DEFERRED,
    DemandStatus.SCHEDULED, DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING,
    DemandStatus.ROLLED_BACK,
)  # fmt: skip
#: Only who has not said yet whether it works.
ANSWERING = (DemandStatus.RELEASED, DemandStatus.CLOSED)
OPEN_QUESTION = Q(kind=RoundKind.RELEASE, ended_at__isnull=True)


def _number_of(rows: QuerySet[Any], by: str) -> Combinable:
    counted = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), Value(0), output_field=IntegerField())


def people() -> Combinable:
    """People owed word on the demand."""
    return _number_of(Obligation.objects.standing(), "demand")


def waiting() -> Combinable:
    """Of these, who waits for the change, or has not said yet whether it works."""
    asked = _number_of(Round.objects.filter(OPEN_QUESTION), "obligation__demand")
    return Case(
        When(status__in=UNANSWERED, then=people()),
        When(status__in=ANSWERING, then=asked),
        default=Value(0), output_field=IntegerField(),
    )  # fmt: skip


MEASURES = {"people": people, "waiting": waiting}


def people_by(demands: QuerySet[Any], paths: tuple[str, ...]) -> dict[tuple[Any, ...], list[int]]:
    """People and people waiting of each group of `demands`, in two queries whatever their number.

    `paths` are columns of the demand; a group is the tuple of their values.
    """
    found: dict[tuple[Any, ...], list[int]] = {}
    keys = [f"demand__{path}" for path in paths]
    owed = (
        Obligation.objects.standing().filter(demand__in=demands.order_by().values("pk")).order_by()
    )
    waits = Q(demand__status__in=UNANSWERED)
    owed_rows: Iterable[Sequence[Any]]
    if keys:
        owed_rows = owed.values_list(*keys).annotate(
            people=Count("pk"), waiting=Count("pk", filter=waits)
        )
    else:
        figures = owed.aggregate(people=Count("pk"), waiting=Count("pk", filter=waits))
        owed_rows = [(figures["people"], figures["waiting"])]
    for *group, people_, waiting_ in owed_rows:
        found[tuple(group)] = [people_, waiting_]
    asked = Round.objects.filter(
        OPEN_QUESTION, obligation__demand__in=demands.order_by().values("pk"),
        obligation__demand__status__in=ANSWERING,
    ).order_by()  # fmt: skip
    more: Iterable[Sequence[Any]]
    if keys:
        more = asked.values_list(*(f"obligation__{key}" for key in keys)).annotate(n=Count("pk"))
    else:
        more = [(asked.count(),)]
    for *group, n in more:
        found.setdefault(tuple(group), [0, 0])[1] += n
    return found
