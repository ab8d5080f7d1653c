"""Which parts of a video somebody watched: pure arithmetic over stretches of seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, Problem

#: From and to, in seconds of the video; never overlapping, in order.
Stretch = tuple[float, float]

#: A video counts as watched from this share of its seconds on.
ENOUGH = 0.9
#: Players play at up to twice the speed.
FASTEST = 2.0
#: Seconds a report may run ahead of the clock: a slow network, two clocks.
LEEWAY = 60
#: Stretches kept per person and video.
KEPT = 200
#: Stretches nearer than this are one: players report in jumps of a quarter of a second.
_NEAR = 1.0


def joined(stretches: Iterable[Sequence[float]], length: float) -> list[Stretch]:
    """The same parts without overlap, in order, within a video of `length` seconds."""
    found: list[Stretch] = []
    for start, stop in sorted((float(a), float(b)) for a, b in stretches):
        start, stop = max(start, 0.0), min(stop, length)
        if stop <= start:
            continue
        if found and start - found[-1][1] <= _NEAR:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    # Whoever jumps that often loses the shortest parts; nobody gains what they did not watch.
    while len(found) > KEPT:
        found.remove(min(found, key=lambda part: part[1] - part[0]))
    return found


def seconds_in(stretches: Iterable[Sequence[float]]) -> float:
    """How many different seconds they are together (of joined stretches)."""
    return sum(stop - start for start, stop in stretches)


def is_watched(seconds: float, length: float) -> bool:
    """Whether this much of a video of `length` seconds counts as watched."""
    return length > 0 and seconds >= ENOUGH * length


def checked_report(sent: object) -> list[Stretch]:
    """Stretches as a player reports them. Raises BadInput for anything else."""
    if not isinstance(sent, list) or len(sent) > KEPT:
        raise _bad(sent)
    found = []
    for part in sent:
        if not isinstance(part, list | tuple) or len(part) != 2:
            raise _bad(part)
        if not all(
            isinstance(place, int | float) and not isinstance(place, bool) and 0 <= place < 1e6
            for place in part
        ):
            raise _bad(part)
        found.append((float(part[0]), float(part[1])))
    return found


def require_possible(
    known: Sequence[Stretch], after: Sequence[Stretch], since: dt.datetime, now: dt.datetime
) -> None:
    """Refuse more seconds than can have been watched since the page was opened.

    `since`: when the first report of this person and video came, or the page was opened.
    """
    most = (now - since).total_seconds() * FASTEST + LEEWAY
    if seconds_in(after) > most and seconds_in(after) > seconds_in(known):
        raise BadInput(
            Problem(
                "parts", _("More was reported than can have been watched by now."),
                _("Play the video; what you watch is counted while it plays."),
                str(round(seconds_in(after))),
            )
        )  # fmt: skip


def _bad(value: object) -> BadInput:
    return BadInput(
        Problem(
            "parts", _("This is no list of watched parts."),
            _("Send pairs of seconds, such as [[0, 12.5]]."), str(value)[:80],
        )
    )  # fmt: skip
