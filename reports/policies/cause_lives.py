"""What became of causes: when each was fixed, came back, or was sent back as misjudged."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from core.events import fold
from reports.choices import RECURRENCE_DAYS
from reports.policies.loop_rows import Known
from reports.policies.rows import Row
from reports.policies.weeks import Span
from tickets.choices import CauseState, ReturnReason
from tickets.models import Cause

_MISJUDGED = (ReturnReason.MISJUDGED, ReturnReason.NOT_OUR_MODULE)


@dataclass
class CauseLife:
    """The states of one cause in order, and the fold at the end."""

    changes: list[tuple[dt.datetime, str]]
    final: dict[str, Any]
    #: When somebody decided on what product operations had judged, and whether as misjudged.
    decisions: list[tuple[dt.datetime, bool]] = field(default_factory=list)

    def is_fixed(self, moment: dt.datetime) -> bool:
        at = bisect_right([when for when, _state in self.changes], moment)
        return at > 0 and self.changes[at - 1][1] == CauseState.DELIVERED

    def fixes(self) -> Iterator[tuple[dt.datetime, dt.datetime | None]]:
        """Each fix, and when it came back."""
        for number, (at, state) in enumerate(self.changes):
            if state == CauseState.DELIVERED:
                after = self.changes[number + 1 : number + 2]
                yield at, after[0][0] if after else None


def cause_lives(known: Known) -> dict[int, CauseLife]:
    """Every cause by id, as known; one query."""
    found = known.events(Cause.SUBJECT).order_by("subject_id", "version")
    return {
        pk: _life(list(history)) for pk, history in groupby(found, key=attrgetter("subject_id"))
    }


def _life(history: list[Any]) -> CauseLife:
    life = CauseLife([], fold(Cause, history))
    for event in history:
        _before, after = event.changes.get("state") or ("", "")
        if after:
            life.changes.append((event.occurred_at, after))
        if after == CauseState.DELIVERED:
            life.decisions.append((event.occurred_at, False))
        elif event.data.get("code") in _MISJUDGED:
            life.decisions.append((event.occurred_at, True))
    return life


def recurrence_rows(lives: Mapping[int, CauseLife], period: Span) -> Iterator[Row]:
    """Fixes whose ninety days are over in the period; amount 1 where the cause came back."""
    cohort = period.back(RECURRENCE_DAYS)
    limit = dt.timedelta(days=RECURRENCE_DAYS)
    for pk, life in sorted(lives.items()):
        for fixed, again in life.fixes():
            if cohort.holds(fixed):
                came_back = again is not None and again - fixed <= limit
                yield Row(
                    "recurrence", "cause", pk, fixed, int(came_back), life.final["product_id"],
                    life.final["module_id"], cause_id=pk,
                )  # fmt: skip
