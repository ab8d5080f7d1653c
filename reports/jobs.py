"""Work a page asks for and a worker does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from reports.actions import make_snapshot
from reports.policies.weeks import Week


def make_snapshot_of_week(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Compute the report of `payload["week"]` unless it is there already."""
    make_snapshot(Week.named(payload["week"]), now)
