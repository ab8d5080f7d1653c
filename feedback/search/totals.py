"""What the groups of the table sum up to: how many, effort, score, people, people waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from feedback.search.listing import ReadDemands
from feedback.search.measures import people_by
from feedback.search.orders import quarter_of, rank_of_status, ranked

#: What a group's key is counted by where the order makes it up.
_COUNTED_BY = {"status_rank": "status"}


@dataclass(frozen=True)
class Totals:
    """The sums of a group, or of the whole list."""

    count: int = 0
    effort: Decimal = Decimal(0)
    score: Decimal = Decimal(0)
    people: int = 0
    waiting: int = 0

    def plus(self, other: Totals) -> Totals:
        return Totals(
            self.count + other.count, self.effort + other.effort, self.score + other.score,
            self.people + other.people, self.waiting + other.waiting,
        )  # fmt: skip


def totals_of(read: ReadDemands, *, people: bool = True) -> dict[tuple[Any, ...], Totals]:
    """By the keys of each group; the whole list under `()`. Three queries, however many.

    Without `people` it is one, and a third of the time: who waits is counted behind the page.
    """
    keys = read.order.paths[: read.order.grouped]
    paths = tuple(_COUNTED_BY.get(path, path) for path in keys)
    demands = read.demands()
    counted = ranked(demands, ("quarter",)) if "quarter" in paths else demands
    sums = (Count("pk"), Sum("effort"), Sum("score"))
    if paths:
        rows = counted.order_by().values_list(*paths).annotate(*sums)
    else:
        rows = [tuple(counted.order_by().aggregate(*sums).values())]  # type: ignore[assignment]
    counted_people = _people_by_group(read, paths) if people else {}
    found: dict[tuple[Any, ...], Totals] = {}
    whole = Totals()
    for *group, count, effort, score in rows:
        raw = tuple(group) if paths else ()
        owed, waits = counted_people.get(raw, (0, 0))
        totals = Totals(count, effort or Decimal(0), score or Decimal(0), owed, waits)
        whole = whole.plus(totals)
        if paths:
            found[_as_keys(keys, raw)] = totals
    return {**found, (): whole}


def _people_by_group(
    read: ReadDemands, paths: tuple[str, ...]
) -> Mapping[tuple[Any, ...], tuple[int, int] | list[int]]:
    if paths == ("quarter",):
        return _people_by_quarter(read)
    return people_by(read.demands(), paths)


def _people_by_quarter(read: ReadDemands) -> dict[tuple[Any, ...], list[int]]:
    """A quarter is made up from the date, which is what the people are counted by."""
    from_days = people_by(read.demands(), ("planned_on",))
    found: dict[tuple[Any, ...], list[int]] = {}
    for (day,), (people, waiting) in from_days.items():
        sums = found.setdefault((quarter_of(day) if day else None,), [0, 0])
        sums[0] += people
        sums[1] += waiting
    return found


def _as_keys(keys: tuple[str, ...], group: tuple[Any, ...]) -> tuple[Any, ...]:
    if keys == ("status_rank",):
        return (rank_of_status(group[0]),)
    return group
