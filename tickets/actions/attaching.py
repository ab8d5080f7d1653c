"""Files added to a ticket: what is accepted, and where the bytes go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import files as stored_files
from core.errors import BadInput, Problem
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


def ending_of(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def check_files(files: Sequence[UploadedFile]) -> None:
    """Refuse too many, too large, empty or unaccepted files; names each file and what would do."""
    problems: list[Problem] = []
    if len(files) > settings.ATTACHMENT_MAX_COUNT:
        problems.append(
            Problem(
                "files", _("These are too many files."),
                _("Send at most %(count)s at a time.") % {"count": settings.ATTACHMENT_MAX_COUNT},
                str(len(files)),
            )
        )  # fmt: skip
    for file in files:
        name, size = file.name or "", file.size or 0
        if ending_of(name) not in ACCEPTED:
            problems.append(
                Problem(
                    "files", _("“%(name)s” is of a type that is not accepted.") % {"name": name},
                    _("Accepted: %(endings)s.") % {"endings": ", ".join(ACCEPTED)}, name,
                )
            )  # fmt: skip
        elif size > settings.ATTACHMENT_MAX_BYTES:
            problems.append(
                Problem(
                    "files", _("“%(name)s” is too large.") % {"name": name},
                    _("One file may have %(size)s.")
                    % {"size": filesizeformat(settings.ATTACHMENT_MAX_BYTES)},
                    filesizeformat(size),
                )
            )  # fmt: skip
        elif size == 0:
            problems.append(
                Problem(
                    "files", _("“%(name)s” is empty.") % {"name": name},
                    _("Choose a file that has content."), name,
                )
            )  # fmt: skip
    if problems:
        raise BadInput(*problems)


def attach_files(
    ticket: Ticket,
    comment: Comment | None,
    files: Sequence[UploadedFile],
    *,
    acting_user: User,
    now: dt.datetime,
) -> list[Attachment]:
    """Keep the files with the ticket (and comment); part of the caller's transaction."""
    return [
        Attachment.objects.create(
            ticket=ticket,
            comment=comment,
            file=stored_files.store(file, now=now),
            name=(get_valid_filename(file.name or "") or "file")[-200:],
            content_type=ACCEPTED[ending_of(file.name or "")],
            uploaded_by=acting_user,
            created_at=now,
        )
        for file in files
    ]
