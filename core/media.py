"""How long a video is, read from the head of its container. Nothing is decoded.

MP4 and MOV: ISO/IEC 14496-12, box `mvhd`. WebM: Matroska, element `Duration` (RFC 9559).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

#: Boxes or elements looked at before giving up: a hostile file has millions of empty ones.
LOOKED_AT = 2000
#: A longer video is a broken header.
LONGEST_SECONDS = 24 * 3600

_EBML, _SEGMENT, _INFO = 0x1A45DFA3, 0x18538067, 0x1549A966
_SCALE, _DURATION = 0x2AD7B1, 0x4489
#: Nanoseconds a Matroska tick has where the file does not say.
_USUAL_SCALE = 1_000_000


def seconds_of(video: BinaryIO) -> float | None:
    """The length of an MP4, MOV or WebM file in seconds; None where its head does not say.

    Live recordings are often written without a length. The position of `video` is moved.
    """
    video.seek(0, 2)
    size = video.tell()
    video.seek(0)
    head = video.read(12)
    try:
        if head[4:8] == b"ftyp":
            found = _mp4_seconds(video, size)
        elif head[:4] == _EBML.to_bytes(4, "big"):
            found = _webm_seconds(video, size)
        else:
            return None
    except (struct.error, ValueError, IndexError):
        return None
    return found if found is not None and 0 < found <= LONGEST_SECONDS else None


def _boxes(video: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of the content of each box between two places."""
    for _turn in range(LOOKED_AT):
        if start + 8 > end:
            return
        video.seek(start)
        size, kind = struct.unpack(">I4s", video.read(8))
        content = start + 8
        if size == 1:
            size = struct.unpack(">Q", video.read(8))[0]
            content += 8
        stop = end if size == 0 else start + size
        if stop <= start or stop > end:
            return
        yield kind, content, stop
        start = stop


def _mp4_seconds(video: BinaryIO, size: int) -> float | None:
    movie = next((box for box in _boxes(video, 0, size) if box[0] == b"moov"), None)
    if movie is None:
        return None
    for kind, start, _stop in _boxes(video, movie[1], movie[2]):
        if kind == b"mvhd":
            video.seek(start)
            return _movie_header(video.read(32))
    return None


def _movie_header(head: bytes) -> float | None:
    scale, ticks = struct.unpack_from(">IQ" if head[0] == 1 else ">II", head, 20 if head[0] else 12)
    return ticks / scale if scale else None


def _number(video: BinaryIO) -> tuple[int, int]:
    """A Matroska number of variable length, with its length mark, and its bytes."""
    first = video.read(1)[0]
    if not first:
        raise ValueError("no number of up to eight bytes")
    length = 9 - first.bit_length()
    return int.from_bytes(bytes([first]) + video.read(length - 1), "big"), length


def _elements(video: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Id, first byte and end of the content of each element between two places."""
    for _turn in range(LOOKED_AT):
        if start >= end:
            return
        video.seek(start)
        name, _length = _number(video)
        marked, length = _number(video)
        size = marked ^ (1 << 7 * length)
        content = video.tell()
        # A size of ones only is unknown (live recordings): the content goes on to the end.
        stop = end if size == (1 << 7 * length) - 1 else content + size
        if stop > end:
            return
        yield name, content, stop
        start = stop


def _webm_seconds(video: BinaryIO, size: int) -> float | None:
    segment = next((one for one in _elements(video, 0, size) if one[0] == _SEGMENT), None)
    if segment is None:
        return None
    for name, start, stop in _elements(video, segment[1], segment[2]):
        if name == _INFO:
            return _info_seconds(video, start, stop)
    return None


def _info_seconds(video: BinaryIO, start: int, stop: int) -> float | None:
    scale, ticks = _USUAL_SCALE, None
    for name, first, end in _elements(video, start, stop):
        video.seek(first)
        if name == _SCALE:
            scale = int.from_bytes(video.read(min(end - first, 8)), "big")
        elif name == _DURATION:
            wide = end - first == 8
            ticks = struct.unpack(">d" if wide else ">f", video.read(8 if wide else 4))[0]
    return None if ticks is None else float(ticks) * scale / 1e9
