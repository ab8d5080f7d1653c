"""Files added to a ticket: what is accepted, and where the bytes go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import files as stored_files
from core.errors import BadInput, Problem
from core.uploads import ending_of, kept_name, wrong_with
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


def served_type(name: str) -> str:
    """The content type a file of this name is served with."""
    return ACCEPTED[ending_of(name)]


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
    problems += [
        problem
        for file in files
        if (problem := wrong_with(file, ACCEPTED, largest=settings.ATTACHMENT_MAX_BYTES))
        is not None
    ]
    if problems:
        raise BadInput(*problems)


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
