"""Rate ratios: the interval is the exact one, and small or early samples say so."""

from __future__ import annotations

from math import inf

import pytest
from scipy.stats import binomtest

from reports.policies.explore.rates import clopper_pearson, dispersion_of, rate_ratio


@pytest.mark.parametrize(("hits", "trials"), [(0, 7), (3, 11), (7, 7), (40, 90), (310, 1200)])
def test_the_interval_is_clopper_and_pearsons(hits: int, trials: int) -> None:
    exact = binomtest(hits, trials).proportion_ci(0.95, method="exact")
    low, high = clopper_pearson(hits, trials)
    assert low == pytest.approx(exact.low, abs=1e-9)
    assert high == pytest.approx(exact.high, abs=1e-9)


def test_a_halved_rate_by_hand() -> None:
    """24 against 12 in equal time: 0.5, and 12 of 36 is between 18.6 % and 51.0 %."""
    found = rate_ratio([6, 6, 6, 6], [3, 3, 3, 3], 20, 20)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.low == pytest.approx(0.1856 / 0.8144, abs=2e-3)
    assert found.high == pytest.approx(0.5097 / 0.4903, abs=2e-3)
    assert not found.is_sure
    assert not found.is_quasi
    # Half the working days after: the same counts are twice the rate.
    doubled = rate_ratio([6, 6, 6, 6], [3, 3, 3, 3], 20, 10)
    assert doubled is not None
    assert doubled.value == pytest.approx(1.0)


def test_scattered_weeks_widen_the_interval() -> None:
    calm = rate_ratio([10] * 6, [5] * 6, 30, 30)
    wild = rate_ratio([0, 30, 0, 0, 30, 0], [0, 15, 0, 0, 15, 0], 30, 30)
    assert calm is not None
    assert wild is not None
    assert calm.value == wild.value == pytest.approx(0.5)
    assert wild.is_quasi
    assert wild.high - wild.low > calm.high - calm.low
    assert calm.is_sure
    assert not wild.is_sure
    assert dispersion_of([5, 5, 5], [2, 2, 2]) == 1.0


def test_nothing_to_compare_says_nothing() -> None:
    assert rate_ratio([0, 0], [0, 0], 10, 10) is None
    assert rate_ratio([1], [1], 0, 10) is None
    risen = rate_ratio([0, 0], [4, 4], 10, 10)
    assert risen is not None
    assert (risen.value, risen.high) == (inf, inf)
    assert risen.low > 1
