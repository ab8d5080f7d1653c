"""What hangs on an announcement: pictures, videos, papers, and posters at their places."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, files
from core.changes import checked_text
from core.errors import BadInput, Problem
from core.uploads import ending_of, kept_name, wrong_with
from docs_portal.actions.announcing import require_announcing
from docs_portal.models import Announcement, AnnouncementFile, PosterPlace

PLACES_MAX, FILES_MAX = 50, 10
#: Ending → the content type it is served with.
ACCEPTED = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "mp4": "video/mp4", "webm": "video/webm", "pdf": "application/pdf",
}  # fmt: skip


def add_announcement_files(
    announcement: Announcement, uploads: Sequence[UploadedFile], *, acting_user: User,
    now: dt.datetime,
) -> list[AnnouncementFile]:  # fmt: skip
    """Keep pictures, videos and papers with it. Raises BadInput naming each file."""
    require_announcing(acting_user, announcement.product_id)
    problems = [
        problem
        for upload in uploads
        if (problem := wrong_with(upload, ACCEPTED, largest=settings.ATTACHMENT_MAX_BYTES))
        is not None
    ]
    if announcement.files.count() + len(uploads) > FILES_MAX:
        problems.append(
            Problem("files", _("These are too many files."),
                    _("Keep at most %(count)s.") % {"count": FILES_MAX}, str(len(uploads)))
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)
    with transaction.atomic():
        row = events.lock(Announcement, announcement.pk)
        kept = [
            AnnouncementFile.objects.create(
                announcement=row, file=files.store(upload, now=now),
                name=kept_name(upload.name or ""),
                content_type=ACCEPTED[ending_of(kept_name(upload.name or ""))], created_at=now,
            )
            for upload in uploads
        ]  # fmt: skip
        events.change(
            row, "add_files", actor_id=acting_user.pk, now=now,
            data={"files": [file.pk for file in kept]},
        )  # fmt: skip
    return kept


def remove_announcement_file(
    file: AnnouncementFile, *, acting_user: User, now: dt.datetime
) -> None:
    """Take a file from its announcement. Raises NotAllowed."""
    require_announcing(acting_user, file.announcement.product_id)
    with transaction.atomic():
        row = events.lock(Announcement, file.announcement_id)
        events.change(row, "remove_file", actor_id=acting_user.pk, now=now, data={"file": file.pk})
        file.delete()


def add_poster_place(
    announcement: Announcement, name: str, *, acting_user: User, now: dt.datetime
) -> PosterPlace:
    """A place where its poster hangs, with a code of its own. Raises BadInput, NotAllowed."""
    require_announcing(acting_user, announcement.product_id)
    name = checked_text("name", name, maximum=80)
    with transaction.atomic():
        row = events.lock(Announcement, announcement.pk)
        if row.places.filter(name=name).exists():
            raise BadInput(
                Problem("name", _("There is a poster for this place already."),
                        _("Give this one another name."), name)
            )  # fmt: skip
        if row.places.count() >= PLACES_MAX:
            raise BadInput(
                Problem("name", _("These are too many places."),
                        _("Name at most %(count)s.") % {"count": PLACES_MAX}, name)
            )  # fmt: skip
        place = PosterPlace.objects.create(
            announcement=row, name=name, code=secrets.token_urlsafe(8), created_at=now
        )
        events.change(row, "add_place", actor_id=acting_user.pk, now=now, data={"place": place.pk})
    return place


def count_scan(place: PosterPlace, *, now: dt.datetime) -> None:
    """Somebody held a camera at the poster."""
    PosterPlace.objects.filter(pk=place.pk).update(scans=F("scans") + 1, last_scan_at=now)
