"""Doors to announcements, their files and posters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.access import rights_of
from docs_portal.access.audiences import recipient_of
from docs_portal.models import (
    Announcement,
    AnnouncementFile,
    AnnouncementReader,
    PosterPlace,
)
from docs_portal.policies import may_announce


def live_for(
    user: User, now: dt.datetime, day: dt.date, product_id: int | None = None
) -> list[Announcement]:
    """Live announcements for a person that they have not put away: acknowledged, or dismissed
    where none is asked for; newest first. With `product_id` only those about that product, or
    meant for its users.
    """
    rows = AnnouncementReader.objects.filter(user=user, announcement=OuterRef("pk"))
    over = Q(acknowledged_at__isnull=False) | Q(
        dismissed_at__isnull=False, announcement__asks_acknowledgement=False
    )
    live = Announcement.objects.live(now).for_person(recipient_of(user, day))
    live = live.filter(~Exists(rows.filter(over))).select_related("product")
    if product_id is not None:
        live = live.filter(Q(product_id=product_id) | Q(product_ids__contains=[product_id]))
    return list(live.order_by("-published_at", "-pk")[:5])


def announcements_for(user: User, day: dt.date) -> QuerySet[Announcement]:
    """Everything published for the person, newest first."""
    found = Announcement.objects.published().for_person(recipient_of(user, day))
    return found.select_related("product").order_by("-published_at", "-pk")


def get_announcement_for_view(user: User, pk: int, day: dt.date) -> Announcement:
    """A published announcement meant for the person, or one they write. Raises Http404."""
    seen = Announcement.objects.visible_to(user, recipient_of(user, day))
    announcement: Announcement = get_object_or_404(seen.select_related("product", "author"), pk=pk)
    return announcement


def get_announcement_for_edit(user: User, pk: int, day: dt.date) -> Announcement:
    """An announcement this person writes. Raises Http404 or PermissionDenied."""
    announcement = get_announcement_for_view(user, pk, day)
    if not may_announce(user, announcement.product_id):
        raise PermissionDenied
    return announcement


def get_announcement_file(user: User, pk: int, day: dt.date) -> AnnouncementFile:
    """A file of an announcement the person may see. Raises Http404."""
    found = AnnouncementFile.objects.select_related("file", "announcement")
    file: AnnouncementFile = get_object_or_404(found, pk=pk)
    get_announcement_for_view(user, file.announcement_id, day)
    return file


def get_poster_place(code: str) -> PosterPlace:
    """The place behind a poster's code, while its announcement is out. Raises Http404."""
    places = PosterPlace.objects.select_related("announcement__product")
    place: PosterPlace = get_object_or_404(places, code=code, announcement__status="published")
    return place


def require_announcer(user: User) -> None:
    """Announcements are written by agents. Raises PermissionDenied."""
    if not rights_of(user).is_agent:
        raise PermissionDenied


def reading_of(user: User, pks: Collection[int]) -> dict[int, AnnouncementReader]:
    """How far these announcements came with the person (one query)."""
    rows = AnnouncementReader.objects.filter(user=user, announcement_id__in=list(pks))
    return {row.announcement_id: row for row in rows}


def unread_for(user: User, now: dt.datetime, day: dt.date, product_id: int) -> Announcement | None:
    """The newest live announcement of a product that the person has neither read nor put away."""
    seen = AnnouncementReader.objects.filter(user=user, announcement=OuterRef("pk")).filter(
        Q(read_at__isnull=False) | Q(dismissed_at__isnull=False)
    )
    live = Announcement.objects.live(now).for_person(recipient_of(user, day))
    live = live.filter(Q(product_id=product_id) | Q(product_ids__contains=[product_id]))
    return live.filter(~Exists(seen)).order_by("-published_at", "-pk").first()
