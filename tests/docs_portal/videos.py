"""The smallest files that say how long they are, for tests of players and courses."""

from __future__ import annotations

import struct


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def mp4(seconds: float, *, padding: int = 100) -> bytes:
    """An MP4 without a picture: a type, bytes, and a head that gives its length."""
    head = bytes(4) + struct.pack(">IIII", 0, 0, 1000, round(seconds * 1000)) + bytes(80)
    return (
        _box(b"ftyp", b"isom\0\0\2\0isomiso2")
        + _box(b"mdat", bytes(padding))
        + _box(b"moov", _box(b"mvhd", head))
    )


def _element(name: int, content: bytes) -> bytes:
    size = (0x0100000000000000 | len(content)).to_bytes(8, "big")
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + size + content


def webm(seconds: float) -> bytes:
    """A WebM without a picture, with its length in milliseconds."""
    info = _element(0x2AD7B1, (1_000_000).to_bytes(3, "big"))
    info += _element(0x4489, struct.pack(">d", seconds * 1000))
    return _element(0x1A45DFA3, b"") + _element(0x18538067, _element(0x1549A966, info))
