"""A mail as it came, read: who wrote it, what it answers, its words, its files.

Nothing here raises for what stands in a mail: whatever cannot be read is named in `Letter.unread`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from typing import Any

from tickets.incoming.mail.charsets import clean, header_text, unescaped
from tickets.incoming.mail.parts import Content, content_of
from tickets.incoming.mail.quoting import plain_subject

_ID = re.compile(r"<[^<>\s]{1,900}>")
_ADDRESS = re.compile(r"[^\s<>@,;:\"\x00-\x1f\x7f]{1,64}@[^\s<>@,;:\"\x00-\x1f\x7f]{1,185}")
_BRACKETS = re.compile(r"<([^<>]*)>[^<>]*$")
#: Headers that name whom the mail was delivered to, by whatever program.
_DELIVERED_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Delivered-To")


class _AsItStands(Compat32):
    """Headers stay text with foreign bytes as surrogates: we know better how to read those."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return value


@dataclass(frozen=True)
class Letter:
    """One mail. `answers` are the ids it refers to, the nearest first."""

    mail: Mail
    message_id: str
    sender: str
    sender_name: str
    subject: str
    said_at: dt.datetime | None
    answers: tuple[str, ...]
    to: tuple[str, ...]
    #: Those in To and Cc, whom the writer wrote to knowingly.
    copied: tuple[str, ...] = ()
    content: Content = field(default_factory=Content)

    @property
    def title(self) -> str:
        return plain_subject(self.subject)

    def header(self, name: str) -> str:
        return header_text(str(self.mail.get(name) or ""))


def read_letter(raw: bytes, *, content: bool = True) -> Letter:
    """Read a mail; without `content` only what its headers say."""
    mail = message_from_bytes(raw, policy=_AsItStands())
    sender, name = _sender(mail)
    return Letter(
        mail=mail,
        message_id=_first_id(mail.get("Message-ID")),
        sender=sender,
        sender_name=name[:120],
        subject=header_text(str(mail.get("Subject") or ""))[:500],
        said_at=_date(mail),
        answers=_answers(mail),
        to=tuple(_addresses(mail, _DELIVERED_TO)),
        copied=tuple(_addresses(mail, ("To", "Cc"))),
        content=content_of(mail) if content else Content(),
    )


def identity(raw: bytes) -> str:
    """What makes two mails one: by it a mail that is read twice is kept once.

    The Message-ID with sender and date, because broken programs give every mail the same id; for a
    mail without an id its content without the lines that servers on its way put on top.
    """
    head = read_letter(raw[:200_000], content=False)
    digest = hashlib.sha256()
    digest.update(
        f"{head.sender.lower()}\n{head.mail.get('Date') or ''}\n".encode("utf-8", "replace")
    )
    if head.message_id:
        digest.update(head.message_id.encode("utf-8", "replace"))
        return f"id:{digest.hexdigest()}"
    start = re.search(rb"\r?\n\r?\n", raw)
    digest.update(head.subject.encode())
    digest.update(raw[start.end() :] if start else b"")
    return f"content:{digest.hexdigest()}"


def _sender(mail: Mail) -> tuple[str, str]:
    for header in ("From", "Sender", "Return-Path"):
        for name, address in _pairs(str(mail.get(header) or "")):
            if _ADDRESS.fullmatch(address):
                return address.lower()[:254], name
    return "", ""


def _pairs(raw: str) -> Iterator[tuple[str, str]]:
    """Names and addresses of a header, the encoded words read only after it was taken apart."""
    for piece in _pieces(" ".join(raw.split())):
        in_brackets = _BRACKETS.search(piece)
        if in_brackets is not None:
            name, address = piece[: in_brackets.start()], in_brackets.group(1).strip()
        else:
            name, address = "", piece.strip()
        plain = unescaped(address)
        if not _ADDRESS.fullmatch(plain):
            found = _ADDRESS.search(header_text(address))
            plain = found.group() if found else ""
        yield header_text(name.strip()).strip('" '), plain


def _pieces(text: str) -> list[str]:
    """A list of addresses cut at commas outside quotation marks."""
    pieces, quoted, piece = [], False, ""
    for sign in text:
        if sign == '"' and not piece.endswith("\\"):
            quoted = not quoted
        if sign in ",;" and not quoted:
            pieces.append(piece)
            piece = ""
        else:
            piece += sign
    return [one for one in [*pieces, piece] if one.strip()]


def _addresses(mail: Mail, headers: Sequence[str]) -> list[str]:
    found = [
        address.lower()
        for header in headers
        for raw in mail.get_all(header) or ()
        for _name, address in _pairs(str(raw)[:20_000])
        if address
    ]
    return list(dict.fromkeys(found))[:200]


def _first_id(raw: Any) -> str:
    said = clean(unescaped(str(raw or "")))
    found = _ID.search(said)
    return found.group() if found else said.strip()[:200]


def _answers(mail: Mail) -> tuple[str, ...]:
    """In-Reply-To first, then References from the newest to the oldest."""
    nearest = _ids(mail.get("In-Reply-To"))
    older = _ids(mail.get("References"))
    return tuple(dict.fromkeys([*nearest, *reversed(older)]))


def _ids(raw: Any) -> list[str]:
    return _ID.findall(clean(unescaped(str(raw or "")[-20_000:])))


def _date(mail: Mail) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(str(mail.get("Date") or ""))
    except (ValueError, TypeError, OverflowError):
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=dt.UTC)
    try:
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
