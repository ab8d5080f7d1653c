"""How the clock of a ticket ran: the whole way as spans that leave no second out.

The spans of a timeline follow one another from the submission to the end (the resolution, or now)
without gap or overlap. Their counted time adds up to the elapsed working time exactly, as `due`
reckons it; no number is rounded before it is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from core.worktime import DayKind, WorkCalendar, working_time
from tickets.sla.stops import Stop


class SpanKind(StrEnum):
    """Why a span counts or does not."""

    RUNNING = "running"
    #: Waiting for the requester, or resolved until it was reopened.
    PAUSED = "paused"
    #: Before, between and after the working hours of a working day.
    CLOSED = "closed"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    #: A day the calendar itself leaves out.
    LOCAL_OFF = "local_off"
    #: Spans of the beginning that a long timeline sums up.
    EARLIER = "earlier"


_OFF_DAYS = {
    DayKind.WEEKEND: SpanKind.WEEKEND,
    DayKind.HOLIDAY: SpanKind.HOLIDAY,
    DayKind.LOCAL_OFF: SpanKind.LOCAL_OFF,
}


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a timeline. `counted` is the part of it the clock ran: all of it or nothing,
    but for a sum of earlier spans. `day`: what kind of day a running or free span lies on."""

    start: dt.datetime
    end: dt.datetime
    kind: SpanKind
    counted: dt.timedelta
    day: DayKind = DayKind.WORKING
    stop: Stop | None = None

    @property
    def length(self) -> dt.timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class Timeline:
    """Spans from `start` to `end` with their sums."""

    spans: tuple[Span, ...]

    @property
    def counted(self) -> dt.timedelta:
        return sum((span.counted for span in self.spans), dt.timedelta())

    @property
    def length(self) -> dt.timedelta:
        return sum((span.length for span in self.spans), dt.timedelta())

    def sums(self) -> dict[SpanKind, dt.timedelta]:
        """Wall-clock time by kind."""
        found: dict[SpanKind, dt.timedelta] = {}
        for span in self.spans:
            found[span.kind] = found.get(span.kind, dt.timedelta()) + span.length
        return found

    def folded(self, most: int) -> Timeline:
        """At most `most` spans: those of the beginning become one that says their sum."""
        if len(self.spans) <= most:
            return self
        first, rest = self.spans[: -(most - 1)], self.spans[-(most - 1) :]
        counted = sum((span.counted for span in first), dt.timedelta())
        return Timeline((Span(first[0].start, first[-1].end, SpanKind.EARLIER, counted), *rest))


def timeline(
    calendar: WorkCalendar, start: dt.datetime, end: dt.datetime, stops: Sequence[Stop]
) -> Timeline:
    """Every second from `start` to `end`: running, paused, or outside working time and why."""
    start, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    spans: list[Span] = []
    at = start
    for stop in _within(stops, start, end):
        spans += _open(calendar, at, stop.start)
        until = stop.end or end
        if until > stop.start:
            spans.append(Span(stop.start, until, SpanKind.PAUSED, dt.timedelta(), stop=stop))
        at = until
    spans += _open(calendar, at, end)
    return Timeline(tuple(_merged(spans)))


def elapsed(
    calendar: WorkCalendar, start: dt.datetime, end: dt.datetime, stops: Sequence[Stop]
) -> dt.timedelta:
    """Working time the clock ran from `start` to `end`, without the stops."""
    at, total = start, dt.timedelta()
    for stop in _within(stops, start, end):
        total += working_time(calendar, at, stop.start)
        at = stop.end or end
    return total + working_time(calendar, at, end)


def _within(stops: Iterable[Stop], start: dt.datetime, end: dt.datetime) -> Iterator[Stop]:
    """The stops cut to the interval."""
    for stop in stops:
        begins = max(stop.start.astimezone(dt.UTC), start)
        ends = end if stop.end is None else min(stop.end.astimezone(dt.UTC), end)
        if begins < ends:
            yield replace(stop, start=begins, end=ends)


def _open(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> Iterator[Span]:
    """A stretch without stop, cut at midnights and at the edges of working hours."""
    day = calendar.day_of(start) if start < end else None
    at = start
    while day is not None and at < end:
        kind = calendar.kind_of(day)
        free = _OFF_DAYS.get(kind, SpanKind.CLOSED)
        midnight = min(calendar.start_of(day + dt.timedelta(days=1)), end)
        for opens, closes in calendar.spans_of(day):
            begins, ends = max(opens, at), min(closes, end)
            if begins >= ends:
                continue
            if at < begins:
                yield Span(at, begins, free, dt.timedelta(), kind)
            yield Span(begins, ends, SpanKind.RUNNING, ends - begins, kind)
            at = ends
        if at < midnight:
            yield Span(at, midnight, free, dt.timedelta(), kind)
            at = midnight
        day += dt.timedelta(days=1)


def _merged(spans: Sequence[Span]) -> Iterator[Span]:
    """Neighbours of one kind as one span; free evenings go on into the free day after them."""
    if not spans:
        return
    current = spans[0]
    for before, span in pairwise(spans):
        same = span.kind == before.kind and span.stop is None and span.day == current.day
        if same and span.kind != SpanKind.RUNNING:
            current = replace(current, end=span.end)
        else:
            yield current
            current = span
    yield current
