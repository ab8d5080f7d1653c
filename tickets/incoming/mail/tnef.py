"""Outlook's winmail.dat: one file that holds a mail's text and all its files."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from tickets.incoming.mail.charsets import clean, decoded

logger = logging.getLogger(__name__)


@dataclass
class Opened:
    text: str = ""
    html: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)


def opened(data: bytes) -> Opened | None:
    """What a winmail.dat holds; None when it cannot be opened."""
    from tnefparse import TNEF  # noqa: PLC0415  (heavy, and seldom needed)

    try:
        found: Any = TNEF(data, do_checksum=False)
        inside = Opened(
            text=_text(found.body), html=_text(found.htmlbody),
            files=[(_name(one), bytes(one.data or b"")) for one in found.attachments],
        )  # fmt: skip
    except Exception as error:
        # The library reads whatever offsets the file names and raises whatever comes of it.
        logger.info("a winmail.dat could not be opened: %s: %s", type(error).__name__, error)
        return None
    return inside if inside.text or inside.html or inside.files else None


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = b"".join(part for part in value if isinstance(part, bytes))
    return decoded(value) if isinstance(value, bytes) else clean(str(value or ""))


def _name(attachment: Any) -> str:
    name = attachment.long_filename() or attachment.name
    return _text(name).strip("\0 ")
