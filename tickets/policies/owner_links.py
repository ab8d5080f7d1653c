"""Signed links of owners: how a token is made, and what a link is still good for."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from base64 import urlsafe_b64encode
from enum import StrEnum

from django.utils.crypto import salted_hmac

from tickets.choices import CauseState
from tickets.models import Cause, OwnerLink

#: Days a link is good for; the message says until when.
LINK_DAYS = 14

#: What an owner may do in each state of a cause; the first is what the page offers first.
ACTS: dict[str, tuple[str, ...]] = {
    CauseState.PUSHED: ("accept", "decline"),
    CauseState.ACCEPTED: ("deliver", "date", "decline"),
}


class Standing(StrEnum):
    """What a link is worth now."""

    OPEN = "open"
    EXPIRED = "expired"
    #: The cause went to somebody else, or was pushed anew: that push has a link of its own.
    OVER = "over"
    #: Delivered or declined; nothing is asked of this owner any more.
    ANSWERED = "answered"


def new_nonce() -> str:
    return secrets.token_hex(16)


def token_of(nonce: str) -> str:
    """The token of a link: 256 bits that only who holds the secret key can make from its row."""
    digest = salted_hmac("tickets.owner-link", nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def standing_of(link: OwnerLink, cause: Cause, now: dt.datetime) -> Standing:
    """Whether the link may act on its cause, and if not, why."""
    if link.revoked_at is not None or cause.owner_id != link.owner_id:
        return Standing.OVER
    if cause.pushed_at != link.pushed_at or not link.owner.may_sign_in:
        return Standing.OVER
    if cause.state not in ACTS:
        return Standing.ANSWERED
    return Standing.EXPIRED if now >= link.expires_at else Standing.OPEN
