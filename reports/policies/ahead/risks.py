"""Hidden risk: modules where more comes in, fixed causes come back, and causes grow old.

Each sign alone is everyday; where two point up a module is worth watching, where all three do it
is at risk. The evidence is kept with the finding.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.models import Event
from core.worktime import percentile
from reports.policies.ahead.rates import TREND_WEEKS, Trend
from reports.policies.weeks import Week
from tickets.models import Cause

#: Weeks in which causes that came back are counted, against as many before.
RETURN_WEEKS = 26
#: Days an unfixed cause must be old before its module is said to age.
OLD_DAYS = 28
#: Oldest causes named as evidence.
NAMED = 3
_WATCH, _RISK = 2, 3


@dataclass(frozen=True)
class Risk:
    """`signs`: of "trend", "returns" and "age", those that point up. `returned` and
    `returned_before`: causes that came back. Ages are medians in days of unfixed causes, None
    without any; `oldest` names the oldest of them."""

    signs: list[str] = field(default_factory=list)
    returned: int = 0
    returned_before: int = 0
    unfixed: int = 0
    age: float | None = None
    age_before: float | None = None
    oldest: list[int] = field(default_factory=list)

    @property
    def is_at_risk(self) -> bool:
        return len(self.signs) >= _RISK

    @property
    def is_worth_watching(self) -> bool:
        return len(self.signs) >= _WATCH


def risks_of(trends: Mapping[int, Trend | None], week: Week) -> dict[int, Risk]:
    """Module → what points up there by the end of the week."""
    causes: dict[int, list[Cause]] = defaultdict(list)
    mine = Cause.objects.filter(module__in=list(trends), created_at__lt=week.ends_at)
    for cause in mine.only("module_id", "created_at", "delivered_at"):
        causes[cause.module_id or 0].append(cause)
    returns = _returns(week)
    return {
        module_id: _risk(found, causes[module_id], returns, week)
        for module_id, found in trends.items()
    }


def _returns(week: Week) -> Mapping[int, list[dt.datetime]]:
    """Cause → when it came back, in twice the weeks that are compared."""
    found: dict[int, list[dt.datetime]] = defaultdict(list)
    since = week.ends_at - dt.timedelta(weeks=2 * RETURN_WEEKS)
    events = Event.objects.filter(
        subject=Cause.SUBJECT, occurred_at__gte=since, occurred_at__lt=week.ends_at,
        changes__has_key="reopened_times",
    )  # fmt: skip
    for pk, at, changes in events.values_list("subject_id", "occurred_at", "changes"):
        before, after = changes["reopened_times"]
        if (after or 0) > (before or 0):
            found[pk].append(at)
    return found


def _risk(
    trend: Trend | None,
    causes: Sequence[Cause],
    returns: Mapping[int, list[dt.datetime]],
    week: Week,
) -> Risk:
    middle = week.ends_at - dt.timedelta(weeks=RETURN_WEEKS)
    came_back = [at for cause in causes for at in returns.get(cause.pk, ())]
    late, early = sum(at >= middle for at in came_back), sum(at < middle for at in came_back)
    then = week.ends_at - dt.timedelta(weeks=TREND_WEEKS)
    unfixed, earlier = _unfixed(causes, week.ends_at), _unfixed(causes, then)
    age, age_before = _median_age(unfixed, week.ends_at), _median_age(earlier, then)
    is_old = any(week.ends_at - cause.created_at > dt.timedelta(days=OLD_DAYS) for cause in unfixed)
    signs = [
        sign
        for sign, points_up in (
            ("trend", trend is not None and trend.points_up),
            ("returns", late > early),
            ("age", is_old and age is not None and age > (age_before or 0.0)),
        )
        if points_up
    ]
    oldest = sorted(unfixed, key=lambda cause: (cause.created_at, cause.pk))[:NAMED]
    return Risk(signs, late, early, len(unfixed), age, age_before, [cause.pk for cause in oldest])


def _unfixed(causes: Iterable[Cause], at: dt.datetime) -> list[Cause]:
    """Causes known by then whose fix, if it stands, came later."""
    return [
        cause
        for cause in causes
        if cause.created_at < at and (cause.delivered_at is None or cause.delivered_at >= at)
    ]


def _median_age(causes: Sequence[Cause], at: dt.datetime) -> float | None:
    return percentile([(at - cause.created_at).total_seconds() / 86400 for cause in causes], 0.5)
