"""How large a picture is when it is drawn, read from its head. Nothing is decoded.

A picture of a megabyte may ask for gigabytes: what draws it makes room for every pixel.
PNG: W3C PNG 3, IHDR. GIF: GIF89a, logical screen. WebP: RFC 9649, VP8, VP8L, VP8X. JPEG: ITU T.81,
start of frame.
"""

from __future__ import annotations

import struct

#: Frames that say a JPEG's size; the other markers of their range are tables.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def pixels_of(content: bytes) -> int | None:
    """How many pixels a PNG, JPEG, GIF or WebP has; None where its head does not say."""
    try:
        width, height = _size(content)
    except (struct.error, IndexError, ValueError):
        return None
    return width * height or None


def _size(content: bytes) -> tuple[int, int]:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack_from(">II", content, 16)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return struct.unpack_from("<HH", content, 6)
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_size(content)
    raise ValueError("no picture we draw")


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while content[at] == 0xFF:
        marker, length = struct.unpack_from(">BH", content, at + 1)
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + length
    raise ValueError("no frame")


def _webp_size(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF
