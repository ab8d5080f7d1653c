"""Search keys: exact substring search in Chinese, English and mixed text by PostgreSQL alone.

A key is the text in NFKC, casefolded, traditional characters made simplified one at a time,
every CJK character doubled (so that two of them make trigrams), and U+001F before each Latin or
digit run and between such a run and CJK. A query is transformed likewise and asked with LIKE on
a trigram index; the source of the method and its measurements: docs/architecture.md.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

SEPARATOR = "\x1f"
#: Words of one query that are searched; more would only slow the answer.
MAX_WORDS = 8

# Unified ideographs with extensions, compatibility ideographs, kana, bopomofo, hangul.
_CJK_RANGES = (
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3040, 0x30FF),
    (0x3100, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
_CJK = "".join(f"{chr(first)}-{chr(last)}" for first, last in _CJK_RANGES)
_PIECE = re.compile(rf"(?P<cjk>[{_CJK}])|(?P<run>[^\W_{_CJK}]+)|(?P<other>.)", re.DOTALL)
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=65536)
def _simplified(character: str) -> str:
    """The simplified form of one character; phrases are left alone so that offsets hold."""
    converted: str = _converter().convert(character)
    return converted if len(converted) == 1 else character


def normalised(text: str) -> str:
    """The text as search compares it: NFKC, casefold, simplified, one space for any white space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    simple = "".join(_simplified(ch) if ch >= "\u2e80" else ch for ch in folded)
    return _SPACE.sub(" ", simple.replace(SEPARATOR, " ")).strip()


def placed(text: str) -> tuple[str, list[int]]:
    """The text as search compares it, and for each of its characters the place in `text` of the
    one it came from: so that what was found can be marked in the text as it stands.
    """
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
        for one in folded:
            white = one.isspace() or one == SEPARATOR
            if white and characters and characters[-1] == " ":
                continue
            characters.append(" " if white else _simplified(one) if one >= "\u2e80" else one)
            places.append(place)
    return "".join(characters), places


def search_key(*texts: str) -> str:
    """The key of a row: its texts, each on a line of its own, so no match spans two."""
    return "\n".join(_keyed(normalised(text)) for text in texts if text)


def _keyed(text: str) -> str:
    parts: list[str] = []
    after_run = False
    for match in _PIECE.finditer(text):
        piece = match.group()
        if match.lastgroup == "cjk":
            parts.append(f"{SEPARATOR}{piece}{piece}" if after_run else piece * 2)
            after_run = False
        elif match.lastgroup == "run":
            parts.append(SEPARATOR + piece)
            after_run = True
        else:
            parts.append(piece)
            after_run = False
    return "".join(parts)


@dataclass(frozen=True)
class Term:
    """One word of a query; `needle` is what a matching search key contains.

    `prefix_only`: one or two Latin characters mean "a word beginning with".
    `scans`: one CJK character has no trigram; only the newest rows are searched, and said so.
    """

    word: str
    needle: str
    prefix_only: bool = False
    scans: bool = False


def terms(query: str) -> list[Term]:
    """The words of a query, all of which must match."""
    words = normalised(query).split(" ")
    return [_term(word) for word in dict.fromkeys(words) if word][:MAX_WORDS]


def _term(word: str) -> Term:
    keyed = _keyed(word)
    cjk = sum(1 for match in _PIECE.finditer(word) if match.lastgroup == "cjk")
    if cjk == 0 and len(word) <= 2 and word.isalnum():
        return Term(word, keyed, prefix_only=True)
    # A run at the start of the query may be the inside of a longer word.
    return Term(word, keyed.removeprefix(SEPARATOR), scans=cjk == 1 and len(word) == 1)
