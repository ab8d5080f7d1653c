"""Bytes of mails as text, whatever their label says.

Mail programs name encodings wrongly (GBK as GB2312 or as Latin-1), by private names, or not at all.
The label is believed when the bytes can be read by it; then the bytes themselves are asked.
"""

from __future__ import annotations

import base64
import codecs
import quopri
import re

from charset_normalizer import from_bytes

#: Labels → the codec that reads all that is written under them. GBK and GB2312 are parts of
#: GB18030, and programs write under the smaller name what only the larger one has.
_CODECS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "cp936": "gb18030", "ms936": "gb18030", "euc-cn": "gb18030", "cn-gb": "gb18030",
    "hz-gb-2312": "hz", "big5": "big5hkscs", "x-big5": "big5hkscs", "cp950": "big5hkscs",
    "big5-hkscs": "big5hkscs", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "shift_jis": "cp932", "x-sjis": "cp932", "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext", "unicode-1-1-utf-7": "utf-7", "utf8": "utf-8",
    "utf8mb4": "utf-8", "ansi": "cp1252", "windows-936": "gb18030",
}  # fmt: skip
#: Labels that any bytes could carry: programs write them when they do not know.
_EMPTY_WORDS = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "latin1", "8bit", "unknown-8bit",
                          "default", "default_charset", "binary", "windows-1252", "cp1252",
                          "unknown", "x-unknown", "_iso-2022-jp$esc"})  # fmt: skip
#: What is looked for when a label says nothing.
_LIKELY = ["gb18030", "big5", "cp932", "euc_jp", "euc_kr", "cp1252"]
_ESCAPES = (b"\x1b$", b"\x1b(")
#: Of a text; more would not make a guess better.
_SAMPLE = 20_000
#: Nothing but ASCII and pairs of GB2312; the sample may end in half a pair.
_GB2312 = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xf7][\xa1-\xfe])*[\xa1-\xf7]?")
#: An encoded word: charset (a language may follow), kind, text.
_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([BbQq])\?([^?]*)\?=")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")


def decoded(data: bytes, label: str | None = "") -> str:
    """`data` as text; what cannot be read stands as U+FFFD."""
    return clean(_decoded(data, (label or "").strip(" \"'").lower()))


def _decoded(data: bytes, label: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if any(mark in data[:_SAMPLE] for mark in _ESCAPES) and label in _EMPTY_WORDS | {"utf-8"}:
        return data.decode("iso2022_jp_ext", "replace")
    if label not in _EMPTY_WORDS:
        try:
            return data.decode(_CODECS.get(label, label))
        except (LookupError, ValueError):
            pass
    try:
        return data.decode("utf-8")
    except ValueError:
        return _nearly(data, label) or data.decode(_guessed(data), "replace")


def _nearly(data: bytes, label: str) -> str | None:
    """The text by its label when hardly a character of it is broken (cut off, or a stray byte)."""
    if label in _EMPTY_WORDS:
        return None
    try:
        text = data.decode(_CODECS.get(label, label), "replace")
    except LookupError:
        return None
    return text if text.count("\ufffd") * 50 < len(text) else None


def _guessed(data: bytes) -> str:
    sample = data[:_SAMPLE]
    high = sum(byte >= 0x80 for byte in sample)
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", sample)
    if high * 10 < len(sample) and len(pairs) * 2 < high:
        return "cp1252"  # single letters with accents between plain ones
    if _GB2312.fullmatch(sample) and sum(p[0] in (0xA4, 0xA5) for p in pairs) * 3 < len(pairs):
        # Other encodings of Chinese keep to these pairs for a word or two only.
        return "gb18030"
    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    return "gb18030" if best is None else _CODECS.get(best.encoding, best.encoding)


def header_text(raw: str) -> str:
    """A header's text: encoded words (RFC 2047), and bytes that stand there although none may.

    Programs break characters in two between words, leave out padding and put spaces into words:
    neighbours of one encoding are joined before they are read, and what can be read is.
    """
    parts: list[str] = []
    waiting, label, end = b"", "", 0
    for match in _WORD.finditer(raw):
        between = raw[end : match.start()]
        if between.strip() or match[1].lower() != label:
            parts += [decoded(waiting, label) if waiting else "", unescaped(between)]
            waiting = b""
        label, end = match[1].lower(), match.end()
        waiting += _word_bytes(match[2], match[3])
    parts += [decoded(waiting, label) if waiting else "", unescaped(raw[end:])]
    return " ".join(clean("".join(parts)).split())


def _word_bytes(kind: str, text: str) -> bytes:
    plain = text.encode("utf-8", "surrogateescape")
    if kind in "qQ":
        return quopri.decodestring(plain.replace(b"_", b" "), header=False)
    packed = re.sub(rb"[^A-Za-z0-9+/]", b"", plain)
    # A single character left over says nothing; padding is put right.
    packed = packed[:-1] if len(packed) % 4 == 1 else packed
    return base64.b64decode(packed + b"=" * (-len(packed) % 4))


def unescaped(text: str) -> str:
    """Text of the parser in which foreign bytes stand as surrogates, with those read as text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return decoded(text.encode("utf-8", "surrogateescape"))
    return text


def clean(text: str) -> str:
    """Without what no database takes and no reader sees; lines end in a line feed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", text).encode("utf-8", "replace").decode()
