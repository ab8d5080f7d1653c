"""What a line or message of a chat log is besides words: placeholders, quotes, notices."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """What a message is."""

    WORDS = "words"
    #: Nothing but a placeholder: the picture itself does not come along with copied text.
    MEDIA = "media"
    #: An answer nobody makes a ticket of: thanks, received.
    CHATTER = "chatter"
    #: Taken back (撤回); its words are gone.
    RECALLED = "recalled"
    #: Something the chat says: somebody joined, was renamed, was patted.
    SYSTEM = "system"


_WHO = r"(?:你|您|[\"“]?[^\"”]{1,40}[\"”]?)"
_RECALLED = re.compile(
    rf"^(?:{_WHO}\s?)?(?:撤回了?(?:一条|该)?(?:成员)?.{{0,40}}的?消息|此消息已(?:被)?撤回|消息已撤回"
    r"|recalled a message|(?:this )?message (?:was |has been )?(?:recalled|deleted|withdrawn))"
    r"(?:\s*重新编辑)?[。.]?$",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    rf"^(?:{_WHO}(?:邀请{_WHO}加入了?(?:本)?群(?:聊)?|(?:通过扫描二维码)?加入了?(?:本)?群(?:聊)?"
    rf"|将群名(?:称)?(?:修改|改)为.{{0,60}}|修改群名为.{{0,60}}|拍了拍.{{0,40}}|退出了?群(?:聊)?"
    r"|将.{1,40}移出了?群(?:聊)?)"
    r"|.{1,60} (?:joined|left) the group(?: chat)?|.{1,60} invited .{1,60} to the group(?: chat)?"
    r"|以下(?:为|是)新消息|以上是打招呼的内容|—+\s*以下为新消息\s*—+)[。.]?$",
    re.IGNORECASE,
)
_PLACEHOLDER = (
    r"[\[【](?:图片|视频|语音|文件|表情|动画表情|链接|位置|名片|小程序|聊天记录|微信红包|image|photo|"
    r"picture|video|audio|voice|file|sticker|emoji|link)(?:[:：\s][^\]】]{0,120})?[\]】]"
)
_MEDIA = re.compile(_PLACEHOLDER, re.IGNORECASE)
_FILE_NAME = re.compile(r"\S.{0,100}\.\w{2,5}(?:\s*\(?[\d.]+\s?[kmg]?b\)?)?", re.IGNORECASE)
#: No word of these begins like another, so that a long line of them is read in one pass.
_CHATTER = re.compile(
    r"(?:@[^\s@]+\s*)*(?:收到|好[的滴哒]?|嗯|哦|噢|行|可以|ok(?:ay)?|thanks?(?: you)?|thx|got it|"
    r"多谢|谢|感|[你您](?:好)?|大家|辛苦[了啦]?|明白|了解|在[吗么]|hi|hello|早(?:上好)?|哈|"
    r"[👍👌💪🌹😀-🙏🤝❤]|[\[【](?:ok|好的|强|赞|抱拳|玫瑰|微笑|握手|收到|thumbsup|thanks)[\]】]|"
    r"[\s,，。.!！~～\ufe0f])+",
    re.IGNORECASE,
)
#: WeChat and WeCom: the words answered to stand in corner brackets above a broken line.
_CORNERS = re.compile(
    r"\A[「『](?P<who>[^：:\n]{1,40})[：:](?P<words>.*?)[」』]\n[-—–─ ]{5,}\n", re.DOTALL
)
#: Feishu and DingTalk: a line that says whom is answered.
_ANSWERS = re.compile(
    r"\A(?:回复|引用|reply to|re)\s*@?(?P<who>[^：:\n]{1,40})[：:]\s?(?P<words>[^\n]*)\n",
    re.IGNORECASE,
)


def system_kind(line: str) -> Kind | None:
    """Whether a line is said by the chat, not by somebody in it."""
    line = line.strip()
    if len(line) > 160:
        return None
    if _RECALLED.match(line):
        return Kind.RECALLED
    return Kind.SYSTEM if _SYSTEM.match(line) else None


def is_media(text: str) -> bool:
    """Nothing but placeholders, and the names of files beside them."""
    for line in text.splitlines():
        rest, found = _MEDIA.subn("", line)
        if rest.strip() and not (found and _FILE_NAME.fullmatch(rest.strip())):
            return False
    return _MEDIA.search(text) is not None


def is_chatter(text: str) -> bool:
    """Thanks, received, a thumb: at most a line of them."""
    return len(text) <= 40 and _CHATTER.fullmatch(text) is not None


def quoted(text: str) -> str:
    """What is answered to as a Markdown quotation, so that it is told from the answer."""
    for pattern in (_CORNERS, _ANSWERS):
        found = pattern.match(text)
        rest = text[found.end() :].strip() if found else ""
        if found and rest:
            words = " ".join(found["words"].split())
            return f"> {found['who'].strip()}：{words}\n\n{rest}"
    return text
