"""The timeline leaves no second out: spans partition the way, and their sums are the clock's."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from core.worktime import DayKind, WorkCalendar, working_time
from tickets.sla.reckoning import run_out
from tickets.sla.stops import StatusChange, stops
from tickets.sla.timeline import SpanKind, elapsed, timeline

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = WorkCalendar()
_FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)

calendars = st.builds(
    WorkCalendar,
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
    hours=st.sampled_from([
        OFFICE.hours, ((dt.time(8), dt.time(16, 45)),),
        ((dt.time(0), dt.time(2, 30)), (dt.time(3), dt.time(6)), (dt.time(22), dt.time(0))),
    ]),
    weekdays=st.frozensets(st.integers(1, 7)),
    overrides=st.dictionaries(
        st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31)), st.booleans(), max_size=5
    ),
    public_holidays=st.booleans(),
)  # fmt: skip
#: Microseconds too: a ticket's times have them, and no sum may lose one.
steps = st.lists(
    st.tuples(
        st.timedeltas(dt.timedelta(0), dt.timedelta(days=20)),
        st.sampled_from(["open", "pending", "on_hold", "resolved", "closed"]),
    ),
    max_size=6,
)
starts = st.timedeltas(dt.timedelta(0), dt.timedelta(days=600)).map(lambda after: _FIRST + after)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@settings(max_examples=120, deadline=None)
@given(
    calendar=calendars,
    start=starts,
    moves=steps,
    rest=st.timedeltas(dt.timedelta(0), dt.timedelta(days=30)),
)
def test_spans_partition_the_way_and_add_up(
    calendar: WorkCalendar, start: dt.datetime, moves: list[tuple[dt.timedelta, str]],
    rest: dt.timedelta,
) -> None:  # fmt: skip
    changes, moment = [], start
    for after, status in moves:
        moment += after
        changes.append(StatusChange(moment, status))
    end, stood = moment + rest, stops(changes)
    line = timeline(calendar, start, end, stood)
    if start == end:
        assert line.spans == ()
        return
    assert (line.spans[0].start, line.spans[-1].end) == (start, end)
    assert all(before.end == after.start for before, after in pairwise(line.spans))
    assert all(span.start < span.end for span in line.spans)
    assert line.length == end - start
    assert line.counted == elapsed(calendar, start, end, stood)
    # Each span says of itself what the calendar says of it.
    for span in line.spans:
        works = dt.timedelta() if span.stop else working_time(calendar, span.start, span.end)
        assert span.counted == works
        assert (span.kind == SpanKind.RUNNING) == (span.counted > dt.timedelta())
    folded = line.folded(3)
    assert len(folded.spans) <= 3
    assert (folded.counted, folded.length) == (line.counted, line.length)


@settings(max_examples=80, deadline=None)
@given(
    calendar=calendars.filter(lambda c: bool(c.weekdays)),
    start=starts,
    moves=steps,
    seconds=st.integers(1, 60 * 3600),
)
def test_a_target_is_used_up_exactly_when_it_falls_due(
    calendar: WorkCalendar, start: dt.datetime, moves: list[tuple[dt.timedelta, str]], seconds: int
) -> None:  # fmt: skip
    changes, moment = [], start
    for after, status in [*moves, (dt.timedelta(hours=1), "open")]:
        moment += after
        changes.append(StatusChange(moment, status))
    stood = stops(changes)
    due = run_out(calendar, start, dt.timedelta(seconds=seconds), stood)
    assert elapsed(calendar, start, due, stood).total_seconds() == seconds
    assert timeline(calendar, start, due, stood).counted.total_seconds() == seconds


def test_by_hand_over_a_make_up_day_and_spring_festival() -> None:
    """Sat 2026-02-14 17:00 (make-up day) + 4 h = Tue 2026-02-24 12:00 (domain.md)."""
    line = timeline(OFFICE, at("2026-02-14 17:00"), at("2026-02-24 12:00"), ())
    assert line.counted == dt.timedelta(hours=4)
    assert [(span.kind, span.day) for span in line.spans] == [
        (SpanKind.RUNNING, DayKind.MAKE_UP),
        (SpanKind.CLOSED, DayKind.MAKE_UP),
        (SpanKind.WEEKEND, DayKind.WEEKEND),
        (SpanKind.HOLIDAY, DayKind.HOLIDAY),
        (SpanKind.WEEKEND, DayKind.WEEKEND),
        (SpanKind.HOLIDAY, DayKind.HOLIDAY),
        (SpanKind.CLOSED, DayKind.WORKING),
        (SpanKind.RUNNING, DayKind.WORKING),
    ]


def test_waiting_after_a_breach_does_not_undo_it() -> None:
    late = stops([
        StatusChange(at("2026-11-17 10:00"), "pending"),
        StatusChange(at("2026-11-18 10:00"), "open"),
    ])  # fmt: skip
    hour = dt.timedelta(hours=1)
    assert run_out(OFFICE, at("2026-11-16 10:00"), hour, late) == at("2026-11-16 11:00")
    assert run_out(OFFICE, at("2026-11-16 10:00"), 9 * hour, late) == at("2026-11-18 11:00")


def test_a_reopened_ticket_goes_on_where_it_stopped() -> None:
    stood = stops([
        StatusChange(at("2026-11-16 11:00"), "resolved"),
        StatusChange(at("2026-11-16 12:00"), "closed"),
        StatusChange(at("2026-11-23 09:00"), "open"),
    ])  # fmt: skip
    assert run_out(OFFICE, at("2026-11-16 10:00"), dt.timedelta(hours=3), stood) == at(
        "2026-11-23 11:00"
    )
