"""The coming week of a series: the best model by rolling-origin back-test, with its interval.

Hyndman & Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., 5.8–5.10. At every origin
the model is chosen, and the interval drawn, from what was known before it; the figures printed
beside a forecast – error and coverage – are those of exactly this procedure on the weeks gone by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.policies.ahead.candidates import predictions
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

    @property
    def is_enough(self) -> bool:
        return self.weeks >= LEAST_WEEKS


@dataclass(frozen=True)
class Step:
    """What was said of one week: by which model, within what."""

    model: str
    value: float
    low: int
    high: int


def forecast(weekly: Weekly) -> Forecast:
    """The coming week; without figures where the history is too short."""
    weeks = len(weekly.counts)
    if weeks < LEAST_WEEKS:
        return Forecast(weekly.key, weeks)
    said = back_test(weekly)
    coming = said.pop()
    first = weeks - len(said)
    judged = said[-JUDGED_WEEKS:]
    start = first + len(said) - len(judged)
    actual = weekly.counts[start:]
    errors = [abs(step.value - count) for step, count in zip(judged, actual, strict=True)]
    inside = [step.low <= count <= step.high for step, count in zip(judged, actual, strict=True)]
    walk = [abs(weekly.counts[t] - weekly.counts[t - 1]) for t in range(1, weeks)]
    means = [abs(_mean_before(weekly, t) - weekly.counts[t]) for t in range(start, weeks)]
    mae = _average(errors)
    usual = _average(walk)
    return Forecast(
        weekly.key, weeks, coming.model, coming.value, coming.low, coming.high, len(judged),
        mae, _average(means), mae / usual if mae is not None and usual else None,
        _average([float(was) for was in inside]),
    )  # fmt: skip


def back_test(weekly: Weekly) -> list[Step]:
    """One step per week from the eighth on, and last the coming one; each from earlier weeks."""
    import numpy as np  # noqa: PLC0415  (only the child process takes it into memory)

    counts = np.asarray(weekly.counts, dtype=float)
    table = _table(weekly, counts)
    expected = np.array([1.0, *(counts[max(0, t - 8) : t].mean() for t in range(1, len(counts)))])
    misses = {
        name: np.abs(said[:-1] - counts) / np.maximum(expected, 1.0) ** 0.5
        for name, said in table.items()
    }
    steps: list[Step] = []
    scores: list[float] = []
    for t in range(LEAST_WEEKS, len(counts) + 1):
        model = _choose(table, misses, t)
        value = max(0.0, float(table[model][t]))
        steps.append(Step(model, value, *_interval(value, scores, counts[:t])))
        if t < len(counts):
            scores.append((counts[t] - value) / _scale(value))
    return steps


def _table(weekly: Weekly, counts: Numbers) -> dict[str, Numbers]:
    """What every candidate said of every week and the coming one: per working day, and, where
    weeks differ in them, per calendar week too, named with `PLAIN` in front."""
    import numpy as np  # noqa: PLC0415

    weights = np.asarray(weekly.weights)
    said = predictions(_per_usual_week(counts, weights))
    table = {name: values * weights for name, values in said.items()}
    if (weights != weights[0]).any():
        table |= {f"{PLAIN}{name}": values for name, values in predictions(counts).items()}
    return table


def _per_usual_week(counts: Numbers, weights: Numbers) -> Numbers:
    """The series as if each week had the usual working days. What fell on a week with next to
    none says nothing of others, so the median of the weeks before stands there."""
    import numpy as np  # noqa: PLC0415

    found = counts / weights[:-1]
    for t in map(int, np.flatnonzero(weights[:-1] < LEAST_WEIGHT)):
        found[t] = np.median(found[max(0, t - 8) : t]) if t else counts[t]
    return found


def _choose(table: dict[str, Numbers], misses: dict[str, Numbers], t: int) -> str:
    """The model with the least mean miss before `t`, newer weeks counting more; first whether
    per working day or not, which the level tells best."""
    import numpy as np  # noqa: PLC0415

    if t < LEAST_WEEKS + LEAST_ERRORS:
        return DEFAULT
    weights = DISCOUNT ** np.arange(t)[::-1]

    def mean_miss(name: str) -> float:
        earlier = misses[name][:t]
        known = np.isfinite(earlier)
        if np.isnan(table[name][t]) or known.sum() < LEAST_ERRORS:
            return float("inf")
        return float(np.average(earlier[known], weights=weights[known]))

    plain = PLAIN + LEVEL_MODEL
    is_plain = plain in misses and mean_miss(plain) < MUCH_BETTER * mean_miss(LEVEL_MODEL)
    return min((name for name in misses if name.startswith(PLAIN) == is_plain), key=mean_miss)


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
