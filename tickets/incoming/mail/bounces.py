"""Reports that a mail of ours could not be delivered (RFC 3464).

A report counts only where it brings back the true reference of one of our mails: anybody can write
a report, and nobody shall make a colleague unreachable with one.
"""

from __future__ import annotations

import re
from email.message import Message as Mail

from core.channels.reachability import Bounce, read_bounce
from core.channels.references import threads_in
from tickets.incoming.mail.letter import Letter

_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"})
_ID = re.compile(r"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_PARTS = 40


def bounce_in(letter: Letter) -> Bounce | None:
    """What a report says of a mail that was ours; None for anything else."""
    if letter.mail.get_content_type() != "multipart/report":
        return None
    parts = list(letter.mail.walk())[:_PARTS]
    return read_bounce(letter.mail) if any(_brings_back_ours(part) for part in parts) else None


def _brings_back_ours(part: Mail) -> bool:
    """Whether a part is the mail that was sent back, or its headers, and it was one of ours."""
    if part.get_content_type() not in _RETURNED:
        return False
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        return isinstance(inner, Mail) and bool(threads_in(str(inner.get("Message-ID") or "")))
    found = _ID.search(str(payload))
    return found is not None and bool(threads_in(found.group(1)))
