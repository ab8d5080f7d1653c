"""What in a mail is its writer's own words, and what was quoted below or signed.

Plain rules over lines, for the programs people here write with: Outlook, Foxmail, QQ, NetEase,
Apple Mail, Gmail, in Chinese and English. Nothing is thrown away: what is no own word is shown
folded. An answer written below or between quoted lines stays whole where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COLON = r"[ \t]*[:：]"
_FROM = rf"(?:From|发件人|寄件者|寄件人|發件人|差出人|发送人){_COLON}"
_OTHER = (
    rf"(?:Sent|Date|To|Cc|Subject|发送时间|发送日期|日期|时间|收件人|抄送|主题|寄件日期|收件者|主旨"
    rf"|傳送日期|宛先|件名|送信日時|發送時間|主題){_COLON}"
)
_HEADER_FROM = re.compile(rf"^[>*\s|]*{_FROM}", re.IGNORECASE)
_HEADER_OTHER = re.compile(rf"^[>*\s|]*{_OTHER}", re.IGNORECASE)
#: Lines after a "From:" in which another header must stand for it to head a quoted mail.
_HEADER_LINES = 4
_DIVIDER = re.compile(
    r"^[>\s]*[-—_=*]{2,}\s*(?:原始邮件|原始信件|原邮件|邮件原件|转发的邮件|转发邮件|转发的消息|回复的原邮件"
    r"|回复的邮件|Original(?: Message| Mail)?|Original Appointment|Forwarded [Mm]essage"
    r"|Replied [Mm]essage|Reply to [Mm]essage)\s*[-—_=*]{2,}\s*$",
    re.IGNORECASE,
)
_APPLE_FORWARD = re.compile(
    r"^\s*(?:Begin forwarded message|下面是被转发的邮件)\s*[:：]\s*$", re.IGNORECASE
)
_WHEN = r"(?:\d{1,4}[-/.年 ]|\d{1,2}:\d{2})"
_WROTE = (
    re.compile(
        rf"^\s*(?:On|At|Am|Le)\b.{{0,200}}{_WHEN}.{{0,200}}\bwrote{_COLON}\s*$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"^\s*.{{0,120}}(?:在|于|於)?.{{0,80}}{_WHEN}.{{0,160}}(?:写道|寫道|写到|说){_COLON}\s*$",
        re.DOTALL,
    ),
)
#: How the first of several such lines begins or what it has.
_BEGINS = re.compile(rf"^\s*(?:On|At|Am|Le|在|于|於)\b|.*{_WHEN}|.*<[^>]*$", re.IGNORECASE)
_LINE = re.compile(r"^\s*[_—-]{20,}\s*$")
_QUOTE = re.compile(r"^\s*[>＞|]")
_SIGNATURE = re.compile(
    r"^\s*(?:--|—— ?|发自我的.{1,30}|发自.{0,12}(?:手机|邮箱|客户端|iPhone|iPad)|来自我的.{1,30}"
    r"|Sent from (?:my|Mail|Outlook|Yahoo|Foxmail).{0,60}|Get Outlook for .{1,20}"
    r"|获取 ?Outlook .{1,20}|从 ?Windows 版邮件发送|發自我的.{1,30})\s*$",
    re.IGNORECASE,
)  # fmt: skip
#: A signature is short; a longer rest of a text is none.
_SIGNATURE_LINES = 15
_FORWARDED = re.compile(r"^\s*(?:fwd?|转发|轉寄|转|tr|wg)\s*[:：]", re.IGNORECASE)
_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|sv|fwd?|回复|答复|答覆|回覆|转发|轉寄|转|回|自动回复)(?:\s*[\[(]\d+[\])])?\s*[:：]\s*"
    r"|\[(?:external|外部邮件|外部)\]\s*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Folded:
    """A mail's text in two: the writer's words, and what is shown folded below them."""

    words: str
    quoted: str = ""


def fold(text: str) -> Folded:
    """Split `text` where it begins to quote or to sign. Words may be empty: then all was quoted."""
    lines = text.split("\n")
    start, end = _quoted_lines(lines)
    below = lines[end:]
    own, signed = _unsigned(lines[:start]) if not _says(below) else (lines[:start], [])
    words = own + below
    return Folded(_joined(words), _joined([*signed, *lines[start:end]]))


def plain_subject(subject: str) -> str:
    """The subject without what programs put before it."""
    return _PREFIX.sub("", subject).strip()


def is_forward(subject: str) -> bool:
    """Whether the writer sends on somebody else's mail: then that is what they have to say."""
    return _FORWARDED.match(subject) is not None


def _quoted_lines(lines: list[str]) -> tuple[int, int]:
    """From where to where a mail is quoted; an empty range at the end when nothing is."""
    for place, line in enumerate(lines):
        if _DIVIDER.match(line) or _APPLE_FORWARD.match(line) or _heads_a_mail(lines, place):
            return _with_line_above(lines, place), len(lines)
        if (length := _wrote(lines, place)) and (end := _last_quoted(lines, place + length)):
            return place, end
    return _trailing_quote(lines)


def _heads_a_mail(lines: list[str], place: int) -> bool:
    if not _HEADER_FROM.match(lines[place]):
        return False
    following = [line for line in lines[place + 1 : place + 9] if line.strip()][:_HEADER_LINES]
    return any(_HEADER_OTHER.match(line) for line in following)


def _with_line_above(lines: list[str], place: int) -> int:
    """The line drawn above a quoted mail belongs to it."""
    above = place - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _LINE.match(lines[above]) else place


def _wrote(lines: list[str], place: int) -> int:
    """How many lines from `place` on say who wrote what follows: programs wrap them; 0 for none."""
    if not lines[place].strip():
        return 0
    for length in (1, 2, 3):
        part = lines[place : place + length]
        if not all(line.strip() for line in part) or (length > 1 and not _BEGINS.match(part[0])):
            break
        said = "\n".join(part)
        if any(pattern.match(said) for pattern in _WROTE):
            return length
    return 0


def _last_quoted(lines: list[str], start: int) -> int:
    """Behind the last line quoted after "… wrote:"; without quote marks all of the rest is."""
    rest = [place for place in range(start, len(lines)) if lines[place].strip()]
    if not rest:
        return len(lines)
    if not _QUOTE.match(lines[rest[0]]):
        return len(lines)
    quoted = [place for place in rest if _QUOTE.match(lines[place])]
    last = quoted[-1] + 1
    # Words between quoted lines answer them one by one: they are read together or not at all.
    between = [p for p in rest if p < last and not _QUOTE.match(lines[p])]
    return 0 if between else last


def _trailing_quote(lines: list[str]) -> tuple[int, int]:
    """Quoted lines at the very end, for programs that say nothing above them."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and (_QUOTE.match(lines[start - 1]) or not lines[start - 1].strip()):
        start -= 1
    quoted = [line for line in lines[start:end] if line.strip()]
    return (start, len(lines)) if len(quoted) >= 2 else (len(lines), len(lines))


def _unsigned(lines: list[str]) -> tuple[list[str], list[str]]:
    for place, line in enumerate(lines):
        if (
            _SIGNATURE.match(line)
            and len(lines) - place <= _SIGNATURE_LINES
            and _says(lines[:place])
        ):
            return lines[:place], lines[place:]
    return lines, []


def _says(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip(
        "\n \u3000\xa0"
    )
