"""Durations counted in bands of time: sums of them give exact percentiles with few rows read.

A histogram is one number of eight digits a band, the lowest band last, so that histograms add up
as numbers do: by `sum` in SQL, by the difference in an increment. It says in which band the wanted
places lie and how many lie below; only the rows of those bands are then read.

Half and whole hours, at which durations pile up because shifts begin and end there, are bands of
their own: what lies in them is known without reading a row.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from math import ceil, floor
from typing import NamedTuple

_HOUR = 3600
_DIGITS = 8
#: Bands an octave, from a minute on; a year of working time is about the last.
_PER_OCTAVE, _OCTAVES = 10, 17
_EIGHT = re.compile(f".{{{_DIGITS}}}")
_WHOLE = (
    *range(_HOUR // 2, 9 * _HOUR, _HOUR // 2),
    *range(9 * _HOUR, 25 * _HOUR, _HOUR),
    *range(28 * _HOUR, 81 * _HOUR, 4 * _HOUR),
)


def _edges() -> tuple[int, ...]:
    steps = (60 * 2 ** (step / _PER_OCTAVE) for step in range(_PER_OCTAVE * _OCTAVES + 1))
    alone = (edge for second in (0, *_WHOLE) for edge in (second, second + 1))
    return tuple(sorted({*map(round, steps), *alone}))


#: The first second of each band but the lowest, which holds what is below 0.
EDGES = _edges()


def band_of(seconds: int) -> int:
    return bisect_right(EDGES, seconds)


@cache
def histogram_of(band: int) -> int:
    """The histogram of one duration in this band."""
    return int(10 ** (_DIGITS * band))


def only_second_of(band: int) -> int | None:
    """The one duration that lies in the band; None where several do."""
    if 0 < band < len(EDGES) and EDGES[band] - EDGES[band - 1] == 1:
        return EDGES[band - 1]
    return None


class Place(NamedTuple):
    """A duration by its place in order: the one after `before` others of its band."""

    band: int
    before: int


class Histogram:
    """How many durations lie in each band."""

    def __init__(self, number: int) -> None:
        digits = str(number)
        counts = list(map(int, _EIGHT.findall(digits.zfill(-(-len(digits) // _DIGITS) * _DIGITS))))
        self._below = list(accumulate(reversed(counts), initial=0))

    @property
    def total(self) -> int:
        return self._below[-1]

    def place_of(self, number: int) -> Place:
        """Of the duration with `number` others below it in order."""
        band = bisect_right(self._below, number) - 1
        return Place(band, number - self._below[band])

    def places_of(self, share: float) -> tuple[Place, Place]:
        """The two durations a percentile lies between, as `core.worktime.percentile` has it."""
        place = share * (self.total - 1)
        return self.place_of(floor(place)), self.place_of(ceil(place))


def between(share: float, total: int, low: int, high: int) -> float:
    """The percentile between its two durations; the same arithmetic as `percentile_cont`."""
    place = share * (total - 1)
    return low + (place - floor(place)) * (high - low)


def histograms_of_bands() -> list[int]:
    """The histogram of one duration in each band, in the order of the bands."""
    return [histogram_of(band) for band in range(len(EDGES) + 1)]
