"""Where tickets wait and between which levels they move."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from reports.choices import STEP_PREFIX
from reports.models import LiveRow
from reports.policies.clocks import Clocks
from reports.policies.explore.asking import Asked
from reports.policies.explore.live import CLOCK_EPOCH
from reports.policies.explore.reading import Sums, by_value, read_sums, standing_rows
from reports.policies.explore.times import read_times

if TYPE_CHECKING:
    from reports.access import ReportScope


@dataclass
class Wait:
    """One step: working seconds of visits that ended in the period, and of those that go on."""

    step: str
    ended: int = 0
    going_on: int = 0
    n: int = 0
    queue: int = 0
    median: float | None = None
    ninth: float | None = None

    @property
    def total(self) -> int:
        return self.ended + self.going_on

    @property
    def parts(self) -> tuple[str, int, str, str]:
        """Status, level, holder and team of the step's name."""
        rest, holder, team = self.step.removeprefix(STEP_PREFIX).rsplit("_", 2)
        status, level = rest.rsplit("_", 1)
        return status, int(level), holder, team

    @property
    def by_requester(self) -> bool:
        return self.parts[2] == "requester"


def read_waits(asked: Asked, scope: ReportScope) -> list[Wait]:
    """Every step, the longest total first (domain.md: total working time ranks)."""
    ended = read_times(asked, scope, "waited", split="step")
    waits = {
        step: Wait(step, found.total, 0, found.rows, 0, found.median, found.ninth)
        for (_start, step), found in ended.items()
    }
    clocks = Clocks()
    going_on = standing_rows(asked, scope, "waiting").order_by().values_list("step", "team_id")
    for step, team_id, queue, readings in going_on.annotate(n=Count("id"), total=Sum("seconds")):
        wait = waits.setdefault(step, Wait(step))
        # Each began when the clock stood at its reading: so many times now, less the readings.
        wait.going_on += queue * clocks.working(team_id, CLOCK_EPOCH, asked.now) - readings
        wait.queue += queue
    return sorted(waits.values(), key=lambda wait: (-wait.total, wait.step))


def read_moves(asked: Asked, scope: ReportScope) -> dict[tuple[int, int], Sums]:
    """Moves per pair of levels (0: outside), with how many nobody sent back."""
    found = read_sums(asked, scope, ["routed_first_time"], split="step")
    return moves_of(by_value(found, "routed_first_time"))


def moves_of(sums: Mapping[str, Sums]) -> dict[tuple[int, int], Sums]:
    """By the pair of levels, of sums by the name of the step."""
    pairs: dict[tuple[int, int], Sums] = defaultdict(Sums)
    for step, each in sums.items():
        source, target = step.split(">")
        pairs[int(source), int(target)] = each
    return pairs


def waited_so_far(rows: Sequence[LiveRow], now: dt.datetime) -> dict[int, int]:
    """Working seconds each visit that goes on has lasted, by the row's key."""
    going_on = [row for row in rows if row.figure == "waiting"]
    if not going_on:
        return {}
    clocks = Clocks()
    return {
        row.pk: clocks.working(row.team_id, CLOCK_EPOCH, now) - (row.seconds or 0)
        for row in going_on
    }
