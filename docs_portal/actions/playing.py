"""Which parts of a video a person watched: evidence, and never taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import BadInput, Problem
from core.media import LONGEST_SECONDS
from docs_portal.models import PageFile, VideoWatch
from docs_portal.policies.watching import Stretch, joined, require_possible, seconds_in


def record_watched(
    file: PageFile, parts: Sequence[Stretch], *, length: float, acting_user: User,
    now: dt.datetime,
) -> VideoWatch:  # fmt: skip
    """Add what a player says was played. No event: watching changes nothing.

    `length` is what the player takes for the length of the video in seconds; it counts only where
    the file does not say. An empty report starts the clock that later ones are held against.
    Raises BadInput for no video, and for more than can have been watched since the first report.
    """
    if file.kind != "video":
        raise BadInput(Problem("file", _("This file is no video."), "", file.name))
    measure = file.seconds or length
    if not 0 < measure <= LONGEST_SECONDS:
        raise BadInput(
            Problem("length", _("This is no length of a video."),
                    _("Send its length in seconds."), str(length))
        )  # fmt: skip
    with transaction.atomic():
        VideoWatch.objects.get_or_create(
            file=file, user=acting_user,
            defaults={"length": measure, "first_at": now, "last_at": now},
        )  # fmt: skip
        rows = VideoWatch.objects.select_for_update(of=("self",), no_key=True)
        watch = rows.get(file=file, user=acting_user)
        # A player that takes the video for shorter must not make it watched sooner.
        watch.length = max(watch.length, measure)
        known: list[Stretch] = [(start, stop) for start, stop in watch.parts]
        after = joined([*known, *parts], watch.length)
        require_possible(known, after, watch.first_at, now)
        watch.parts, watch.seconds = [list(part) for part in after], seconds_in(after)
        watch.last_at = now
        watch.save(update_fields=["parts", "seconds", "length", "last_at"])
    return watch
