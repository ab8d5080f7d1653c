"""Secrets of other systems at rest: a copy of the database alone signs in nowhere.

A sealed value is AES-256-GCM under a key derived from SECRET_KEY (HKDF-SHA256, NIST SP 800-56C),
with SECRET_KEY_FALLBACKS tried when reading, so that the key can be changed. What was stored before
there was a seal is read as it stands, and sealed the next time it is written.
"""

from __future__ import annotations

import base64
import logging
import secrets
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _TextField = models.CharField[str, str]
else:
    _TextField = models.CharField

MARK = "sealed:"
_NONCE, _TAG = 12, 16
log = logging.getLogger(__name__)


def seal(text: str) -> str:
    """`text` as it is stored; never twice the same. "" stays "", so that it can be asked for."""
    if not text:
        return ""
    nonce = secrets.token_bytes(_NONCE)
    hidden = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), None)
    return MARK + base64.urlsafe_b64encode(nonce + hidden).decode().rstrip("=")


def unseal(stored: str) -> str:
    """The text that was sealed; "" where no key of this installation opens it."""
    if not stored.startswith(MARK):
        return stored
    body = stored.removeprefix(MARK)
    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_key(key)).decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except InvalidTag:
            continue
    log.error("A stored secret was sealed with another SECRET_KEY; it has to be typed in anew.")
    return ""


def _key(secret_key: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"opsdesk sealed field")
    return hkdf.derive(secret_key.encode())


class SealedField(_TextField):
    """A text column whose values are sealed on the way in and opened on the way out.

    To migrations it is the CharField it is stored in. It cannot be searched.
    """

    @property
    def most(self) -> int:
        """Bytes of UTF-8 that fit into the column once sealed."""
        return ((self.max_length or 0) - len(MARK)) * 3 // 4 - _NONCE - _TAG

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def from_db_value(self, value: str | None, *_args: object) -> str | None:
        return None if value is None else unseal(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        sealed = seal(value) if isinstance(value, str) else value
        return super().get_db_prep_save(sealed, connection)
