"""Files added to a ticket: what is accepted, and where the bytes go."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import files as stored_files
from core.errors import BadInput, Problem
from core.sniffing import SNIFFED, begins_as
from tickets.models import Attachment, Comment, Ticket

#: Ending → the content type it is served with, whatever the browser claimed.
ACCEPTED: dict[str, str] = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "bmp": "image/bmp", "heic": "image/heic",
    "pdf": "application/pdf", "txt": "text/plain", "log": "text/plain", "csv": "text/csv",
    "json": "application/json", "xml": "text/xml", "md": "text/markdown",
    "doc": "application/msword", "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "zip": "application/zip", "7z": "application/x-7z-compressed", "eml": "message/rfc822",
    "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
}  # fmt: skip

NAME_MAX = 200
#: What a file system or a header could take for something else.
_UNSAFE = str.maketrans(dict.fromkeys('<>:"|?*;', "_"))


def ending_of(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def served_type(name: str) -> str:
    """The content type a file of this name is served with."""
    return ACCEPTED[ending_of(name)]


def kept_name(name: str) -> str:
    """`name` as it is kept: no folders, nothing invisible or turned round, 200 characters at most.

    A right-to-left override would let `gnp.exe` read as `exe.png`; such marks are left out. Of a
    long name the ending stays.
    """
    last = re.split(r"[/\\\\]", name)[-1]
    seen = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    plain = " ".join(seen.translate(_UNSAFE).split()).strip(". ")
    if len(plain) > NAME_MAX:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[: NAME_MAX - len(ending) - 2].rstrip()}…{dot}{ending}"
    return plain or "file"


def too_many(count: int) -> Problem:
    return Problem(
        "files", _("These are too many files."),
        _("Send at most %(count)s at a time.") % {"count": settings.ATTACHMENT_MAX_COUNT},
        str(count),
    )  # fmt: skip


def check_files(files: Sequence[UploadedFile]) -> None:
    """Refuse too many, too large, empty or unaccepted files; names each file and what would do."""
    problems: list[Problem] = []
    if len(files) > settings.ATTACHMENT_MAX_COUNT:
        problems.append(too_many(len(files)))
    problems += [problem for file in files if (problem := _wrong(file)) is not None]
    if problems:
        raise BadInput(*problems)


def _wrong(file: UploadedFile) -> Problem | None:
    name, size = kept_name(file.name or ""), file.size or 0
    ending = ending_of(name)
    if ending not in ACCEPTED:
        return Problem(
            "files", _("“%(name)s” is of a type that is not accepted.") % {"name": name},
            _("Accepted: %(endings)s.") % {"endings": ", ".join(ACCEPTED)}, name,
        )  # fmt: skip
    if size > settings.ATTACHMENT_MAX_BYTES:
        return Problem(
            "files", _("“%(name)s” is too large.") % {"name": name},
            _("One file may have %(size)s.")
            % {"size": filesizeformat(settings.ATTACHMENT_MAX_BYTES)},
            filesizeformat(size),
        )  # fmt: skip
    if size == 0:
        return Problem(
            "files", _("“%(name)s” is empty.") % {"name": name},
            _("Choose a file that has content."), name,
        )  # fmt: skip
    if not begins_as(ending, _beginning(file)):
        return Problem(
            "files",
            _("“%(name)s” is no %(ending)s file inside.") % {"name": name, "ending": ending},
            _("Save it in that format again, or give it the ending of what it is."), name,
        )  # fmt: skip
    return None


def _beginning(file: UploadedFile) -> bytes:
    file.seek(0)
    found: bytes = file.read(SNIFFED)
    file.seek(0)
    return found


def attach_files(
    ticket: Ticket,
    comment: Comment | None,
    files: Sequence[UploadedFile],
    *,
    acting_user: User,
    now: dt.datetime,
    field_key: str = "",
) -> list[Attachment]:
    """Keep the files with the ticket (and comment or custom field); part of the caller's
    transaction."""
    return [
        Attachment.objects.create(
            ticket=ticket,
            comment=comment,
            file=stored_files.store(file, now=now),
            name=kept_name(file.name or ""),
            content_type=served_type(kept_name(file.name or "")),
            field_key=field_key,
            uploaded_by=acting_user,
            created_at=now,
        )
        for file in files
    ]
