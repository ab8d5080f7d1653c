"""Working time: the hand-worked cases of the domain, and laws that hold for any calendar."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.worktime import (
    DayKind,
    NoWorkingTime,
    WorkCalendar,
    add_working,
    add_working_days,
    day_start,
    is_provisional,
    iso_week,
    percentile,
    week_of,
    working_seconds,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = WorkCalendar()
HOUR = 3600
NIGHTS = ((dt.time(0), dt.time(2, 30)), (dt.time(3), dt.time(6)), (dt.time(22), dt.time(23, 59)))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2025-09-26 17:30", 8, "2025-09-28 17:30"),  # Sunday is a make-up day
        ("2026-02-14 17:00", 4, "2026-02-24 12:00"),  # make-up Saturday, then Spring Festival
        ("2025-09-26 10:00", 1, "2025-09-26 11:00"),
        ("2025-09-26 11:30", 1, "2025-09-26 13:30"),  # over lunch
        ("2025-09-26 12:15", 0, "2025-09-26 13:00"),
        ("2025-09-26 20:00", 1, "2025-09-28 10:00"),
        ("2025-09-30 17:00", 2, "2025-10-09 10:00"),  # National Day and Mid-Autumn
        ("2024-02-28 17:00", 2, "2024-02-29 10:00"),  # leap day
    ],
)
def test_hand_worked(start: str, hours: int, due: str) -> None:
    reached = add_working(OFFICE, at(start), hours * HOUR)
    assert reached == at(due)
    assert working_seconds(OFFICE, at(start), at(due)) == hours * HOUR


def test_holidays_and_make_up_days() -> None:
    assert not OFFICE.is_working_day(dt.date(2026, 2, 17))  # Spring Festival, a Tuesday
    assert OFFICE.is_working_day(dt.date(2026, 2, 14))  # make-up Saturday
    assert not OFFICE.is_working_day(dt.date(2026, 2, 7))  # a common Saturday
    local = WorkCalendar(overrides={dt.date(2026, 2, 14): False, dt.date(2026, 2, 17): True})
    assert not local.is_working_day(dt.date(2026, 2, 14))
    assert local.is_working_day(dt.date(2026, 2, 17))
    assert add_working_days(OFFICE, dt.date(2026, 2, 13), 2) == dt.date(2026, 2, 24)


def test_the_week_of_the_calendar_counts_where_no_holiday_says_otherwise() -> None:
    six_days = WorkCalendar(weekdays=frozenset({1, 2, 3, 4, 5, 6}))
    assert six_days.is_working_day(dt.date(2026, 2, 7))  # a common Saturday
    assert not six_days.is_working_day(dt.date(2026, 5, 2))  # Labour Day on a Saturday
    assert not six_days.is_working_day(dt.date(2026, 2, 8))
    kinds = [OFFICE.kind_of(dt.date(2026, 2, day)) for day in (13, 14, 15, 16)]
    assert kinds == [DayKind.WORKING, DayKind.MAKE_UP, DayKind.WEEKEND, DayKind.HOLIDAY]


def test_a_span_may_end_at_midnight() -> None:
    late = WorkCalendar(hours=((dt.time(18), dt.time(0)),), public_holidays=False)
    assert add_working(late, at("2026-11-16 17:00"), 7 * HOUR) == at("2026-11-17 19:00")
    assert working_seconds(late, at("2026-11-16 23:00"), at("2026-11-17 18:30")) == HOUR * 3 // 2


def test_a_year_entered_by_hand_is_no_longer_provisional() -> None:
    start, end = at("2035-01-01 10:00"), at("2035-01-04 10:00")
    by_hand = WorkCalendar(local_years=frozenset({2035}), overrides={dt.date(2035, 1, 2): False})
    assert is_provisional(OFFICE, start, end)
    assert not is_provisional(by_hand, start, end)
    assert working_seconds(by_hand, start, end) == working_seconds(OFFICE, start, end) - 8 * HOUR


def test_years_without_published_holidays_are_provisional() -> None:
    assert not is_provisional(OFFICE, at("2026-03-02 10:00"), at("2026-03-03 10:00"))
    assert is_provisional(OFFICE, at("2026-12-31 10:00"), at("2035-01-04 10:00"))
    assert not is_provisional(
        WorkCalendar(public_holidays=False), at("2035-01-01 10:00"), at("2035-01-04 10:00")
    )
    assert add_working(OFFICE, at("2035-05-01 10:00"), HOUR) == at("2035-05-01 11:00")


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-08", 3), ("2026-11-01", 5), ("2026-06-15", 4)],  # spring forward, fall back, usual
)
def test_daylight_saving(day: str, hours: int) -> None:
    """From midnight to 4 at night, an hour is missing in spring and comes twice in autumn."""
    new_york = ZoneInfo("America/New_York")
    shift = WorkCalendar(
        zone="America/New_York", hours=((dt.time(0), dt.time(4)),),
        weekdays=frozenset(range(1, 8)), public_holidays=False,
    )  # fmt: skip
    start = day_start(dt.date.fromisoformat(day), "America/New_York")
    end = start + dt.timedelta(hours=12)
    assert working_seconds(shift, start, end) == hours * HOUR
    assert add_working(shift, start, hours * HOUR) == at(f"{day} 04:00", new_york)
    # Over many days the cached sums know it too.
    before = at(f"{day} 00:00", new_york) - dt.timedelta(days=40)
    after = at(f"{day} 00:00", new_york) + dt.timedelta(days=40)
    assert working_seconds(shift, before, after) == (79 * 4 + hours) * HOUR


def test_the_repeated_hour_counts_once_each() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    shift = WorkCalendar(
        zone="Europe/Berlin", hours=((dt.time(0), dt.time(4)),),
        weekdays=frozenset(range(1, 8)), public_holidays=False,
    )  # fmt: skip
    first = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
    second = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    assert working_seconds(shift, first, second) == HOUR


def walked(calendar: WorkCalendar, start: dt.datetime, end: dt.datetime) -> int:
    """The definition: every span of every day, in UTC."""
    total = dt.timedelta()
    day = calendar.day_of(start)
    while day <= calendar.day_of(end):
        for opens, closes in calendar.spans_of(day):
            part = min(closes.astimezone(dt.UTC), end) - max(opens.astimezone(dt.UTC), start)
            total += max(part, dt.timedelta())
        day += dt.timedelta(days=1)
    return int(total.total_seconds())


calendars = st.builds(
    WorkCalendar,
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    hours=st.sampled_from([OFFICE.hours, ((dt.time(8), dt.time(16, 45)),), NIGHTS]),
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    overrides=st.dictionaries(
        st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)), st.booleans(), max_size=4
    ),
    public_holidays=st.booleans(),
)
moments = st.datetimes(
    timezones=st.just(dt.UTC),
    min_value=dt.datetime(2024, 1, 1),  # noqa: DTZ001  (the strategy adds the zone)
    max_value=dt.datetime(2027, 12, 31),  # noqa: DTZ001
).map(lambda moment: moment.replace(microsecond=0))


@settings(max_examples=60, deadline=None)
@given(calendar=calendars, start=moments, end=moments)
def test_the_quick_sum_equals_the_walk(
    calendar: WorkCalendar, start: dt.datetime, end: dt.datetime
) -> None:
    expected = walked(calendar, start, end) if end > start else 0
    assert working_seconds(calendar, start, end) == expected


@settings(max_examples=60, deadline=None)
@given(calendar=calendars, three=st.lists(moments, min_size=3, max_size=3))
def test_parts_add_up_and_never_shrink(calendar: WorkCalendar, three: list[dt.datetime]) -> None:
    a, b, c = sorted(three)
    whole = working_seconds(calendar, a, c)
    assert working_seconds(calendar, a, b) + working_seconds(calendar, b, c) == whole
    assert 0 <= working_seconds(calendar, a, b) <= whole <= (c - a).total_seconds()
    assert working_seconds(calendar, c, a) == 0


@settings(max_examples=60, deadline=None)
@given(
    calendar=calendars,
    start=moments,
    seconds=st.integers(0, 200 * HOUR),
    more=st.integers(0, 40 * HOUR),
)
def test_adding_and_counting_are_inverse(
    calendar: WorkCalendar, start: dt.datetime, seconds: int, more: int
) -> None:
    due = add_working(calendar, start, seconds)
    assert due >= start
    assert working_seconds(calendar, start, due) == seconds
    assert add_working(calendar, start, seconds + more) >= due


def test_a_calendar_that_never_works() -> None:
    with pytest.raises(NoWorkingTime):
        add_working(
            WorkCalendar(weekdays=frozenset(), public_holidays=False), at("2026-01-05 10:00"), 1
        )


def test_ten_years_are_counted_as_quickly_as_a_week() -> None:
    """Facts of a million tickets ask this; the walk took 20 ms for ten years. Bound with room."""
    start, end = at("2016-01-04 10:00"), at("2026-01-05 10:00")
    working_seconds(OFFICE, start, end)
    began = time.perf_counter()
    for _ in range(200):
        working_seconds(OFFICE, start, end)
    assert (time.perf_counter() - began) / 200 < 0.005


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Asia/Shanghai", "America/Anchorage"])
def test_the_year_turns_where_the_calendar_is(zone: str) -> None:
    around_the_clock = WorkCalendar(
        zone=zone, hours=((dt.time(0), dt.time(0)),), weekdays=frozenset(range(1, 8)),
        public_holidays=False,
    )  # fmt: skip
    noon = dt.datetime(2024, 12, 31, 12, tzinfo=dt.UTC)
    for hour in range(-24, 36):
        end = noon + dt.timedelta(hours=hour)
        assert (
            working_seconds(around_the_clock, noon - dt.timedelta(days=9), end)
            == (9 * 24 + hour) * HOUR
        )


def test_weeks_and_quantiles() -> None:
    assert iso_week("2020-W53") == (dt.date(2020, 12, 28), dt.date(2021, 1, 4))
    assert week_of(dt.date(2021, 1, 3)) == "2020-W53"
    for wrong in ("2021-W53", "2016-17", "2016-W00", "", "W17"):
        with pytest.raises(ValueError, match="write it like 2016-W17"):
            iso_week(wrong)
    assert percentile([1, 2, 3, 4], 0.5) == 2.5
    assert percentile([], 0.5) is None
    assert percentile([7], 0.9) == 7
