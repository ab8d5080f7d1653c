"""Marks on a person's own notices. They are no history of anything, so they leave no event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.models import User
from core import live
from core.models import Notice


def mark_seen(notices: Iterable[Notice], *, acting_user: User, now: dt.datetime) -> int:
    """The notices were on this person's screen. Returns how many were new to them."""
    new = [notice.pk for notice in notices if notice.seen_at is None]
    own = Notice.objects.of(acting_user.pk).filter(pk__in=new, seen_at__isnull=True)
    return own.update(seen_at=now) if new else 0


def mark_read(notice: Notice, *, acting_user: User, now: dt.datetime) -> bool:
    """The person opened the notice, and with it what came before about the same thing.

    False when they had done so before.
    """
    own = Notice.objects.of(acting_user.pk).unread().with_thread(notice)
    own.filter(seen_at__isnull=True).update(seen_at=now)
    read = bool(own.update(read_at=now))
    if read:
        live.changed(f"inbox:{acting_user.pk}")
    return read


def mark_unread(notice: Notice, *, acting_user: User) -> bool:
    """Put one notice back among the unread: for later. False when it is there already."""
    own = Notice.objects.of(acting_user.pk).filter(pk=notice.pk, read_at__isnull=False)
    if own.update(read_at=None):
        live.changed(f"inbox:{acting_user.pk}")
        return True
    return False


def mark_all_read(*, acting_user: User, now: dt.datetime) -> int:
    """Empty the count of unread notices. Returns how many there were."""
    own = Notice.objects.of(acting_user.pk)
    own.filter(seen_at__isnull=True).update(seen_at=now)
    read = own.unread().update(read_at=now)
    if read:
        live.changed(f"inbox:{acting_user.pk}")
    return read
