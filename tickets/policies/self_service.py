"""Self-service (自助解决率): who is held out, and what the figures are. Pure arithmetic.

Formulas: domain.md, *Self-service*; intervals by Wilson, and Newcombe's hybrid score method (1998,
method 10) for the difference of two shares.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

#: Of a hundred persons so many are shown no manual pages, so that the others can be compared.
HELD_OUT_OF_HUNDRED = 5
#: Sessions below which no rate is told.
ENOUGH_SESSIONS = 200
#: Sessions below which one side of a comparison says nothing.
ENOUGH_TO_COMPARE = 20
#: Changing it would draw other persons and end the comparison that runs.
_DRAW = "opsdesk self-service 1"
#: The 97.5th percentile of the normal distribution: two-sided 95 %.
_Z = 1.959964


def is_held_out(username: str) -> bool:
    """Whether this person belongs to those who are shown no manual pages; the same every day."""
    drawn = hashlib.sha256(f"{_DRAW}:{username}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % 100 < HELD_OUT_OF_HUNDRED


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, with its 95 % interval; None for no cases."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def percent(self) -> float | None:
        return None if self.value is None else 100 * self.value

    @property
    def percents(self) -> tuple[float, float] | None:
        """The interval in percent."""
        return None if self.interval is None else (100 * self.interval[0], 100 * self.interval[1])

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval."""
        if not self.whole:
            return None
        n, p = self.whole, self.part / self.whole
        middle = p + _Z**2 / (2 * n)
        reach = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
        scale = 1 + _Z**2 / n
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


@dataclass(frozen=True)
class Comparison:
    """How often a ticket followed where pages were shown, and where they were held out."""

    shown: Share
    held_out: Share

    @property
    def is_enough(self) -> bool:
        return min(self.shown.whole, self.held_out.whole) >= ENOUGH_TO_COMPARE

    @property
    def fewer(self) -> float | None:
        """By how many percentage points fewer sessions led to a ticket where pages were shown."""
        if self.shown.value is None or self.held_out.value is None:
            return None
        return 100 * (self.held_out.value - self.shown.value)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of `fewer`."""
        first, second = self.held_out.interval, self.shown.interval
        p, q = self.held_out.value, self.shown.value
        if first is None or second is None or p is None or q is None:
            return None
        below = math.sqrt((p - first[0]) ** 2 + (second[1] - q) ** 2)
        above = math.sqrt((first[1] - p) ** 2 + (q - second[0]) ** 2)
        return 100 * (p - q - below), 100 * (p - q + above)


@dataclass(frozen=True)
class SelfServiceFigures:
    """The sessions of a time. Of those whose seven days are over: `sessions`, of them `said`,
    `undone` (a ticket or "same here" followed) and `counted`. `running` are not over yet.
    """

    sessions: int
    said: int
    undone: int
    counted: int
    running: int
    running_said: int

    @property
    def rate(self) -> Share:
        return Share(self.counted, self.sessions)

    @property
    def is_enough(self) -> bool:
        return self.sessions >= ENOUGH_SESSIONS
