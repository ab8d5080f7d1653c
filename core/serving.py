"""Stored bytes as an answer: never run by the browser, whole or the part that was asked for.

Players ask for parts (RFC 9110, 14: a single range of bytes), and Safari plays nothing without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header

from core.files import open_stored
from core.models import StoredFile

#: Types a page of ours draws or plays by itself; everything else is only ever downloaded.
SHOWN_TYPES = frozenset({
    "image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "video/webm",
})  # fmt: skip
CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def served(
    request: HttpRequest, stored: StoredFile, *, name: str, content_type: str
) -> HttpResponseBase:
    """The bytes as they were given, for a view that has asked its door.

    Their beginning was checked when they came, their type is ours and not to be guessed, and a
    sandbox without any source stands around them.
    """
    header = request.headers.get("Range", "")
    # Asked for the rest of a file that is another one by now: then all of it.
    if request.headers.get("If-Range", _etag(stored)) != _etag(stored):
        header = ""
    asked = _part(header, stored.size)
    if asked is None:
        response: HttpResponseBase = FileResponse(open_stored(stored), content_type=content_type)
        response["Content-Length"] = str(stored.size)
    elif asked.start >= asked.stop:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{stored.size}"
    else:
        response = StreamingHttpResponse(
            _read(open_stored(stored), asked), status=206, content_type=content_type
        )
        response["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{stored.size}"
        response["Content-Length"] = str(len(asked))
    is_download = content_type not in SHOWN_TYPES
    response["Content-Disposition"] = content_disposition_header(is_download, name) or "inline"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _etag(stored)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _etag(stored: StoredFile) -> str:
    return f'"{stored.sha256[:32]}"'


def _part(header: str, size: int) -> range | None:
    """Which bytes were asked for: an empty range when they do not exist, None for all of them.

    Several ranges at once, other units and nonsense get the whole file, as the standard allows.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        return range(max(0, size - int(match[2])), size)
    start = int(match[1])
    stop = min(int(match[2]) + 1, size) if match[2] else size
    if match[2] and int(match[2]) < start:
        return None
    return range(start, max(start, stop))


def _read(opened: IO[bytes], part: range) -> Iterator[bytes]:
    with opened:
        opened.seek(part.start)
        left = len(part)
        while left and (piece := opened.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
