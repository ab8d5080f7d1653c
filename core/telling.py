"""By which channel a person is told, and when: pure rules over what they chose.

A notice goes to the inbox, and by mail and chat as its group's row in the preferences says: at
once, in a digest, or not. Two things stand above the choice. What is *urgent* waits for no digest
and no quiet hours. An *obligation* changes channel, never stops: with every other way closed it is
told in the inbox.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.worktime import WorkCalendar

if TYPE_CHECKING:
    from core.registry import NoticeGroup

#: How far ahead working hours are looked for; a longer holiday ends the silence.
_HORIZON = dt.timedelta(days=14)


class Channel(StrEnum):
    INBOX = "inbox"
    MAIL = "mail"
    CHAT = "chat"


class Mode(StrEnum):
    NOW = "now"
    DIGEST = "digest"
    OFF = "off"


class Quiet(StrEnum):
    """When mails and chat messages wait."""

    NEVER = "never"
    #: Between two times of the day.
    HOURS = "hours"
    #: Outside the working hours of the person's team.
    OFF_WORK = "off_work"


class Rhythm(StrEnum):
    """How often a digest leaves."""

    HOURLY = "hourly"
    DAILY = "daily"


#: Group → channel → mode, for what differs from the product's defaults.
Modes = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Wish:
    """How one person wants to be told; what they left open is the house's, then the product's."""

    modes: Modes = field(default_factory=dict)
    zone: str = "Asia/Shanghai"
    quiet: str = Quiet.NEVER
    quiet_from: dt.time = dt.time(22)
    quiet_to: dt.time = dt.time(8)
    rhythm: str = Rhythm.DAILY
    digest_at: dt.time = dt.time(9)
    calendar: WorkCalendar = field(default_factory=WorkCalendar)

    def mode(self, group: NoticeGroup, channel: str) -> Mode:
        """What this person gets of a group by one channel."""
        chosen = self.modes.get(group.name, {}).get(channel)
        return Mode(chosen) if chosen else default_mode(group, channel)

    def rings_at(self, now: dt.datetime) -> dt.datetime:
        """`now`, or the end of the quiet hours it falls in."""
        if self.quiet == Quiet.HOURS:
            return self._after_quiet_hours(now)
        if self.quiet == Quiet.OFF_WORK:
            return self._at_work(now)
        return now

    def next_digest(self, now: dt.datetime) -> dt.datetime:
        """When the digest leaves that takes what comes now: after `now`, never at it."""
        local = now.astimezone(ZoneInfo(self.zone))
        if self.rhythm == Rhythm.HOURLY:
            # Full hours of UTC: where the clocks change, none is skipped and none comes twice.
            hour = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
            return self.rings_at(hour + dt.timedelta(hours=1))
        moment = self._at(local.date(), self.digest_at)
        if moment <= now:
            moment = self._at(local.date() + dt.timedelta(days=1), self.digest_at)
        return self.rings_at(moment)

    def _after_quiet_hours(self, now: dt.datetime) -> dt.datetime:
        local = now.astimezone(ZoneInfo(self.zone))
        clock, day = local.time(), local.date()
        over_midnight = self.quiet_from > self.quiet_to
        if over_midnight:
            is_quiet = clock >= self.quiet_from or clock < self.quiet_to
        else:
            is_quiet = self.quiet_from <= clock < self.quiet_to
        if not is_quiet:
            return now
        if over_midnight and clock >= self.quiet_from:
            day += dt.timedelta(days=1)
        return max(self._at(day, self.quiet_to), now)

    def _at_work(self, now: dt.datetime) -> dt.datetime:
        day = self.calendar.day_of(now)
        while self.calendar.start_of(day) < now + _HORIZON:
            for opens, closes in self.calendar.spans_of(day):
                if now < closes:
                    return max(opens, now)
            day += dt.timedelta(days=1)
        return now

    def _at(self, day: dt.date, clock: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(dt.UTC)


def default_mode(group: NoticeGroup, channel: str) -> Mode:
    """What the product does of itself: everything is told in the inbox."""
    if channel == Channel.INBOX:
        return Mode.NOW
    return Mode(group.mail if channel == Channel.MAIL else group.chat)


@dataclass(frozen=True)
class Leaving:
    """When one message leaves; bundled with what else waits for that moment, or by itself."""

    at: dt.datetime
    is_bundled: bool = False


@dataclass(frozen=True)
class Plan:
    """By which ways one notice goes."""

    in_app: bool
    outside: Mapping[Channel, Leaving]


def plan(
    group: NoticeGroup,
    wish: Wish,
    open_ways: frozenset[str],
    now: dt.datetime,
    *,
    obligation: bool = False,
    urgent: bool = False,
) -> Plan:
    """How a person is told. `open_ways`: the channels that reach them ("mail", "chat")."""
    wanted = {
        channel: mode
        for channel in (Channel.MAIL, Channel.CHAT)
        if (mode := wish.mode(group, channel)) != Mode.OFF
    }
    outside = {
        channel: _leaving(mode, wish, now, obligation=obligation, urgent=urgent)
        for channel, mode in wanted.items()
        if channel in open_ways
    }
    in_app = wish.mode(group, Channel.INBOX) != Mode.OFF
    # Whoever is not reached by the way they chose reads it here: nothing is lost to an address.
    stranded = not outside and (obligation or bool(wanted))
    return Plan(in_app or stranded, outside)


def _leaving(
    mode: Mode, wish: Wish, now: dt.datetime, *, obligation: bool, urgent: bool
) -> Leaving:
    if urgent:
        return Leaving(now)
    if mode == Mode.DIGEST and not obligation:
        return Leaving(wish.next_digest(now), is_bundled=True)
    rings = wish.rings_at(now)
    return Leaving(rings, is_bundled=rings > now and not obligation)
