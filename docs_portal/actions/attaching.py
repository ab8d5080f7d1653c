"""Files of a page: pictures, videos and papers its text shows or offers."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from core import events
from core import files as stored_files
from core.errors import BadInput
from core.media import seconds_of
from core.uploads import ending_of, kept_name, wrong_with
from docs_portal.actions.rights import require_writer
from docs_portal.models import Page, PageFile

#: Ending → the content type it is served with, whatever the browser claimed.
PICTURES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp",
}  # fmt: skip
VIDEOS = {"mp4": "video/mp4", "webm": "video/webm"}
PAPERS = {
    "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "zip": "application/zip",
}  # fmt: skip
ACCEPTED = {**PICTURES, **VIDEOS, **PAPERS}


def add_page_file(
    page: Page, upload: UploadedFile, *, acting_user: User, now: dt.datetime
) -> PageFile:
    """Keep a file with a page, for its text to show (`attachment:<id>`). Raises BadInput.

    The same bytes under the same name once more are the same file: pasting twice keeps one.
    """
    require_writer(acting_user, page.manual.product_id)
    name = kept_name(upload.name or "")
    ending = ending_of(name)
    most = settings.VIDEO_MAX_BYTES if ending in VIDEOS else settings.ATTACHMENT_MAX_BYTES
    if (problem := wrong_with(upload, ACCEPTED, largest=most, field="file")) is not None:
        raise BadInput(problem)
    with transaction.atomic():
        row = events.lock(Page, page.pk)
        stored = stored_files.store(upload, now=now)
        known = PageFile.objects.filter(page=row, file=stored, name=name).first()
        if known is not None:
            return known
        file = PageFile.objects.create(
            page=row, file=stored, name=name, content_type=ACCEPTED[ending],
            seconds=_length(upload) if ending in VIDEOS else None,
            created_by=acting_user, created_at=now,
        )  # fmt: skip
        events.change(
            row, "add_file", actor_id=acting_user.pk, now=now,
            data={"file": file.pk, "name": name},
        )  # fmt: skip
    return file


def _length(upload: UploadedFile) -> float | None:
    assert upload.file is not None  # noqa: S101  (an upload has its bytes)
    return seconds_of(cast("BinaryIO", upload.file))
