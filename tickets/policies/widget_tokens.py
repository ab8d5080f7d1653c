"""The token by which a product's back end says who sits at its page (docs/how-to).

A JSON Web Token of one kind only: `HS256`, the secret named by `kid`. Whatever its head says, it
is checked as HMAC-SHA256; nothing else is understood. Every back end has a library for it, and
needs none.
"""

from __future__ import annotations

import binascii
import datetime as dt
import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

#: A token may be good for so long from its making; it is exchanged at once.
LIFE = dt.timedelta(minutes=10)
#: How far the clocks of two servers may be apart.
LEEWAY = dt.timedelta(seconds=60)
#: How long the frame of an open page goes on without a new token.
SESSION_LIFE = dt.timedelta(hours=8)
#: Characters of a token; a longer one is nobody's.
TOKEN_MAX = 4096
NONCE_MIN, NONCE_MAX = 8, 128


class NoToken(ValueError):
    """Not a token of ours in form: malformed, another kind, or a claim of the wrong shape."""


@dataclass(frozen=True)
class Token:
    """A token that was taken apart and not yet believed."""

    key_id: str
    signed: bytes
    signature: bytes
    person: str
    product: str
    nonce: str
    made_at: dt.datetime
    expires_at: dt.datetime
    module: str = ""
    page: str = ""


def new_nonce() -> str:
    return secrets.token_hex(16)


def new_key_id() -> str:
    return f"w{secrets.token_hex(5)}"


def secret_of(nonce: str) -> str:
    """The secret behind a row: 256 bits that only who holds the key of the house can make."""
    digest = salted_hmac("tickets.widget-secret", nonce, algorithm="sha256").digest()
    return _encoded(digest)


def hash_of(text: str) -> str:
    """What the database keeps of a session's key and of a token's nonce."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign(claims: Mapping[str, Any], key_id: str, secret: str) -> str:
    """A token as a back end makes it: for the page to try it, and for tests."""
    head = {"alg": "HS256", "typ": "JWT", "kid": key_id}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, dict(claims)))
    return f"{signed}.{_encoded(_mac(secret, signed.encode()))}"


def read(text: str) -> Token:
    """Take a token apart. Raises `NoToken`; says nothing about whether it is genuine."""
    if len(text) > TOKEN_MAX or text.count(".") != 2:
        raise NoToken
    signed, _dot, signature = text.rpartition(".")
    try:
        head, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        if not isinstance(head, dict) or not isinstance(claims, dict) or head["alg"] != "HS256":
            raise NoToken
        return Token(
            key_id=_text(head, "kid", 40),
            signed=signed.encode(),
            signature=_decoded(signature),
            person=_text(claims, "sub", 254),
            product=_text(claims, "product", 40),
            nonce=_text(claims, "jti", NONCE_MAX, NONCE_MIN),
            made_at=_moment(claims, "iat"),
            expires_at=_moment(claims, "exp"),
            module=_text(claims, "module", 80, 0) if "module" in claims else "",
            page=_text(claims, "page", 2000, 0) if "page" in claims else "",
        )
    except (KeyError, UnicodeError, binascii.Error, OverflowError, RecursionError) as error:
        raise NoToken from error
    except ValueError as error:
        raise NoToken from error


def is_genuine(token: Token, secret: str) -> bool:
    """Whether the token was signed with `secret`; takes as long either way."""
    return hmac.compare_digest(_mac(secret, token.signed), token.signature)


def is_current(token: Token, now: dt.datetime) -> bool:
    """Made lately, not over, and not meant to live longer than a token may."""
    return (
        token.made_at - LEEWAY <= now < token.expires_at + LEEWAY
        and token.expires_at - token.made_at <= LIFE
    )


def _mac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    raw = text.encode("ascii")
    return urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))


def _text(values: Mapping[str, Any], name: str, most: int, least: int = 1) -> str:
    value = values[name]
    if not isinstance(value, str) or not least <= len(value) <= most or "\x00" in value:
        raise NoToken
    return value


def _moment(values: Mapping[str, Any], name: str) -> dt.datetime:
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NoToken
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC)
    except OSError as error:
        raise NoToken from error
