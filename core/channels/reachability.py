"""Mail addresses that do not work: noted once a server says so for good, shown, tried again."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.message import Message as Mail
from email.utils import parseaddr

from core import outbox
from core.models import UnreachableAddress

#: News of the first permanent failure of an address: {"address", "error"}.
UNREACHABLE = "mail.unreachable"
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
#: "No such mailbox", "not here", "no such name allowed": what servers say without a finer code.
_NOBODY_THERE = frozenset({550, 551, 553})


def is_permanent(code: int, said: str) -> bool:
    """Whether a refusal means that nobody is behind the address.

    A finer code decides (RFC 3463: 5.1.x bad address, 5.2.1 mailbox switched off); 5.7.x is a
    matter of policy and says nothing about the address.
    """
    if code // 100 != 5:
        return False
    finer = _ENHANCED.search(said)
    if finer is not None:
        return finer[1] == "5" and (finer[2] == "1" or (finer[2], finer[3]) == ("2", "1"))
    return code in _NOBODY_THERE


def is_unreachable(address: str) -> bool:
    return UnreachableAddress.objects.filter(pk=_plain(address)).exists()


def unreachable(address: str) -> UnreachableAddress | None:
    """Since when, and in which words, the address is known not to work."""
    return UnreachableAddress.objects.filter(pk=_plain(address)).first()


def mark_unreachable(address: str, error: str, *, now: dt.datetime) -> None:
    """Send nothing there any more, and tell the apps above; the first failure counts."""
    kept = _plain(address)
    _row, is_new = UnreachableAddress.objects.get_or_create(
        pk=kept, defaults={"since": now, "last_error": error[:300]}
    )
    if is_new:
        outbox.news(
            UNREACHABLE, {"address": kept, "error": error[:300]},
            key=f"unreachable:{kept[:80]}:{int(now.timestamp())}", now=now,
        )  # fmt: skip


def mark_reachable(address: str) -> bool:
    """Try the address again with the next mail. False when nothing stood against it."""
    deleted, _rows = UnreachableAddress.objects.filter(pk=_plain(address)).delete()
    return bool(deleted)


@dataclass(frozen=True)
class Bounce:
    """What a server wrote back about one mail of ours."""

    address: str
    is_permanent: bool
    said: str


def read_bounce(mail: Mail) -> Bounce | None:
    """The report of a failed delivery (RFC 3464) in a mail that came in; None for other mails."""
    if mail.get_content_type() != "multipart/report":
        return None
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        # One block of fields for the whole, then one for each recipient.
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else ():
            if not isinstance(block, Mail):
                continue
            action = str(block.get("Action", "")).strip().lower()
            address = str(block.get("Final-Recipient") or "").rpartition(";")[2].strip()
            if action != "failed" or not address:
                continue
            status = str(block.get("Status", "")).strip()
            said = f"{status} {block.get('Diagnostic-Code', '')}".strip()
            finer = _ENHANCED.match(status)
            code = 550 if finer is None or finer[1] == "5" else 450
            return Bounce(parseaddr(address)[1] or address, is_permanent(code, status), said[:300])
    return None


def _plain(address: str) -> str:
    return address.replace("\x00", "").strip().lower()[:254]
