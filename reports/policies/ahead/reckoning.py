"""The arithmetic in a process of its own that ends: series in as JSON, findings out as JSON.

The libraries behind a forecast hold 100 MB once they are imported; a worker must not keep them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reports.policies.ahead.forecasts import Forecast, forecast, read_forecast
from reports.policies.ahead.rates import Spike, Trend, spikes, trend
from reports.policies.ahead.series import Weekly

#: Seconds after which a reckoning is given up; hundreds of series take some minutes. Below
#: the limit of a task, so that the process never outlives it.
TIME_LIMIT = 1500
_ROOT = Path(__file__).resolve().parents[3]


class ReckoningFailed(Exception):
    """The process ended without findings; its last words are in the message."""


@dataclass(frozen=True)
class Findings:
    """One of each for every series, in the order they were handed in."""

    forecasts: list[Forecast]
    spikes: list[Spike]
    trends: list[Trend | None]


def reckon(series: Sequence[Weekly]) -> Findings:
    """Everything about the series, here and now: takes the libraries into this process."""
    return Findings(
        [forecast(weekly) for weekly in series],
        spikes(series),
        [trend(weekly) for weekly in series],
    )


def reckon_apart(series: Sequence[Weekly]) -> Findings:
    """The same in a process that ends.

    Raises ReckoningFailed, with what the process said last.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=json.dumps([asdict(weekly) for weekly in series]),
            capture_output=True, text=True, timeout=TIME_LIMIT, check=False, cwd=_ROOT,
            # One thread: the machine has other things to do.
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ReckoningFailed(f"not done after {TIME_LIMIT} s, {len(series)} series") from error
    if done.returncode:
        raise ReckoningFailed(f"exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    return _read(json.loads(done.stdout))


def _read(found: dict[str, list[Any]]) -> Findings:
    return Findings(
        [read_forecast(values) for values in found["forecasts"]],
        [Spike(**values) for values in found["spikes"]],
        [Trend(**values) if values else None for values in found["trends"]],
    )


def _main() -> None:
    series = [Weekly(**values) for values in json.load(sys.stdin)]
    json.dump(asdict(reckon(series)), sys.stdout)


if __name__ == "__main__":
    _main()
