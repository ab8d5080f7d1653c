"""A pasted chat log, split by person and time.

Every chat writes a header before each message, in one of a few shapes, and one log keeps to one
shape. The shape that explains most lines is taken and only its headers count, so that a line of a
message that looks like a header of another shape stays what it is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tickets.incoming.chatlog.lines import Kind, is_chatter, is_media, quoted, system_kind
from tickets.incoming.chatlog.moments import When, find_when, read_day, read_when

#: Messages that are read of one log; nobody makes tickets of more at once.
MOST = 400
_NAME_MAX = 40
#: A header is no longer than this; longer lines are words.
_HEADER_MAX = 120
#: What no name has; a line with one of these is something somebody wrote.
_NOT_IN_NAMES = re.compile(r"[:：，。！？!?;；\"“”「」<>《》=]|https?|\.\s*$")
_RULES = "-—–─=_*· \t"
_TITLE = re.compile(
    r"^(.{0,60}(的聊天记录|聊天记录如下|的会话记录)|\[?聊天记录\]?"
    r"|chat history( of| in|$).*)[:：]?$",
    re.IGNORECASE,
)
_BOM = "\ufeff\u200b\u200e\u200f\u2060"
#: Share of headers that stand after an empty line, from which on the others are none.
_AFTER_BLANK = 0.8


@dataclass(frozen=True)
class Said:
    """One message of the log. `at` is None where the log names no time."""

    name: str
    at: dt.datetime | None
    text: str
    kind: Kind = Kind.WORDS


@dataclass(frozen=True)
class Log:
    """What was read. `cut` counts the messages beyond `MOST`; `title` is that of a record."""

    said: tuple[Said, ...]
    title: str = ""
    cut: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Who wrote, in the order of their first message."""
        by_the_chat = (Kind.SYSTEM, Kind.RECALLED)
        return tuple(dict.fromkeys(one.name for one in self.said if one.kind not in by_the_chat))


class Shape(StrEnum):
    """Where a chat puts name and time."""

    NAME_WHEN = "name when"  # 王珂 2026/11/16 10:02:33
    WHEN_NAME = "when name"  # 2026-11-16 10:02:33 王珂
    TWO_LINES = "two lines"  # 王珂 / 11月16日 10:02
    INLINE = "inline"  # [10:02] 王珂：报表导不出来
    NAME_ONLY = "name only"  # 王珂: / 报表导不出来


@dataclass
class _Header:
    """One header: which lines it takes, and words that stand on its line already."""

    line: int
    lines: int
    name: str
    when: When | None
    rest: str = ""


@dataclass
class _Open:
    """A message that is being read."""

    name: str
    at: dt.datetime | None
    lines: list[str] = field(default_factory=list)


def read_log(text: str, now: dt.datetime) -> Log:
    """The messages of `text`, copied at `now` (aware, in the zone the chat shows its times in).

    A text without any header is one message of nobody. Empty for an empty text.
    """
    lines = [_cleaned(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    headers = _headers(lines, now.date())
    if not headers:
        words = "\n".join(lines).strip()
        return Log((Said("", None, words),) if words else ())
    title, said = _read(lines, headers, now)
    return Log(tuple(said[:MOST]), title, max(0, len(said) - MOST))


def _cleaned(line: str) -> str:
    # No-break and ideographic spaces stand between name and time in what some clients copy.
    return line.strip(_BOM).replace("\u00a0", " ").replace("\u3000", " ").rstrip()


def _headers(lines: Sequence[str], today: dt.date) -> list[_Header]:
    found = {shape: list(read(lines, today)) for shape, read in _READERS.items()}
    best = max(found.values(), key=len)
    if not best:
        best = list(_name_only(lines, today))
    return _after_blanks(lines, best)


def _after_blanks(lines: Sequence[str], headers: list[_Header]) -> list[_Header]:
    """Where nearly every header follows an empty line, the others are words of a message."""
    free = [
        h for h in headers if h.line == 0 or not lines[h.line - 1] or _is_day(lines[h.line - 1])
    ]
    if len(headers) >= 4 and len(free) >= _AFTER_BLANK * len(headers):
        return free
    return headers


def _is_day(line: str) -> bool:
    return read_day(line.strip(_RULES), dt.date(2000, 1, 1)) is not None


def _name(text: str) -> str:
    """`text` if it can be somebody's name in a chat, else ""."""
    text = text.strip()
    if not text or len(text) > _NAME_MAX or _NOT_IN_NAMES.search(text):
        return ""
    return text if re.search(r"[^\W\d_]", text) and len(text.split()) <= 5 else ""


def _name_when(lines: Sequence[str], today: dt.date) -> Iterator[_Header]:
    for index, line in _short(lines):
        # The time is the longest end of the line that reads as one; the name stands before it.
        for gap in re.finditer(r"\s+", line.strip()):
            head, tail = line.strip()[: gap.start()], line.strip()[gap.end() :]
            when = read_when(tail.rstrip(":："), today)
            if when is not None:
                if name := _name(head):
                    yield _Header(index, 1, name, when)
                break


def _short(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    return ((index, line) for index, line in enumerate(lines) if 0 < len(line) <= _HEADER_MAX)


def _when_name(lines: Sequence[str], today: dt.date) -> Iterator[_Header]:
    for index, line in _short(lines):
        found = find_when(line.strip())
        if found is None or found.end() == len(line.strip()):
            continue
        rest = line.strip()[found.end() :]
        when = read_when(found.group(), today)
        name = _name(rest.rstrip(":："))
        if when is not None and rest[0].isspace() and name:
            yield _Header(index, 1, name, when)


def _two_lines(lines: Sequence[str], today: dt.date) -> Iterator[_Header]:
    for index in range(len(lines) - 1):
        when = read_when(lines[index + 1], today)
        if when is not None and (name := _name(lines[index])) and not _is_day(lines[index]):
            yield _Header(index, 2, name, when)


_INLINE = re.compile(
    r"^[\[(（【](?P<when>[^\]）)】]{4,40})[\])）】]\s*(?P<name>[^:：]{1,40})[:：]\s?(?P<rest>.*)$"
)
_INLINE_AFTER = re.compile(
    r"^(?P<name>[^:：]{1,40}?)\s*[\[(（【](?P<when>[^\]）)】]{4,40})[\])）】]\s*[:：]\s?(?P<rest>.*)$"
)


def _inline(lines: Sequence[str], today: dt.date) -> Iterator[_Header]:
    for index, line in enumerate(lines):
        for pattern in (_INLINE_AFTER, _INLINE):
            found = pattern.match(line.strip())
            if found is None:
                continue
            when, name = read_when(found["when"], today), _name(found["name"])
            if when is not None and name:
                yield _Header(index, 1, name, when, found["rest"])
                break
        else:
            if header := _clock_then_name(index, line.strip(), today):
                yield header


def _clock_then_name(index: int, line: str, today: dt.date) -> _Header | None:
    """`10:02 王珂：报表导不出来`: the colons of the clock are no end of a name."""
    found = find_when(line)
    if found is None:
        return None
    name, colon, rest = re.sub(r"^\s*[\])】]?\s+", "", line[found.end() :]).partition("：")
    if not colon:
        name, colon, rest = re.sub(r"^\s*[\])】]?\s+", "", line[found.end() :]).partition(":")
    when = read_when(found.group(), today)
    if not colon or when is None or not _name(name) or not rest.strip():
        return None
    return _Header(index, 1, _name(name), when, rest.strip())


def _name_only(lines: Sequence[str], today: dt.date) -> Iterator[_Header]:
    """`王珂:` on a line of its own; only where the text begins with one."""
    first = next((line for line in lines if line and not _TITLE.match(line)), "")
    if not _alone(first):
        return
    for index, line in enumerate(lines):
        after_blank = index == 0 or not lines[index - 1] or bool(_TITLE.match(lines[index - 1]))
        if (name := _alone(line)) and (after_blank or line == first):
            yield _Header(index, 1, name, None)


def _alone(line: str) -> str:
    line = line.strip()
    return _name(line[:-1]) if line[-1:] in (":", "：") and len(line) <= 24 else ""


_READERS: dict[Shape, Callable[[Sequence[str], dt.date], Iterator[_Header]]] = {
    # The more a shape asks for, the earlier it stands: of equals the first is taken.
    Shape.TWO_LINES: _two_lines,
    Shape.INLINE: _inline,
    Shape.NAME_WHEN: _name_when,
    Shape.WHEN_NAME: _when_name,
}


def _read(
    lines: Sequence[str], headers: Sequence[_Header], now: dt.datetime
) -> tuple[str, list[Said]]:
    starts = {header.line: header for header in headers}
    clock = _Days(now)
    said: list[Said] = []
    title, index = "", 0
    current: _Open | None = None
    while index < len(lines):
        line = lines[index]
        if header := starts.get(index):
            _close(current, said)
            current = _Open(header.name, clock.moment(header.when), [header.rest])
            index += header.lines
            continue
        index += 1
        if (day := read_day(line.strip(_RULES), now.date())) and _stands_apart(line):
            clock.day = day
        elif kind := system_kind(line):
            # It stands between messages, or in place of one.
            said_by = current.name if current is not None and not any(current.lines) else ""
            _close(current, said)
            said.append(Said(said_by, current.at if current else None, line.strip(), kind))
            current = None
        elif current is not None:
            current.lines.append(line)
        elif _TITLE.match(line.strip()):
            title = title or line.strip().rstrip(":：")
        elif line.strip():
            current = _Open("", None, [line])
    _close(current, said)
    return title, said


def _stands_apart(line: str) -> bool:
    """A day between rules, or alone on its line in full: no number somebody wrote."""
    bare = line.strip(_RULES)
    return bare != line.strip() or bool(re.search(r"\d{4}|[月昨前星周]|day|[a-z]{3}", bare, re.I))


def _close(current: _Open | None, said: list[Said]) -> None:
    if current is None:
        return
    text = quoted("\n".join(current.lines).strip())
    if not text:
        return
    kind = Kind.MEDIA if is_media(text) else Kind.CHATTER if is_chatter(text) else Kind.WORDS
    said.append(Said(current.name, current.at, text, kind))


class _Days:
    """Puts clock times on days: the one named by a line before, or today."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.day: dt.date | None = None

    def moment(self, when: When | None) -> dt.datetime | None:
        if when is None:
            return None
        day = when.day or self.day or self.now.date()
        at = dt.datetime.combine(day, when.clock, tzinfo=self.now.tzinfo)
        if when.day is None and self.day is None and at > self.now + dt.timedelta(minutes=10):
            at -= dt.timedelta(days=1)
        return at
