"""Jobs of announcements, run from the outbox; each is safe to run twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from docs_portal import actions


def tell_announcement(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Tell everybody of the audience who was not told yet."""
    actions.tell_audience(payload["announcement_id"], now=now)
