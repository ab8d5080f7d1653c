"""The times of a chat log: as chats write them in Chinese and English, absolute or relative.

Chats write what a reader needs today ("昨天 18:20", "10:02"), so a time means something only
together with the moment it was copied and the day named before it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAYS_AGO = {"今天": 0, "昨天": 1, "前天": 2, "today": 0, "yesterday": 1}
_WEEKDAYS = {
    **{
        f"{word}{day}": min(i, 6)
        for word in ("星期", "周", "礼拜", "週")
        for i, day in enumerate("一二三四五六日天")
    },
    **dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), range(7), strict=True)),
}  # fmt: skip
_WEEKDAY = (
    r"(?:(?:星期|礼拜|周|週)[一二三四五六日天]"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)"
)

_DATE = rf"""(?:
    (?P<y>\d{{4}})\s?[-/.年]\s?(?P<m>\d{{1,2}})\s?[-/.月]\s?(?P<d>\d{{1,2}})\s?日?
  | (?P<m2>\d{{1,2}})/(?P<d2>\d{{1,2}})/(?P<y2>\d{{4}}|\d{{2}})
  | (?P<m3>\d{{1,2}})\s?[-/月]\s?(?P<d3>\d{{1,2}})\s?日?
  | (?P<month>{_MONTH})\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y4>\d{{4}}))?
  | (?P<d5>\d{{1,2}})\s(?P<month5>{_MONTH})(?:\s(?P<y5>\d{{4}}))?
  | (?P<ago>今天|昨天|前天|today|yesterday)
  | (?P<weekday>{_WEEKDAY})
)(?:\s*[,(（]?\s*{_WEEKDAY}\s*[)）]?)?"""
_HALVES = "凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|am|pm"
_CLOCK = (
    rf"(?P<half>{_HALVES})?\s?(?P<h>[01]?\d|2[0-4])[:：](?P<min>[0-5]\d)"
    rf"(?:[:：](?P<s>[0-5]\d))?(?:\s?(?P<half2>[ap]\.?m\.?))?"
)

#: A day and a clock time, or a clock time alone; matched whole by `read_when`.
_WHEN = re.compile(rf"(?:{_DATE}[,，]?\s*(?:T|at\s)?\s*)?{_CLOCK}", re.IGNORECASE | re.VERBOSE)
_DAY_ONLY = re.compile(_DATE, re.IGNORECASE | re.VERBOSE)


@dataclass(frozen=True)
class When:
    """A time as it is written: the parts that are there."""

    day: dt.date | None
    clock: dt.time
    has_seconds: bool


def find_when(text: str) -> re.Match[str] | None:
    """The time with which `text` begins, if it begins with one."""
    return _WHEN.match(text)


def read_when(text: str, today: dt.date) -> When | None:
    """`text` as a time and nothing else; None where it is something else or no such day."""
    found = _WHEN.fullmatch(text.strip())
    if found is None:
        return None
    clock = _clock(found)
    day = _day(found, today)
    if clock is None or (day is None and _names_a_day(found)):
        return None
    return When(day, clock, found["s"] is not None)


def read_day(text: str, today: dt.date) -> dt.date | None:
    """`text` as a day and nothing else ("————— 2026-11-16 —————" without its lines)."""
    found = _DAY_ONLY.fullmatch(text.strip())
    return None if found is None else _day(found, today)


def _names_a_day(found: re.Match[str]) -> bool:
    names = ("y", "m2", "m3", "month", "d5", "ago", "weekday")
    return any(found[name] is not None for name in names)


def _clock(found: re.Match[str]) -> dt.time | None:
    hour, minute, second = int(found["h"]), int(found["min"]), int(found["s"] or 0)
    half = (found["half"] or found["half2"] or "").lower().replace(".", "")
    noon = {"下午": 12, "傍晚": 12, "晚上": 12, "pm": 12, "中午": 3}
    if hour < noon.get(half, 0):
        hour += 12
    elif half in ("凌晨", "am", "上午") and hour == 12:
        hour = 0
    return dt.time(hour % 24, minute, second)


def _day(found: re.Match[str], today: dt.date) -> dt.date | None:
    if found["ago"]:
        return today - dt.timedelta(days=_DAYS_AGO[found["ago"].lower()])
    if found["weekday"]:
        return _last_weekday(found["weekday"].lower(), today)
    year, month, day = _parts(found)
    if month is None or day is None:
        return None
    try:
        if year is not None:
            return dt.date(year, month, day)
        # Without a year it is the last such day; tomorrow is let pass, clocks differ.
        there = dt.date(today.year, month, day)
        if there > today + dt.timedelta(days=1):
            there = dt.date(today.year - 1, month, day)
    except ValueError:
        return None
    return there


def _parts(found: re.Match[str]) -> tuple[int | None, int | None, int | None]:
    if found["y"]:
        return int(found["y"]), int(found["m"]), int(found["d"])
    if found["m2"]:
        first, second, year = int(found["m2"]), int(found["d2"]), int(found["y2"])
        # 16/11/2026 can only be day first.
        month, day = (second, first) if first > 12 else (first, second)
        return year if year > 99 else 2000 + year, month, day
    if found["m3"]:
        return None, int(found["m3"]), int(found["d3"])
    if found["month"]:
        return _number(found["y4"]), _month(found["month"]), int(found["d4"])
    if found["d5"]:
        return _number(found["y5"]), _month(found["month5"]), int(found["d5"])
    return None, None, None


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _month(word: str) -> int:
    return _MONTHS.index(word.lower()[:3]) + 1


def _last_weekday(word: str, today: dt.date) -> dt.date:
    """Chats name the days of the last week so; today and yesterday have words of their own."""
    wanted = _WEEKDAYS[word if word in _WEEKDAYS else word[:3]]
    back = (today.weekday() - wanted) % 7 or 7
    return today - dt.timedelta(days=back)
