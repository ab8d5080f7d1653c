"""Rate ratios of two counts with an exact interval, in pure arithmetic.

Given their sum, the second of two Poisson counts is binomial with p = r·e / (1 + r·e) for rate
ratio r and exposure ratio e; Clopper and Pearson's interval for p gives that of r (Przyborowski
and Wilenski 1940). Where weekly counts scatter more than Poisson's, the interval is
quasi-Poisson's: log r ± 1.96 √(φ (1/a + 1/b)), φ Pearson's dispersion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p, sqrt

#: 95 %, both sides alike.
ALPHA = 0.05
_NORMAL = 1.959964
#: Dispersion from which counts are called over-dispersed.
OVER_DISPERSED = 1.5
_STEPS = 60


@dataclass(frozen=True)
class RateRatio:
    """After against before, per unit of exposure; `high` is infinite where before had none."""

    value: float
    low: float
    high: float
    dispersion: float

    @property
    def is_quasi(self) -> bool:
        return self.dispersion > OVER_DISPERSED

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves 1 on one side."""
        return self.high < 1 or self.low > 1


def rate_ratio(
    before: Sequence[int], after: Sequence[int], exposure_before: float, exposure_after: float
) -> RateRatio | None:
    """From weekly counts; None where nothing can be said (no exposure, nothing counted)."""
    a, b = sum(after), sum(before)
    if not (exposure_before > 0 and exposure_after > 0) or a + b == 0:
        return None
    scale = exposure_before / exposure_after
    value = a / b * scale if b else inf
    dispersion = dispersion_of(before, after)
    if dispersion > OVER_DISPERSED and a and b:
        half = _NORMAL * sqrt(dispersion * (1 / a + 1 / b))
        return RateRatio(value, value * exp(-half), value * exp(half), dispersion)
    low, high = clopper_pearson(a, a + b)
    return RateRatio(value, _odds(low) * scale, _odds(high) * scale, dispersion)


def dispersion_of(before: Sequence[int], after: Sequence[int]) -> float:
    """Pearson's χ² per degree of freedom of weekly counts around each side's mean; 1 at least."""
    squares, freedom = 0.0, 0
    for side in (before, after):
        mean = sum(side) / len(side) if side else 0
        if mean:
            squares += sum((each - mean) ** 2 / mean for each in side)
            freedom += len(side) - 1
    return max(1.0, squares / freedom) if freedom else 1.0


def _odds(p: float) -> float:
    return p / (1 - p) if p < 1 else inf


def clopper_pearson(successes: int, trials: int, alpha: float = ALPHA) -> tuple[float, float]:
    """The exact interval of a share, by bisection on the binomial's tails."""
    low, high = 0.0, 1.0
    if successes > 0:
        low = _root(lambda p: 1 - binomial_cdf(successes - 1, trials, p) - alpha / 2)
    if successes < trials:
        high = _root(lambda p: alpha / 2 - binomial_cdf(successes, trials, p))
    return low, high


def _root(rising: Callable[[float], float]) -> float:
    """Where a rising function of a share crosses 0."""
    low, high = 0.0, 1.0
    for _step in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def binomial_cdf(most: int, trials: int, p: float) -> float:
    """P(X ≤ most) of a binomial."""
    if p <= 0 or most >= trials:
        return 1.0
    if p >= 1:
        return 0.0
    hit, miss, whole = log(p), log1p(-p), lgamma(trials + 1)
    return min(
        1.0,
        sum(
            exp(whole - lgamma(k + 1) - lgamma(trials - k + 1) + k * hit + (trials - k) * miss)
            for k in range(most + 1)
        ),
    )
