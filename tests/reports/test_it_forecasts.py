"""Forecasts, spikes and trends from weekly counts: on real weeks, and where the truth is known."""

from __future__ import annotations

import csv
import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Sequence

import holidays
import numpy as np
import pytest

from reports.policies.ahead.candidates import predictions
from reports.policies.ahead.forecasts import back_test, forecast
from reports.policies.ahead.rates import spikes, trend
from reports.policies.ahead.reckoning import ReckoningFailed, reckon, reckon_apart
from reports.policies.ahead.series import LEAST_WEEKS, Weekly
from tests.tickets.imports import real

SEED = 20130929


def steady(key: str, counts: Sequence[int], days: float = 5.0) -> Weekly:
    return Weekly(key, list(counts), [days] * (len(counts) + 1))


def _real_weeks(working_days: Callable[[dt.date], int]) -> Weekly:
    """The help desk's weeks to September 2013 as an independent count has them."""
    with real("helpdesk_italian/ground_truth_weekly.csv").open() as file:
        rows = [(dt.date.fromisoformat(row["week_monday"]), row) for row in csv.DictReader(file)]
    rows = [(monday, row) for monday, row in rows if monday < dt.date(2013, 9, 30)]
    mondays = [monday for monday, _row in rows] + [rows[-1][0] + dt.timedelta(weeks=1)]
    counts = [int(row["created"]) for _monday, row in rows]
    later = [mondays[-1] + dt.timedelta(weeks=number) for number in (1, 2, 3)]
    days = [[float(working_days(monday)) for monday in each] for each in (mondays, later)]
    return Weekly("helpdesk", counts, *days)


def _in(country: str) -> Callable[[dt.date], int]:
    off = holidays.country_holidays(country, years=range(2010, 2015))
    return lambda monday: sum(monday + dt.timedelta(days=n) not in off for n in range(5))


@pytest.mark.parametrize("country", ["", "CN"])
def test_the_help_desk_series(country: str) -> None:
    """The bar, with no calendar and with the one of another country."""
    weekly = _real_weeks(_in(country) if country else lambda _monday: 5)
    found = forecast(weekly)
    assert found.origins == 104
    assert found.mae is not None
    assert found.mean_mae is not None
    assert found.coverage is not None
    assert found.mae <= 0.95 * found.mean_mae
    assert 0.72 <= found.coverage <= 0.88
    # The figures are those of the steps, counted here by hand.
    steps, actual = back_test(weekly)[-105:-1], weekly.counts[-104:]
    misses = [abs(step.value - count) for step, count in zip(steps, actual, strict=True)]
    assert found.mae == pytest.approx(sum(misses) / 104)
    assert [later.ahead for later in found.further] == [2, 3, 4]
    for later in found.further:
        assert later.origins == 104
        # Further ahead nothing beats the plain mean here: the page says so beside the forecast.
        assert later.mae is not None
        assert later.mean_mae is not None
        assert later.coverage is not None
        assert later.mae <= 1.05 * later.mean_mae
        assert 0.72 <= later.coverage <= 0.88
    eight = [abs(sum(weekly.counts[t - 8 : t]) / 8 - weekly.counts[t]) for t in range(-104, 0)]
    assert found.mean_mae > sum(eight) / 104 * 0.99


@pytest.mark.parametrize("cut", [9, 30, 61, 90])
@pytest.mark.parametrize("ahead", [1, 2, 4])
def test_nothing_is_known_before_its_time(cut: int, ahead: int) -> None:
    """What is said of a week stays the same whatever came afterwards."""
    counts = np.random.default_rng(SEED).poisson(12, 100).tolist()
    days = [5.0, 5.0, 4.0, 5.0, 2.0] * 21
    whole = back_test(Weekly("whole", counts, days[:101], days[101:104]), ahead)
    then = back_test(
        Weekly("then", counts[:cut], days[: cut + 1], days[cut + 1 : cut + 4]), ahead
    )  # fmt: skip
    # Of the weeks between the last known one and the one told of, nothing was said then.
    assert then[:-1] == whole[: len(then) - 1]
    assert then[-1] == whole[cut - LEAST_WEEKS]


def test_predictions_see_earlier_weeks_only() -> None:
    series = np.random.default_rng(SEED).poisson(9, 80).astype(float)
    changed = series.copy()
    changed[60:] = 500
    before, after = predictions(series), predictions(changed)
    for name, values in before.items():
        np.testing.assert_allclose(values[:61], after[name][:61], err_msg=name)


def test_too_little_history_says_so() -> None:
    found = forecast(steady("new", [4, 5, 6, 4, 5, 6, 7]))
    assert (found.is_enough, found.model, found.mae) == (False, "", None)
    enough = forecast(steady("new", [4, 5, 6, 4, 5, 6, 7, 5]))
    assert enough.is_enough
    assert enough.value == pytest.approx(5.25)
    assert enough.low < 5.25 < enough.high


def test_a_holiday_week_compares_per_working_day() -> None:
    """Two working days of a hundred a week are forty, and no later week is thought small."""
    days = [5.0] * 60
    days[20] = days[40] = 0.0
    counts = [0 if day == 0 else 100 for day in days]
    holiday = forecast(Weekly("a", counts, [*days, 2.0]))
    assert not holiday.model.startswith("plain")
    assert holiday.value == pytest.approx(40, abs=2)
    assert forecast(Weekly("b", counts, [*days, 5.0])).value == pytest.approx(100, abs=3)


def test_a_calendar_that_nobody_keeps_is_not_followed() -> None:
    rng = np.random.default_rng(SEED)
    days = [5.0, 5.0, 2.0, 5.0] * 20 + [2.0]
    found = forecast(Weekly("a", rng.poisson(50, 80).tolist(), days))
    assert found.model.startswith("plain_")
    assert found.value == pytest.approx(50, abs=6)


def test_quiet_and_silent_series() -> None:
    assert forecast(steady("silent", [0] * 60)).high == 0
    found = forecast(steady("quiet", [0, 0, 1, 0, 0, 0, 0, 1, 0, 0] * 6))
    assert 0 <= found.low <= found.value <= found.high + 1


def test_weeks_and_their_days_belong_together() -> None:
    with pytest.raises(ValueError, match="2 weeks need 3 numbers of working days"):
        Weekly("odd", [1, 2], [5.0, 5.0])


@pytest.mark.parametrize("size", [4, 1000])
def test_spikes_are_few_where_nothing_happens(size: int) -> None:
    """Of 200 quiet weeks of 30 series, as many as q allows call one: over-dispersed or not."""
    rng = np.random.default_rng(SEED)
    false_alarms = 0
    for _week in range(200):
        drawn = rng.negative_binomial(size, size / (size + 8), size=(30, 27)).tolist()
        found = spikes([steady(str(number), counts) for number, counts in enumerate(drawn)])
        false_alarms += any(spike.is_spike for spike in found)
    assert false_alarms <= 0.08 * 200


def test_what_stands_out_is_called() -> None:
    rng = np.random.default_rng(SEED)
    quiet = [steady(f"quiet-{n}", rng.poisson(8, 27).tolist()) for n in range(20)]
    loud = steady("loud", [*rng.poisson(8, 26).tolist(), 30])
    found = {spike.key: spike for spike in spikes([*quiet, loud])}
    assert [key for key, spike in found.items() if spike.is_spike] == ["loud"]
    assert found["loud"].expected == pytest.approx(8, abs=2)
    # The same thirty are no news where weeks swing so much, nor without a history.
    swinging = steady("loud", [2, 30, 1, 28, 3, 31] * 4 + [2, 29, 30])
    assert not spikes([*quiet, swinging])[-1].is_spike
    short = spikes([steady("loud", [2, 3, 1, 2, 30])])[0]
    assert (short.is_spike, short.expected) == (False, None)
    assert not spikes([steady("two", [0] * 26 + [2])])[0].is_spike
    assert spikes([steady("three", [0] * 26 + [3])])[0].is_spike


def test_trends_point_up_when_they_do() -> None:
    up = trend(steady("up", [5] * 8 + [9] * 8))
    assert up is not None
    assert (up.points_up, up.count, up.before) == (True, 72, 40)
    assert up.ratio == pytest.approx(1.8)
    flat = trend(steady("flat", [5, 7, 6, 5] * 4))
    assert flat is not None
    assert not flat.points_up
    outage = trend(steady("outage", [5] * 15 + [40]))
    assert outage is not None
    assert not outage.points_up  # one week is no trend
    assert trend(steady("short", [5] * 15)) is None
    # Half the working days, as many tickets: twice the rate.
    days = [5.0] * 8 + [2.5] * 8 + [5.0]
    busy = trend(Weekly("busy", [10] * 16, days))
    assert busy is not None
    assert busy.points_up
    assert busy.ratio == pytest.approx(2.0)


def test_it_reckons_in_a_process_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same findings from outside, and not a library of it in the process that asks."""
    series = [steady("a", [3, 4, 5, 6] * 5), steady("b", [1, 2, 3])]
    assert reckon_apart(series) == reckon(series)
    code = "import sys, reports.policies.ahead.reckoning as r; from reports.policies.ahead.series"
    code += " import Weekly; r.reckon_apart([Weekly('a', [1] * 9, [5.0] * 10)]);"
    code += " print(sorted({'numpy', 'scipy', 'statsmodels', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ReckoningFailed, match="exit code 1"):
        reckon_apart(series)
