"""The report's clock gives what `core.worktime` gives, which walks day by day."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from core.worktime import WorkCalendar, working_seconds
from reports.events.clock import WorkClock

CALENDARS = (
    WorkCalendar(),
    WorkCalendar(zone="Europe/Rome", public_holidays=False, hours=((dt.time(8), dt.time(16, 30)),)),
    WorkCalendar(overrides={dt.date(2025, 12, 31): False}, weekdays=frozenset({1, 3, 6})),
)
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
MOMENTS = st.timedeltas(dt.timedelta(0), dt.timedelta(days=1090)).map(lambda after: START + after)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CALENDARS), MOMENTS, MOMENTS)
def test_it_agrees_with_the_slow_way(
    calendar: WorkCalendar, start: dt.datetime, end: dt.datetime
) -> None:
    assert WorkClock(calendar).working(start, end) == working_seconds(calendar, start, end)


def test_make_up_days_count() -> None:
    """Friday 17:30 to Sunday 17:30 over a make-up day: eight hours (domain.md)."""
    clock = WorkClock(WorkCalendar())
    start = dt.datetime(2025, 9, 26, 17, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    assert clock.working(start, start + dt.timedelta(days=2)) == 8 * 3600
