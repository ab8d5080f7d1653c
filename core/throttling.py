"""Counting what one source may do in a while; for places that ask nobody to sign in.

Counted in Redis. With Redis away nothing is counted: what stands behind is guarded by a secret
of its own, and the count only keeps guessing and hammering cheap to answer.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from core.errors import Problem, Refused


class TooMany(Refused):
    """Too often in a short while."""

    code = "too_many"
    status = 429
    title = _("That was too often.")


def count_one(what: str, source: str, *, limit: int, seconds: int) -> None:
    """Count one `what` of `source`. Raises `TooMany` past `limit` within `seconds`."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:32]
    key = f"core.throttling:{what}:{digest}"
    cache.add(key, 0, seconds)
    try:
        times = cache.incr(key)
    except ValueError:  # ran out between the two
        return
    if times > limit:
        raise TooMany(Problem("", _("You tried this many times."), _("Wait a while, then try on.")))
