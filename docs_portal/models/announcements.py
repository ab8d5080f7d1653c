"""Announcements (宣导): what it is, what it solves, whom it concerns, how to use it."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from core.models import Recorded, StoredFile
from docs_portal.choices import AnnouncementStatus
from docs_portal.querysets import AnnouncementQuerySet

USER = settings.AUTH_USER_MODEL


def _ids() -> ArrayField[list[int], list[int]]:
    return ArrayField(models.IntegerField(), default=list, blank=True)


class Announcement(Recorded):
    """One thing people are told about a product, or about the house.

    Its audience: people of one of `department_ids` (or below; none: of every department) who hold
    one of `role_ids`, or without roles use one of `product_ids` (none: everybody).
    """

    SUBJECT: ClassVar[str] = "announcement"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "title", "what", "solves", "concerns", "how", "product_id", "status", "starts_at",
        "ends_at", "published_at", "product_ids", "role_ids", "department_ids",
        "asks_acknowledgement", "acknowledge_by", "source",
    )  # fmt: skip

    title = models.CharField(_("title"), max_length=120)
    what = models.TextField(_("what it is"))
    solves = models.TextField(_("what it solves"), blank=True, default="")
    concerns = models.TextField(_("whom it concerns"), blank=True, default="")
    how = models.TextField(_("how to use it"), blank=True, default="")
    #: What it is about; null: nothing in particular. Whoever writes the product's manual writes it.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="announcements"
    )
    status = models.CharField(
        max_length=10, choices=AnnouncementStatus.choices, default=AnnouncementStatus.DRAFT
    )
    #: When it is to be published; null: when somebody publishes it.
    starts_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    #: Banners end then; the page stays.
    ends_at = models.DateTimeField(_("banner until"), null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    product_ids = _ids()
    role_ids = _ids()
    department_ids = _ids()
    asks_acknowledgement = models.BooleanField(_("asks for acknowledgement"), default=False)
    acknowledge_by = models.DateField(_("acknowledge by"), null=True, blank=True)
    #: What it was made from, in the words of the app above: "release-12".
    source = models.CharField(max_length=60, blank=True, default="")
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["-published_at"], name="announcement_out", condition=Q(status="published")
            ),
            models.Index(
                fields=["starts_at"], name="announcement_due", condition=Q(status="scheduled")
            ),
            models.Index(
                fields=["source"], name="announcement_source", condition=~Q(source="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def is_live(self, now: dt.datetime) -> bool:
        """Out, and not over."""
        return self.status == AnnouncementStatus.PUBLISHED and (
            self.ends_at is None or self.ends_at > now
        )


class AnnouncementReader(models.Model):
    """How far an announcement came with one person of its audience.

    `told_at`: a notice was written. `reached_at`: it was in front of them (a banner, the inbox,
    the page). `read_at`: they opened it. One row per person; no event, as reading changes nothing.
    """

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "user"], name="announcement_reader")
        ]
        indexes = [models.Index(fields=["user"], name="announcement_of_reader")]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.announcement_id}"


class AnnouncementFile(models.Model):
    """A picture, a video or a paper of an announcement."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """How the page shows it: as "image", "video", or "other"."""
        kind = self.content_type.partition("/")[0]
        return kind if kind in ("image", "video") else "other"


class PosterPlace(models.Model):
    """A place where a printed poster hangs; its QR code leads through `code`, and is counted."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="places")
    name = models.CharField(_("place"), max_length=80)
    code = models.CharField(max_length=16, unique=True)
    scans = models.PositiveIntegerField(default=0)
    last_scan_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["announcement", "name"], name="poster_place_once")
        ]

    def __str__(self) -> str:
        return self.name
