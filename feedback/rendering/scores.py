"""How the score of a demand is shown: its parts, and what a new formula would move."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.markup import number
from feedback.models import Demand, DemandScore, ScoreFormula
from feedback.policies.scoring import WINDOW_DAYS, Scored

#: Demands shown before and after a change of the formula.
SHOWN = 15


@dataclass(frozen=True)
class ScorePart:
    """One part: what it is, its input in words, its 0–100, and its share of the whole."""

    label: str
    said: str
    points: Decimal
    share: int


def parts_of(row: DemandScore, formula: ScoreFormula) -> list[ScorePart]:
    whole = formula.people_weight + formula.tickets_weight + formula.hours_weight
    shares = [
        round(100 * weight / whole)
        for weight in (formula.people_weight, formula.tickets_weight, formula.hours_weight)
    ]
    tickets = ngettext(
        "%(n)s ticket or same-here in %(days)s days",
        "%(n)s tickets and same-here in %(days)s days",
        row.tickets_raw,
    ) % {"n": row.tickets_raw, "days": WINDOW_DAYS}
    return [
        ScorePart(
            _("People who ask"),
            _("%(n)s, weighed by importance and department") % {"n": number(row.people_raw, 1)},
            row.people, shares[0],
        ),
        ScorePart(_("Tickets"), tickets, row.tickets, shares[1]),
        ScorePart(
            _("Hours lost"), _("%(n)s hours a week") % {"n": number(row.hours_raw, 1)}, row.hours,
            shares[2],
        ),
    ]  # fmt: skip


def result_said(row: DemandScore) -> str:
    """How the parts become the score, in one line."""
    if row.divided_by is None:
        return _("Value %(value)s; no effort of half a person-day or more divides it.") % {
            "value": number(row.value, 1)
        }
    return _("Value %(value)s ÷ %(effort)s person-days = %(score)s") % {
        "value": number(row.value, 1), "effort": number(row.divided_by, 1),
        "score": number(row.score, 1),
    }  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """A demand before and after a change of the formula. Places count from 1."""

    demand: Demand
    was: Decimal | None
    now: Decimal
    old_place: int | None
    place: int


def moved_by(scored: dict[int, Scored]) -> list[Moved]:
    """The first demands under the proposed formula, each with where it stands today."""
    order = sorted(scored, key=lambda pk: (-scored[pk].score, pk))[:SHOWN]
    demands = Demand.objects.select_related("product").in_bulk(order)
    today = Demand.objects.filter(pk__in=scored, score__isnull=False).order_by("-score", "pk")
    old_places = {pk: at for at, pk in enumerate(today.values_list("pk", flat=True), 1)}
    return [
        Moved(demands[pk], demands[pk].score, scored[pk].score, old_places.get(pk), at)
        for at, pk in enumerate(order, 1)
    ]
