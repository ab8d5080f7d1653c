"""Whether a file begins the way its ending says: a picture named .png that is a program is not.

Only what the first bytes can prove. Files are never unpacked, run or drawn here.
"""

from __future__ import annotations

import codecs

#: How many bytes of a file are looked at.
SNIFFED = 4096

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
#: Ending → how such a file begins.
_STARTS: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"), "bmp": (b"BM",), "pdf": (b"%PDF-",),
    "docx": _ZIP, "xlsx": _ZIP, "pptx": _ZIP, "zip": _ZIP,
    "doc": (*_OLE, *_ZIP, b"{\\rtf"), "xls": (*_OLE, *_ZIP), "ppt": (*_OLE, *_ZIP),
    "7z": (b"7z\xbc\xaf\x27\x1c",), "webm": (b"\x1a\x45\xdf\xa3",),
}  # fmt: skip
#: Ending → what stands from the fifth byte on (ISO base media files).
_BOXES: dict[str, tuple[bytes, ...]] = {
    "heic": (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1"), "mp4": (b"ftyp",),
    "mov": (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"),
}  # fmt: skip
_TEXTS = frozenset({"txt", "log", "csv", "json", "xml", "md", "eml"})
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def begins_as(ending: str, head: bytes) -> bool:
    """Whether a file that begins with `head` can be what `ending` says.

    Endings without a rule are believed. Text is any encoding without NUL bytes, or UTF-16 with
    its mark.
    """
    if ending in _STARTS:
        return head.startswith(_STARTS[ending])
    if ending in _BOXES:
        return head[4:].startswith(_BOXES[ending])
    if ending == "webp":
        return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    if ending in _TEXTS:
        return head.startswith(_WIDE) or b"\0" not in head
    return True
