"""Whether the company's own mail server vouches for a mail's sender.

Anybody can write any sender into a mail. Mail servers check it (SPF, DKIM, DMARC) and write what
they found into Authentication-Results (RFC 8601). Only the topmost header of the named server
counts: further down stands what the sender may have written there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from tickets.incoming.mail.letter import Letter
from tickets.models import Mailbox

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_RESULT = re.compile(r"\b(dmarc|dkim|spf|auth)\s*=\s*([a-z]+)([^;]*)", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:header\.(?:i|d|from)|smtp\.mailfrom)\s*=\s*\"?[^\s;@]*@?([^\s;\"]+)")


def why_unconfirmed(letter: Letter, mailbox: Mailbox) -> str | StrPromise:
    """Why the sender is not believed; "" when they are, or when no server is named to ask."""
    server = mailbox.confirmed_by.strip().lower()
    if not server:
        return ""
    said = _said_by(letter, server)
    if said is None:
        return _("%(server)s does not say whether the sender is true.") % {"server": server}
    domain = letter.sender.rpartition("@")[2].lower()
    for method, result, details in _RESULT.findall(said):
        if result.lower() != "pass":
            continue
        if method.lower() in ("dmarc", "auth") or _is_aligned(details, domain):
            return ""
    return _("%(server)s says that the sender is not proven.") % {"server": server}


def _said_by(letter: Letter, server: str) -> str | None:
    headers = letter.mail.get_all("Authentication-Results") or []
    if not headers:
        return None
    name, _sign, rest = " ".join(str(headers[0]).split()).partition(";")
    return rest if name.split(" ")[0].strip().lower() == server else None


def _is_aligned(details: str, domain: str) -> bool:
    """SPF and DKIM pass for some domain: it must be the sender's, or the one it stands in."""
    found = _DOMAIN.search(details)
    if found is None:
        return False
    proven = found.group(1).lower().strip(".")
    return domain == proven or domain.endswith(f".{proven}")
