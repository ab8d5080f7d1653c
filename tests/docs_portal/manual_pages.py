"""Pages for the tests of writing, built through actions."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any

from docs_portal.actions import PageDraft, RevisionDraft, create_page, publish_page, save_revision
from docs_portal.actions.writing import latest
from docs_portal.models import Page, Revision
from opsdesk.demo.cast import Cast

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def by(cast: Cast, now: dt.datetime, who: str = "shenyi") -> dict[str, Any]:
    return {"acting_user": cast.people[who], "now": now}


def drafted(cast: Cast, now: dt.datetime, title: str, body: str = "正文", **more: Any) -> Page:
    draft = PageDraft(product=cast.products["crm"], title=title, body=body, **more)
    return create_page(draft, **by(cast, now))


def published(cast: Cast, now: dt.datetime, title: str, body: str = "正文", **more: Any) -> Page:
    return publish_page(drafted(cast, now, title, body, **more), **by(cast, now))


def revised(
    cast: Cast, now: dt.datetime, page: Page, body: str, who: str = "shenyi", **more: Any
) -> Revision:
    newest = latest(page)
    draft = RevisionDraft(newest.title, body, newest.number, **more)
    return save_revision(page, draft, **by(cast, now, who))


def mp4(seconds: int, padding: int = 400_000) -> bytes:
    """As much of an MP4 as says how long it is: `ftyp`, `moov` with `mvhd`, and `mdat`."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    head = struct.pack(">IIIII", 0, 0, 0, 1000, seconds * 1000) + b"\0" * 80
    return (
        box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
        + box(b"moov", box(b"mvhd", head))
        + box(b"mdat", bytes(range(256)) * (padding // 256))
    )
