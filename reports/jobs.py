"""Work a page asks for and a worker does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from reports.actions import make_snapshot
from reports.policies.periods import period_named


def make_ordered_snapshot(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Compute the report of `payload["period"]` unless it is there already."""
    make_snapshot(period_named(payload["period"]), now)
