"""No more messages a minute to one address than its provider takes.

Counted in Redis by whole minutes. With Redis away nothing is counted: then no worker runs either,
and the provider's own refusal is kept and tried again.
"""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache

from core.channels.errors import TooFast


def keep_pace(address_id: int, per_minute: int, now: dt.datetime) -> None:
    """Count one message to this address. Raises `TooFast` when the minute is full."""
    minute = int(now.timestamp() // 60)
    key = f"core.channels.pace:{address_id}:{minute}"
    cache.add(key, 0, 120)
    try:
        sent = cache.incr(key)
    except ValueError:  # expired between the two
        return
    if sent > per_minute:
        raise TooFast(60 - int(now.timestamp()) % 60)
