"""The coming weeks of a series: the best model by rolling-origin back-test, with its interval.

Hyndman & Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., 5.8–5.10. At every origin
the model is chosen, and the interval drawn, from what was known before it; the figures printed
beside a forecast – error and coverage – are those of exactly this procedure on the weeks gone by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

from reports.policies.ahead.candidates import further, predictions
from reports.policies.ahead.series import LEAST_WEEKS, Weekly

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

#: Of the interval: one week in ten above, one in ten below.
LEVEL = 0.80
#: How much less a miss counts for the choice with each week it is older: half after 34 weeks.
DISCOUNT = 0.98
#: The model until there are as many misses to choose by.
DEFAULT = "mean_8"
#: In front of the name of a model that takes every week as it is, whatever its working days.
PLAIN = "plain_"
#: Whose misses say which of the two fits, and how much less those of the plain one must be.
LEVEL_MODEL = "ets"
MUCH_BETTER = 0.98
#: The same of a model against the usual one, for weeks further ahead.
CLEARLY_BETTER = 0.95
#: Of the usual working days; below, a week says nothing of others.
LEAST_WEIGHT = 0.3
#: Origins whose errors draw the interval.
SPREAD_WEEKS = 52
#: Errors needed to draw an interval from them; before, the spread of counts has to do.
LEAST_ERRORS = 12
#: Origins that error and coverage are measured over.
JUDGED_WEEKS = 104
#: The quantile of the normal distribution that leaves a tenth above.
_TENTH = 1.2816


@dataclass(frozen=True)
class Further:
    """The same of a week further ahead: the model and its interval are chosen, and judged, by what
    it would have said so many weeks before. `ahead` 1 is the coming week."""

    ahead: int
    model: str
    value: float
    low: int
    high: int
    origins: int = 0
    mae: float | None = None
    mean_mae: float | None = None
    coverage: float | None = None


@dataclass(frozen=True)
class Forecast:
    """One series' coming week, in tickets; `weeks` is how long its history is.

    `mae` in tickets a week over `origins` back-tested weeks, `mean_mae` that of the mean of eight
    weeks, `mase` the error as a multiple of the mean step from one week to the next over the whole
    history; `coverage` the share of those weeks that fell into their interval.
    """

    key: str
    weeks: int
    model: str = ""
    value: float = 0.0
    low: int = 0
    high: int = 0
    origins: int = 0
    mae: float | None = None
    mean_mae: float | None = None
    mase: float | None = None
    coverage: float | None = None
    #: The weeks after it, as far as is looked.
    further: list[Further] = field(default_factory=list)

    @property
    def is_enough(self) -> bool:
        return self.weeks >= LEAST_WEEKS


def read_forecast(values: Mapping[str, Any]) -> Forecast:
    """A forecast from its fields as JSON has them; older ones look one week ahead."""
    later = [Further(**each) for each in values.get("further", ())]
    return Forecast(**{**values, "further": later})


@dataclass(frozen=True)
class Step:
    """What was said of one week: by which model, within what."""

    model: str
    value: float
    low: int
    high: int


def forecast(weekly: Weekly) -> Forecast:
    """The coming weeks; without figures where the history is too short."""
    weeks = len(weekly.counts)
    if weeks < LEAST_WEEKS:
        return Forecast(weekly.key, weeks)
    tables = _tables(weekly)
    first, *later = (_judged(weekly, tables, n) for n in range(1, len(tables) + 1))
    walk = [abs(weekly.counts[t] - weekly.counts[t - 1]) for t in range(1, weeks)]
    usual = _average(walk)
    return Forecast(
        weekly.key, weeks, first.model, first.value, first.low, first.high, first.origins,
        first.mae, first.mean_mae,
        first.mae / usual if first.mae is not None and usual else None,
        first.coverage, later,
    )  # fmt: skip


def _judged(weekly: Weekly, tables: Sequence[dict[str, Numbers]], ahead: int) -> Further:
    """What is said of the week so far ahead, and how that went in the weeks gone by."""
    said = back_test(weekly, ahead, tables)
    coming = said.pop()
    weeks = len(weekly.counts)
    judged = said[-JUDGED_WEEKS:]
    start = weeks - len(judged)
    actual = weekly.counts[start:]
    errors = [abs(step.value - count) for step, count in zip(judged, actual, strict=True)]
    inside = [step.low <= count <= step.high for step, count in zip(judged, actual, strict=True)]
    means = [abs(_mean_before(weekly, t - ahead + 1) - weekly.counts[t])
             for t in range(start, weeks)]  # fmt: skip
    return Further(
        ahead, coming.model, coming.value, coming.low, coming.high, len(judged),
        _average(errors), _average(means), _average([float(was) for was in inside]),
    )  # fmt: skip


def back_test(
    weekly: Weekly, ahead: int = 1, tables: Sequence[dict[str, Numbers]] | None = None
) -> list[Step]:
    """One step per week from the eighth on, and last the one `ahead` weeks ahead; each from what
    was known so many weeks before it. `tables`: what every candidate said, where it is known."""
    import numpy as np  # noqa: PLC0415  (only the child process takes it into memory)

    counts = np.asarray(weekly.counts, dtype=float)
    table = (tables or _tables(weekly))[ahead - 1]
    expected = np.array([1.0, *(counts[max(0, t - 8) : t].mean() for t in range(1, len(counts)))])
    misses = {
        name: np.abs(said[: len(counts)] - counts) / np.maximum(expected, 1.0) ** 0.5
        for name, said in table.items()
    }
    mean_misses = {name: _mean_misses(each) for name, each in misses.items()}
    steps: list[Step] = []
    scores: list[float] = []
    # Standing at the end of so many weeks: the week told of, and the misses seen by then.
    for known in [*range(LEAST_WEEKS, len(counts) - ahead + 1), len(counts)]:
        t, seen = known + ahead - 1, max(0, known - LEAST_WEEKS - ahead + 1)
        model = _choose(table, mean_misses, known, t)
        value = max(0.0, float(table[model][t]))
        steps.append(Step(model, value, *_interval(value, scores[:seen], counts[:known])))
        if t < len(counts):
            scores.append((counts[t] - value) / _scale(value))
    return steps


def _tables(weekly: Weekly) -> list[dict[str, Numbers]]:
    """What every candidate said of every week and of the coming ones, one table for each distance:
    per working day, and, where weeks differ in them, per calendar week too, named with `PLAIN` in
    front."""
    import numpy as np  # noqa: PLC0415

    counts = np.asarray(weekly.counts, dtype=float)
    weights = np.asarray(weekly.weights_until(1 + len(weekly.later)))
    usual = _per_usual_week(counts, weights)
    differ = bool((weights != weights[0]).any())
    said, plain = predictions(usual), predictions(counts) if differ else {}
    found = []
    for ahead in range(1, len(weekly.later) + 2):
        ours = said if ahead == 1 else further(usual, said, ahead)
        table = {name: values * weights[: len(values)] for name, values in ours.items()}
        if differ:
            theirs = plain if ahead == 1 else further(counts, plain, ahead)
            table |= {f"{PLAIN}{name}": values for name, values in theirs.items()}
        found.append(table)
    return found


def _per_usual_week(counts: Numbers, weights: Numbers) -> Numbers:
    """The series as if each week had the usual working days. What fell on a week with next to
    none says nothing of others, so the median of the weeks before stands there."""
    import numpy as np  # noqa: PLC0415

    weeks = weights[: len(counts)]
    found = counts / weeks
    for t in map(int, np.flatnonzero(weeks < LEAST_WEIGHT)):
        found[t] = np.median(found[max(0, t - 8) : t]) if t else counts[t]
    return found


def _choose(
    table: dict[str, Numbers], mean_misses: dict[str, list[float]], known: int, t: int
) -> str:
    """The model for week `t` with the least mean miss in the `known` weeks; first whether per
    working day or not, which the level tells best."""
    if known < LEAST_WEEKS + LEAST_ERRORS:
        return DEFAULT

    def mean_miss(name: str) -> float:
        return float("inf") if isnan(table[name][t]) else mean_misses[name][known]

    plain = PLAIN + LEVEL_MODEL
    is_plain = plain in table and mean_miss(plain) < MUCH_BETTER * mean_miss(LEVEL_MODEL)
    best = min((name for name in table if name.startswith(PLAIN) == is_plain), key=mean_miss)
    usual = PLAIN * is_plain + DEFAULT
    # Further ahead models differ by chance more than by merit: one has to be clearly better.
    return best if t == known or mean_miss(best) < CLEARLY_BETTER * mean_miss(usual) else usual


def _mean_misses(misses: Numbers) -> list[float]:
    """The mean of the misses of the first so many weeks, newer ones counting more; infinite where
    there are too few to judge by."""
    total = weight = 0.0
    count, means = 0, [float("inf")]
    for miss in misses.tolist():
        total, weight = total * DISCOUNT, weight * DISCOUNT
        if not isnan(miss):
            total, weight, count = total + miss, weight + 1.0, count + 1
        means.append(total / weight if count >= LEAST_ERRORS else float("inf"))
    return means


def _interval(value: float, scores: list[float], before: Numbers) -> tuple[int, int]:
    """Whole tickets between the tenth and the ninetieth percentile of the errors so far, which
    grow with the square root of what is expected."""
    import numpy as np  # noqa: PLC0415

    recent = scores[-SPREAD_WEEKS:]
    if len(recent) >= LEAST_ERRORS:
        below, above = np.quantile(recent, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    else:
        mean = max(float(before.mean()), 1.0)
        spread = _TENTH * max(1.0, float(before.var(ddof=1)) / mean) ** 0.5
        below, above = -spread, spread
    low = max(0, round(value + float(below) * _scale(value)))
    return low, max(low, round(value + float(above) * _scale(value)))


def _scale(value: float) -> float:
    return float(max(value, 1.0) ** 0.5)


def _mean_before(weekly: Weekly, t: int) -> float:
    """The plain mean of the eight weeks before, which everybody can do."""
    earlier = weekly.counts[max(0, t - 8) : t]
    return sum(earlier) / len(earlier)


def _average(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
