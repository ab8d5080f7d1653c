"""The score of a demand (domain.md, *Demand score*): pure arithmetic, no row is read or written.

Three inputs – people × importance × department weight, tickets and same-here of 28 days, hours
lost a week – are each capped, scaled 0–100 over the product's open demands, and weighted; the value
is divided by the effort from half a person-day on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

#: Days whose tickets and same-here count.
WINDOW_DAYS = 28
#: Person-days below which an effort divides nothing: a small guess would multiply the value.
LEAST_EFFORT = Decimal("0.5")
#: Importance of somebody whose words say none (a "same here").
USUAL_IMPORTANCE = 1
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Weights:
    """Shares of the three parts, and from which percentile on a part is 100."""

    people: int
    tickets: int
    hours: int
    cap_percentile: int


@dataclass(frozen=True)
class Inputs:
    """What is known of one demand: weighted people, tickets and same-here, hours a week."""

    people: Decimal = Decimal(0)
    tickets: int = 0
    hours: Decimal = Decimal(0)
    effort: Decimal | None = None


@dataclass(frozen=True)
class Scored:
    """The parts of 0–100, the value of 0–100, and the score after the effort."""

    people: Decimal
    tickets: Decimal
    hours: Decimal
    value: Decimal
    divided_by: Decimal | None
    score: Decimal


def score_all(demands: Mapping[int, Inputs], weights: Weights) -> dict[int, Scored]:
    """Scores of the open demands of one product, by demand id."""
    caps = [
        cap_of([getattr(inputs, part) for inputs in demands.values()], weights.cap_percentile)
        for part in ("people", "tickets", "hours")
    ]
    return {pk: _scored(inputs, caps, weights) for pk, inputs in demands.items()}


def cap_of(raw: Iterable[Decimal | int], percentile: int) -> Decimal:
    """The nearest-rank percentile of what is above zero; zero where nothing is."""
    ordered = sorted(Decimal(value) for value in raw if value > 0)
    if not ordered:
        return Decimal(0)
    return ordered[max(1, ceil(len(ordered) * percentile / 100)) - 1]


def scaled(raw: Decimal | int, cap: Decimal) -> Decimal:
    """0–100 of the cap, one decimal."""
    if cap <= 0:
        return Decimal("0.0")
    return _tenths(min(Decimal(raw), cap) * 100 / cap)


def _scored(inputs: Inputs, caps: Sequence[Decimal], weights: Weights) -> Scored:
    raw = (inputs.people, Decimal(inputs.tickets), inputs.hours)
    people, tickets, hours = (scaled(one, cap) for one, cap in zip(raw, caps, strict=True))
    whole = weights.people + weights.tickets + weights.hours
    weighed = people * weights.people + tickets * weights.tickets + hours * weights.hours
    value = _tenths(weighed / whole) if whole else Decimal("0.0")
    divides = inputs.effort is not None and inputs.effort >= LEAST_EFFORT
    divided_by = inputs.effort if divides else None
    score = _tenths(value / divided_by) if divided_by else value
    return Scored(people, tickets, hours, value, divided_by, score)


def _tenths(number: Decimal) -> Decimal:
    return number.quantize(_TENTH, rounding=ROUND_HALF_UP)


def weight_of(path: str, weights: Mapping[str, float]) -> Decimal:
    """How much a person of the department at `path` ("/1/4/") counts: the nearest weight above."""
    for pk in reversed(path.strip("/").split("/")):
        if pk in weights:
            return Decimal(str(weights[pk]))
    return Decimal(1)
