"""Signed references: how a mail that comes back says which of our threads it answers.

A thread ("ticket-12") is written with a signature behind it ("ticket-12-k3f9…"): in the ids of our
mails, which mail programs give back in In-Reply-To and References, and in the subject or address
where a person or program puts it. Only who holds the secret key can make one, so whoever shows one
was sent one of our mails, or had it from somebody who was. It is no right to anything by itself.
"""

from __future__ import annotations

import re
from base64 import b32encode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

#: Characters of the signature: 80 bits, in an alphabet that survives a change of case.
_LENGTH = 16
_SIGNED = re.compile(
    rf"(?<![a-z0-9_])([a-z_]+-[1-9][0-9]{{0,18}})-([a-z2-7]{{{_LENGTH}}})(?![a-z0-9])"
)


def signed(thread: str) -> str:
    """The reference of a thread, fit for a Message-ID and for the part before an address's @."""
    return f"{thread}-{_signature(thread, settings.SECRET_KEY)}"


def threads_in(text: str) -> list[str]:
    """The threads whose true references stand in `text`, each once, in the order they stand.

    What only looks like a reference is passed over: nobody learns from us why.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    found = [
        thread
        for thread, signature in _SIGNED.findall(text.lower())
        if any(constant_time_compare(_signature(thread, key), signature) for key in keys)
    ]
    return list(dict.fromkeys(found))


def _signature(thread: str, key: str | bytes) -> str:
    digest = salted_hmac("core.channels.reference", thread, secret=key, algorithm="sha256").digest()
    return b32encode(digest).decode().lower()[:_LENGTH]
