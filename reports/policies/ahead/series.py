"""A weekly series as it is handed to the arithmetic: counts, and the working days they fell on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Working days of an ordinary week: forecasts are reckoned as if every week had as many.
USUAL_DAYS = 5.0
#: Weeks below which nothing is forecast and nothing stands out: not enough history.
LEAST_WEEKS = 8
#: Weeks that are looked ahead.
HORIZON = 4


@dataclass(frozen=True)
class Weekly:
    """Tickets per week, oldest first.

    `days` are the working days of these weeks and, last, of the coming one: holiday weeks compare
    per working day. A week without a single working day counts as half a day, for some write even
    then. `later` are the working days of the weeks after the coming one, as far as is looked.
    """

    key: str
    counts: Sequence[int]
    days: Sequence[float]
    later: Sequence[float] = ()

    def __post_init__(self) -> None:
        if len(self.days) != len(self.counts) + 1:
            raise ValueError(
                f"{self.key}: {len(self.counts)} weeks need {len(self.counts) + 1} numbers of"
                f" working days, the coming week's last; there are {len(self.days)}"
            )

    @property
    def weights(self) -> list[float]:
        """What each week is of an ordinary one; the coming week's last."""
        return [_weight(days) for days in self.days]

    def weights_until(self, ahead: int) -> list[float]:
        """Those up to the week that many weeks ahead; 1 is the coming one."""
        return [*self.weights, *map(_weight, self.later[: ahead - 1])]


def _weight(days: float) -> float:
    return max(days, 0.5) / USUAL_DAYS
