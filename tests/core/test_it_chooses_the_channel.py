"""By which way and when one person is told: the rules alone, without a database."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.registry import NoticeGroup
from core.telling import Channel, Mode, Quiet, Rhythm, Wish, plan
from core.worktime import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
GROUP = NoticeGroup("g", "G", "", ("k",), mail="now", chat="off")  # type: ignore[arg-type]
BOTH = frozenset({"mail", "chat"})
_FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda m: _FIRST + dt.timedelta(minutes=m))
CLOCKS = st.times().map(lambda t: t.replace(second=0, microsecond=0))
MODES = st.sampled_from(list(Mode))
WISHES = st.builds(
    Wish,
    modes=st.fixed_dictionaries(
        {"g": st.fixed_dictionaries({"inbox": st.sampled_from(["now", "off"]),
                                     "mail": MODES, "chat": MODES})}
    ),
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kathmandu"]),
    quiet=st.sampled_from(list(Quiet)), quiet_from=CLOCKS, quiet_to=CLOCKS,
    rhythm=st.sampled_from(list(Rhythm)), digest_at=CLOCKS,
)  # fmt: skip


def at(clock: str, day: str = "2026-11-16") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


def test_quiet_hours_are_those_of_the_persons_zone() -> None:
    wish = Wish(quiet=Quiet.HOURS, quiet_from=dt.time(22), quiet_to=dt.time(8))
    assert wish.rings_at(at("21:59")) == at("21:59")
    assert wish.rings_at(at("22:00")) == at("08:00", "2026-11-17")
    assert wish.rings_at(at("07:59")) == at("08:00")
    assert wish.rings_at(at("08:00")) == at("08:00")
    in_new_york = Wish(zone="America/New_York", quiet=Quiet.HOURS)
    # 08:30 in Shanghai is 19:30 the evening before there.
    assert in_new_york.rings_at(at("08:30")) == at("08:30")
    at_lunch = Wish(quiet=Quiet.HOURS, quiet_from=dt.time(12), quiet_to=dt.time(13))
    assert at_lunch.rings_at(at("12:30")) == at("13:00")
    assert at_lunch.rings_at(at("23:30")) == at("23:30")


def test_outside_work_waits_for_the_next_working_hour_make_up_days_too() -> None:
    wish = Wish(quiet=Quiet.OFF_WORK)
    assert wish.rings_at(at("10:00")) == at("10:00")
    assert wish.rings_at(at("12:30")) == at("13:00")
    # Friday evening before a Sunday that is worked for the holidays to come.
    assert wish.rings_at(at("18:30", "2025-09-26")) == at("09:00", "2025-09-28")
    # A calendar without an hour must not swallow a message.
    idle = Wish(quiet=Quiet.OFF_WORK, calendar=WorkCalendar(weekdays=frozenset()))
    assert idle.rings_at(at("10:00")) == at("10:00")


def test_a_digest_leaves_after_what_it_takes() -> None:
    daily = Wish(rhythm=Rhythm.DAILY, digest_at=dt.time(9))
    assert daily.next_digest(at("08:59")) == at("09:00")
    assert daily.next_digest(at("09:00")) == at("09:00", "2026-11-17")
    hourly = Wish(rhythm=Rhythm.HOURLY)
    assert hourly.next_digest(at("09:00")) == at("10:00")
    assert hourly.next_digest(at("09:59")) == at("10:00")
    at_night = Wish(rhythm=Rhythm.HOURLY, quiet=Quiet.HOURS)
    assert at_night.next_digest(at("23:10")) == at("08:00", "2026-11-17")


@given(wish=WISHES, now=MOMENTS, ways=st.sampled_from([BOTH, frozenset({"mail"}), frozenset()]))
def test_nobody_is_told_nowhere_who_wanted_to_be_told(
    wish: Wish, now: dt.datetime, ways: frozenset[str]
) -> None:
    usual = plan(GROUP, wish, ways, now)
    wanted = {c for c in (Channel.MAIL, Channel.CHAT) if wish.mode(GROUP, c) != Mode.OFF}
    assert set(usual.outside) == {c for c in wanted if c in ways}
    if wanted or wish.mode(GROUP, Channel.INBOX) != Mode.OFF:
        assert usual.in_app or usual.outside
    for leaving in usual.outside.values():
        assert leaving.at >= now
        assert wish.rings_at(leaving.at) == leaving.at, "it would ring in the quiet time"
        assert leaving.is_bundled or leaving.at == now


@given(wish=WISHES, now=MOMENTS, ways=st.sampled_from([BOTH, frozenset()]))
def test_an_obligation_never_stops_and_is_never_bundled(
    wish: Wish, now: dt.datetime, ways: frozenset[str]
) -> None:
    owed = plan(GROUP, wish, ways, now, obligation=True)
    assert owed.in_app or owed.outside
    assert not any(leaving.is_bundled for leaving in owed.outside.values())
    urgent = plan(GROUP, wish, ways, now, urgent=True)
    assert all(leaving.at == now for leaving in urgent.outside.values())
