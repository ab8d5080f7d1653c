"""Whether a count of one week, or of some weeks against others, is more than chance.

Heavy libraries are imported where they are used: this runs in the process of `reckoning`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.policies.ahead.series import LEAST_WEEKS, Weekly

#: Weeks before that say what is usual.
SPIKE_WEEKS = 26
#: Of all series called out, the share that may be chance (Benjamini & Hochberg 1995).
FALSE_DISCOVERY = 0.05
#: A week of fewer tickets is no spike, however quiet the weeks before were.
LEAST_TICKETS = 3
#: Weeks of a trend: the last against as many before.
TREND_WEEKS = 8
#: One-sided probability below which a trend points up.
TREND_CHANCE = 0.1


@dataclass(frozen=True)
class Spike:
    """The last week of a series against the weeks before it.

    `expected` in tickets, `chance` the probability of as many or more, both None where there is
    not enough history."""

    key: str
    count: int
    weeks: int
    expected: float | None = None
    chance: float | None = None
    is_spike: bool = False


@dataclass(frozen=True)
class Trend:
    """Tickets of the last weeks against as many before, per working day; `chance` one-sided."""

    key: str
    count: int
    before: int
    ratio: float | None
    chance: float
    points_up: bool


def spikes(series: Sequence[Weekly]) -> list[Spike]:
    """Each series' last week, judged together: q = 0.05 over all that have a history."""
    usual = [_usual(weekly) for weekly in series]
    shared = _shared_spread([found for found in usual if found is not None])
    found = [
        Spike(weekly.key, weekly.counts[-1] if weekly.counts else 0, max(0, len(weekly.counts) - 1))
        if usual is None
        else Spike(
            weekly.key, weekly.counts[-1], usual.weeks, usual.expected,
            _chance(weekly.counts[-1], usual, max(usual.spread, shared)),
        )
        for weekly, usual in zip(series, usual, strict=True)
    ]  # fmt: skip
    chances = sorted(spike.chance for spike in found if spike.chance is not None)
    passed = [
        chance
        for rank, chance in enumerate(chances, start=1)
        if chance <= FALSE_DISCOVERY * rank / len(chances)
    ]
    limit = max(passed, default=-1.0)
    return [
        replace(spike, is_spike=spike.chance is not None and spike.chance <= limit)
        for spike in found
    ]


@dataclass(frozen=True)
class _Usual:
    """What up to 26 weeks lead to expect: tickets, and how much their variance exceeds a
    Poisson's, as a share of the mean squared (method of moments)."""

    weeks: int
    expected: float
    spread: float


def _usual(weekly: Weekly) -> _Usual | None:
    """None without a history."""
    before = list(weekly.counts[-SPIKE_WEEKS - 1 : -1])
    weights = weekly.weights[-SPIKE_WEEKS - 2 : -2]
    if len(before) < LEAST_WEEKS:
        return None
    # Half a ticket more than seen: a series of zeros does not make the first ticket impossible.
    rate = (sum(before) + 0.5) / sum(weights)
    means = [rate * weight for weight in weights]
    beyond = sum((count - mean) ** 2 - mean for count, mean in zip(before, means, strict=True))
    beyond *= len(before) / (len(before) - 1)
    spread = beyond / sum(mean * mean for mean in means)
    return _Usual(len(before), rate * weekly.weights[-2], spread)


def _shared_spread(usual: Sequence[_Usual]) -> float:
    """The spread of all series together, those with more tickets counting more.

    Twenty-six weeks tell one series' spread so poorly that every seventh quiet week would call a
    spike; no series is thought calmer than the house. Measured by simulation.
    """
    weights = [one.weeks * one.expected**2 / (1 + one.expected) for one in usual]
    if not sum(weights):
        return 0.0
    found = sum(one.spread * weight for one, weight in zip(usual, weights, strict=True))
    return max(0.0, found / sum(weights))


def _chance(count: int, usual: _Usual, spread: float) -> float:
    """Of as many tickets or more, by a negative binomial. That mean and spread are estimates
    themselves makes it wider, by 1/n and 2/n."""
    from scipy.stats import nbinom  # noqa: PLC0415  (only the child process takes it)

    if count < LEAST_TICKETS:
        return 1.0
    mean = usual.expected
    variance = (mean + mean**2 * spread * (1 + 2 / usual.weeks)) * (1 + 1 / usual.weeks)
    size = mean**2 / (variance - mean)
    return float(nbinom.sf(count - 1, size, size / (size + mean)))


def trend(weekly: Weekly) -> Trend | None:
    """The last eight weeks against the eight before; None without sixteen.

    Given both counts together, the later one is binomial where nothing changed (Przyborowski &
    Wilenski 1940); over-dispersed weeks make its spread wider (quasi-binomial).
    """
    if len(weekly.counts) < 2 * TREND_WEEKS:
        return None
    from scipy.stats import binom, norm  # noqa: PLC0415  (only the child process takes it)

    counts, weights = weekly.counts[-2 * TREND_WEEKS :], weekly.weights[-2 * TREND_WEEKS - 1 : -1]
    late, early = sum(counts[TREND_WEEKS:]), sum(counts[:TREND_WEEKS])
    late_days, early_days = sum(weights[TREND_WEEKS:]), sum(weights[:TREND_WEEKS])
    share = late_days / (late_days + early_days)
    spread = _dispersion(counts, weights)
    total = late + early
    if not total:
        chance = 1.0
    elif spread <= 1:
        chance = float(binom.sf(late - 1, total, share))
    else:
        deviation = (total * share * (1 - share) * spread) ** 0.5
        chance = float(norm.sf((late - 0.5 - total * share) / deviation))
    ratio = late / late_days / (early / early_days) if early else None
    up = late >= LEAST_TICKETS and chance < TREND_CHANCE
    return Trend(weekly.key, late, early, ratio, chance, up)


def _dispersion(counts: Sequence[int], weights: Sequence[float]) -> float:
    """Pearson's dispersion of the weeks within their half: 1 for Poisson counts."""
    squares = 0.0
    for half in (slice(None, TREND_WEEKS), slice(TREND_WEEKS, None)):
        rate = sum(counts[half]) / sum(weights[half])
        for count, weight in zip(counts[half], weights[half], strict=True):
            expected = rate * weight
            squares += (count - expected) ** 2 / expected if expected else 0.0
    return squares / (2 * TREND_WEEKS - 2)
