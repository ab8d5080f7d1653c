"""The parts of a mail: its text, and the files that came with it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message as Mail
from email.utils import decode_params
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from core.uploads import kept_name
from tickets.incoming.mail import tnef
from tickets.incoming.mail.charsets import decoded, header_text
from tickets.incoming.mail.html import text_of

#: Parts that are looked at, and how deep; a mail with more was not made by a mail program.
PARTS_MAX = 300
DEPTH_MAX = 30
#: Inline pictures smaller than this are dots that count readers, or lines drawn as pictures.
_DOT_BYTES = 1200
#: Parts that say something to programs and nothing to people.
_SILENT = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    "message/delivery-status", "message/disposition-notification", "text/rfc822-headers",
})  # fmt: skip
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_ENDINGS = {
    "image/jpeg": "jpg", "text/plain": "txt", "text/html": "html", "message/rfc822": "eml",
    "text/calendar": "ics", "image/bmp": "bmp", "image/webp": "webp", "image/heic": "heic",
}  # fmt: skip


@dataclass
class Content:
    """What a mail holds: its text, its files, and what of it could not be read, by name."""

    text: str = ""
    files: list[SimpleUploadedFile] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    is_sealed: bool = False


@dataclass
class _Found:
    """What is gathered on the way through the parts."""

    texts: list[str] = field(default_factory=list)
    content: Content = field(default_factory=Content)
    pictures: dict[str, str] = field(default_factory=dict)
    seen: int = 0


def content_of(mail: Mail) -> Content:
    """Text and files of a mail, through all its parts."""
    found = _Found()
    found.pictures = {
        str(part.get("Content-ID") or "").strip().strip("<>"): name_of(part, "image")
        for part in _leaves(mail)
        if part.get_content_maintype() == "image" and part.get("Content-ID")
    }
    _gather(mail, found, 0)
    found.content.text = "\n\n".join(text for text in found.texts if text.strip()).strip()
    return found.content


def _leaves(mail: Mail) -> Iterator[Mail]:
    waiting, seen = [(mail, 0)], 0
    while waiting and seen < PARTS_MAX:
        part, depth = waiting.pop()
        seen += 1
        if part.is_multipart() and depth < DEPTH_MAX:
            waiting += [(child, depth + 1) for child in _children(part)]
        elif not part.is_multipart():
            yield part


def _children(part: Mail) -> list[Mail]:
    payload: Any = part.get_payload()
    return (
        [child for child in payload if isinstance(child, Mail)] if isinstance(payload, list) else []
    )


def _gather(part: Mail, found: _Found, depth: int) -> None:
    found.seen += 1
    if found.seen > PARTS_MAX or depth > DEPTH_MAX:
        if found.seen == PARTS_MAX + 1 or depth == DEPTH_MAX + 1:
            found.content.unread.append("…")
        return
    kind = part.get_content_type()
    if kind in _SEALED:
        found.content.is_sealed = True
        return
    if kind in _SILENT:
        return
    if kind == "message/rfc822" or (part.is_multipart() and kind.startswith("message/")):
        _keep_mail(part, found)
    elif kind == "multipart/alternative":
        _choose(part, found, depth)
    elif part.is_multipart():
        for child in _children(part):
            _gather(child, found, depth + 1)
    else:
        _leaf(part, kind, found)


def _choose(part: Mail, found: _Found, depth: int) -> None:
    """One of several forms of the same text: the plain one, unless it says less than half."""
    children = _children(part)
    plain = [child for child in children if child.get_content_type() == "text/plain"]
    rest = [child for child in children if child not in plain]
    text = "\n".join(_text(child, found.pictures) for child in plain).strip()
    before = len(found.texts)
    for child in rest:
        _gather(child, found, depth + 1)
    rich = "\n".join(found.texts[before:]).strip()
    if text and len(text) * 2 >= len(rich):
        found.texts[before:] = [text]


def _leaf(part: Mail, kind: str, found: _Found) -> None:
    name = name_of(part, "")
    if kind in _TNEF or name.lower() == "winmail.dat":
        _open_tnef(part, found)
        return
    is_file = part.get_content_disposition() == "attachment" or bool(name)
    if kind in ("text/plain", "text/html") and not is_file:
        found.texts.append(_text(part, found.pictures))
        return
    data = _bytes(part)
    if part.get("Content-ID") and kind.startswith("image/") and len(data) < _DOT_BYTES:
        return
    shown = name or name_of(part, "file" if not kind.startswith("image/") else "image")
    found.content.files.append(_file(shown, data, kind))


def _text(part: Mail, pictures: dict[str, str]) -> str:
    text = decoded(_bytes(part), _charset(part))
    return text_of(text, pictures) if part.get_content_type() == "text/html" else text


def _bytes(part: Mail) -> bytes:
    """The decoded content; of broken base64 as much as can be read."""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, MessageError):
        payload = None
    if isinstance(payload, bytes):
        return payload
    raw = part.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _charset(part: Mail) -> str:
    try:
        return str(part.get_content_charset("") or "")
    except (LookupError, ValueError, TypeError):
        return ""


def _keep_mail(part: Mail, found: _Found) -> None:
    """A mail inside a mail stays one: it is a file that mail programs open."""
    children = _children(part)
    inner = children[0] if children else None
    subject = header_text(str(inner.get("Subject") or "")) if inner is not None else ""
    name = name_of(part, "") or f"{subject[:80] or 'mail'}.eml"
    try:
        data = inner.as_bytes() if inner is not None else _bytes(part)
    except (ValueError, MessageError, KeyError, TypeError, AttributeError, RecursionError):
        found.content.unread.append(name)
        return
    name = name if name.lower().endswith(".eml") else f"{name}.eml"
    found.content.files.append(_file(name, data, "message/rfc822"))


def _open_tnef(part: Mail, found: _Found) -> None:
    opened = tnef.opened(_bytes(part))
    if opened is None:
        found.content.unread.append("winmail.dat")
        return
    if not any(text.strip() for text in found.texts):
        body = text_of(opened.html, {}) if opened.html.strip() else opened.text
        found.texts.append(body)
    found.content.files += [
        _file(name or f"file-{number}", data)
        for number, (name, data) in enumerate(opened.files, start=1)
    ]


def _file(name: str, data: bytes, kind: str = "application/octet-stream") -> SimpleUploadedFile:
    # By the name it will have: Django refuses to hold a file that is called "..".
    return SimpleUploadedFile(kept_name(name), data, kind)


def name_of(part: Mail, otherwise: str) -> str:
    """The name of a part's file: RFC 2231, encoded words or bare bytes; else made of its kind."""
    for header, param in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        if name := _param(str(part.get(header) or ""), param):
            return name
    if not otherwise:
        return ""
    kind = part.get_content_type()
    ending = _ENDINGS.get(kind) or (mimetypes.guess_extension(kind) or ".bin").lstrip(".")
    return f"{otherwise}.{ending}"


def _param(raw: str, wanted: str) -> str:
    pieces = [piece.partition("=") for piece in _split(raw)[1:]]
    given = [("", "")] + [(key.strip(), value.strip()) for key, _equals, value in pieces]
    try:
        params: list[Any] = decode_params(given)[1:]
    except (ValueError, IndexError, KeyError):
        params = given[1:]
    for key, value in params:
        if key.lower() != wanted:
            continue
        if isinstance(value, tuple):
            charset, _language, text = value
            return decoded(str(text).encode("raw-unicode-escape", "replace"), charset).strip('"')
        return header_text(str(value).strip('"').replace('\\"', '"'))
    return ""


def _split(raw: str) -> list[str]:
    """A header's parameters, cut at semicolons outside quotation marks."""
    pieces, quoted, piece = [], False, ""
    for sign in raw.replace("\r", "").replace("\n", " "):
        if sign == '"' and not piece.endswith("\\"):
            quoted = not quoted
        if sign == ";" and not quoted:
            pieces.append(piece)
            piece = ""
        else:
            piece += sign
    return [*pieces, piece]
