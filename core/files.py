"""Files stored by their content, so that the same bytes stand once and names cannot collide."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from core.models import StoredFile


def store(upload: UploadedFile | File[bytes], *, now: dt.datetime) -> StoredFile:
    """Keep the bytes of `upload`; the bytes are written before the row that names them."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    stored = StoredFile(sha256=digest.hexdigest(), size=upload.size or 0, created_at=now)
    if not default_storage.exists(stored.path):
        upload.seek(0)
        default_storage.save(stored.path, upload)
    StoredFile.objects.bulk_create([stored], ignore_conflicts=True)
    return stored


def open_stored(stored: StoredFile) -> File[bytes]:
    """The bytes, for a view that has asked its door."""
    opened: File[bytes] = default_storage.open(stored.path, "rb")
    return opened
