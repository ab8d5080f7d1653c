"""The models a forecast is chosen from: predictions of one distance for every week at once.

Each takes the series per ordinary week and answers an array of the same length plus one, whose
place t holds what it would have said of week t knowing only the weeks before t; NaN where it had
too little to say anything. Of a week further ahead, place t knows as many weeks less.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

#: Weeks after which the parameters of the trend are fitted anew.
REFIT = 26
#: Weeks it needs first.
LEAST_TO_FIT = 16
#: How much of each week's miss the level takes on.
_WEIGHTS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8)
_YEAR = 52
#: Weeks around the same week of last year, and before now, that a seasonal guess compares.
_AROUND = 4


def predictions(series: Numbers) -> dict[str, Numbers]:
    """Every candidate's predictions, by name."""
    return {name: candidate(series) for name, candidate in CANDIDATES.items()}


def further(series: Numbers, said: dict[str, Numbers], ahead: int) -> dict[str, Numbers]:
    """What the same models say `ahead` weeks ahead, from what they `said` of the next week.

    Means, medians and levels say of every week to come what they say of the next. The trend is
    left out: what flattens out after some weeks is a level.
    """
    import numpy as np  # noqa: PLC0415

    gap = np.full(ahead - 1, np.nan)
    found = {name: np.concatenate([gap, values]) for name, values in said.items() if name in FLAT}
    found["seasonal_naive"] = _seasonal_naive(series, ahead)
    found["seasonal_level"] = _seasonal_level(series, ahead)
    return found


def _mean(weeks: int) -> Callable[[Numbers], Numbers]:
    def predict(series: Numbers) -> Numbers:
        found = _nothing(series)
        for t in range(min(weeks, _AROUND), len(series) + 1):
            found[t] = series[max(0, t - weeks) : t].mean()
        return found

    return predict


def _median(series: Numbers) -> Numbers:
    """The median of eight weeks: one outage does not move it."""
    import numpy as np  # noqa: PLC0415  (40 MB that only the child process takes)

    found = _nothing(series)
    for t in range(_AROUND, len(series) + 1):
        found[t] = np.median(series[max(0, t - 8) : t])
    return found


def _last(series: Numbers) -> Numbers:
    found = _nothing(series)
    found[1:] = series
    return found


def _seasonal_naive(series: Numbers, ahead: int = 1) -> Numbers:
    """The same week of last year."""
    found = _nothing(series, ahead)
    if len(found) > _YEAR:
        found[_YEAR:] = series[: len(found) - _YEAR]
    return found


def _seasonal_level(series: Numbers, ahead: int = 1) -> Numbers:
    """The level of eight weeks, moved as the same weeks of last year moved."""
    found = _nothing(series, ahead)
    for t in range(_YEAR + _AROUND + ahead - 1, len(found)):
        now = t - ahead + 1
        then = series[now - _YEAR - _AROUND : now - _YEAR].mean()
        around = series[t - _YEAR - 1 : t - _YEAR + 2].mean()
        found[t] = series[now - 8 : now].mean() * (around / then if then > 0 else 1.0)
    return found


def _smoothed(series: Numbers) -> Numbers:
    """Exponential smoothing, ETS(A,N,N), by the weight that was best until then."""
    import numpy as np  # noqa: PLC0415

    levels = np.full(len(_WEIGHTS), series[:_AROUND].mean())
    squares = np.zeros(len(_WEIGHTS))
    found = _nothing(series)
    for t in range(_AROUND, len(series) + 1):
        found[t] = levels[int(squares.argmin())]
        if t < len(series):
            squares += (series[t] - levels) ** 2
            levels += np.asarray(_WEIGHTS) * (series[t] - levels)
    return found


def _damped(series: Numbers) -> Numbers:
    """ETS(A,Ad,N): a trend that flattens out."""
    found = _nothing(series)
    for start in range(LEAST_TO_FIT, len(series) + 1, REFIT):
        stop = min(start + REFIT, len(series) + 1)
        found[start:stop] = _run(series, start, stop)
    return found.clip(min=0)


def _run(series: Numbers, start: int, stop: int) -> Numbers:
    """Fitted to the weeks before `start`, run over those before `stop`."""
    import numpy as np  # noqa: PLC0415
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415

    # One number past the end lets the run tell of the coming week; it is read by no prediction.
    known = series[:stop] if stop <= len(series) else np.append(series, series[-1])
    with warnings.catch_warnings():
        # A fit that does not settle is judged like any other: by its errors.
        warnings.simplefilter("ignore")
        chosen = (
            ExponentialSmoothing(
                series[:start], trend="add", damped_trend=True, initialization_method="estimated"
            )
            .fit()
            .params
        )
        run = ExponentialSmoothing(
            known, trend="add", damped_trend=True, initialization_method="known",
            initial_level=chosen["initial_level"], initial_trend=chosen["initial_trend"],
        ).fit(
            smoothing_level=chosen["smoothing_level"],
            smoothing_trend=chosen["smoothing_trend"],
            damping_trend=chosen["damping_trend"],
            optimized=False,
        )  # fmt: skip
    steps: Numbers = np.asarray(run.fittedvalues)[start:stop]
    return steps


def _nothing(series: Numbers, ahead: int = 1) -> Numbers:
    import numpy as np  # noqa: PLC0415

    return np.full(len(series) + ahead, np.nan)


CANDIDATES: dict[str, Callable[[Numbers], Numbers]] = {
    "mean_8": _mean(8),
    "mean_4": _mean(4),
    "mean_26": _mean(26),
    "median_8": _median,
    "last": _last,
    "seasonal_naive": _seasonal_naive,
    "seasonal_level": _seasonal_level,
    "ets": _smoothed,
    "ets_damped": _damped,
}
#: Those that say of every week to come what they say of the next.
FLAT = frozenset({"mean_8", "mean_4", "mean_26", "median_8", "last", "ets"})
