"""AES as the chats use it: CBC with a 256-bit key and PKCS#7 padding, checked to the last byte."""

from __future__ import annotations

import base64
import binascii

KEY_BYTES = 32
IV_BYTES = 16


class BadCipher(Exception):
    """This was not encrypted with our key, or was changed on the way."""


def decrypted(data: bytes, key: bytes, iv: bytes, *, padded_to: int = 16) -> bytes:
    """The plain bytes. WeCom pads to 32 bytes, the others to a block. Raises `BadCipher`."""
    # The library loads OpenSSL; most processes never meet an encrypted message.
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415
        Cipher,
        algorithms,
        modes,
    )

    if not data or len(data) % 16 or len(key) != KEY_BYTES or len(iv) != IV_BYTES:
        raise BadCipher("no whole number of blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    length = plain[-1]
    if not 1 <= length <= padded_to or plain[-length:] != bytes([length]) * length:
        raise BadCipher("the padding is wrong")
    return plain[:-length]


def encrypted(data: bytes, key: bytes, iv: bytes, *, padded_to: int = 16) -> bytes:
    """The same backwards: the stand-ins of the tests encrypt as the providers do."""
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415
        Cipher,
        algorithms,
        modes,
    )

    length = padded_to - len(data) % padded_to
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(data + bytes([length]) * length) + encryptor.finalize()


def from_base64(text: str) -> bytes:
    """Strict Base64. Raises `BadCipher`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCipher("this is no Base64") from error
