"""Rules of signing in."""

from __future__ import annotations

import datetime as dt
import hashlib

from accounts.models import SignInFailure

#: Failures that cost nothing: a caps-lock key, last month's password.
FREE_FAILURES = 5
#: Wait after the first failure beyond those; it doubles with each further one.
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=15)
#: A count without a new failure for this long starts again.
FORGET_AFTER = dt.timedelta(hours=1)


def failure_key(username: str, address: str) -> str:
    """What failures are counted by: the user name, whatever its case, from one address."""
    text = f"{username.strip().casefold()}\x00{address}"
    return hashlib.sha256(text.encode()).hexdigest()


def wait_left(failure: SignInFailure | None, now: dt.datetime) -> dt.timedelta:
    """How long this name must wait before it may try again from this address."""
    if failure is None or failure.failures < FREE_FAILURES:
        return dt.timedelta(0)
    if now - failure.last_at >= FORGET_AFTER:
        return dt.timedelta(0)
    doublings = min(failure.failures - FREE_FAILURES, 10)
    until = failure.last_at + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return max(until - now, dt.timedelta(0))
