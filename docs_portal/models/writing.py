"""What writing a page needs besides its revisions: files, drafts, reviews, old addresses."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Recorded, StoredFile
from docs_portal.choices import ReviewRule, ReviewState
from docs_portal.models.manuals import Manual, Page, Revision

USER = settings.AUTH_USER_MODEL


class WritingRules(Recorded):
    """How the pages of a manual are published; a manual without a row asks for no review."""

    SUBJECT: ClassVar[str] = "writing_rules"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("manual_id", "review")

    manual = models.OneToOneField(Manual, on_delete=models.PROTECT, related_name="rules")
    review = models.CharField(
        _("review before publishing"), max_length=10, choices=ReviewRule.choices,
        default=ReviewRule.NEVER,
    )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.manual_id}: {self.review}"


class PageFile(models.Model):
    """A picture, a video or a paper that a page shows (`attachment:<id>` in its text).

    It is kept as long as its page: an older revision may still show it. `seconds` is the length
    of a video, None where its file does not say.
    """

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    seconds = models.FloatField(null=True)
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """How a page shows it: as "image", "video", or "other"."""
        kind = self.content_type.partition("/")[0]
        return kind if kind in ("image", "video") else "other"


class WritingDraft(models.Model):
    """What one person typed on one page and has not saved as a revision.

    `revision` grows with each save, so that the older of two windows is told instead of heard;
    `based_on` is the number of the page's revision that the writer had read.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="drafts")
    person = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=160, blank=True, default="")
    body = models.TextField(blank=True, default="")
    based_on = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "person"], name="writing_draft_once")
        ]

    def __str__(self) -> str:
        return f"draft of {self.person_id} on {self.page_id}"


class Review(models.Model):
    """A named person is asked whether a revision may be published, and answers.

    At most one is open for a page. The page's events tell the same story.
    """

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="reviews")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    #: What the reviewer should look at.
    words = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=ReviewState.choices, default=ReviewState.WAITING
    )
    comment = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["page"], condition=Q(state="waiting"), name="review_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"review of {self.revision_id} by {self.reviewer_id}: {self.state}"


class OldAddress(models.Model):
    """An address a page had before: it leads to the one it has now."""

    manual = models.ForeignKey(Manual, on_delete=models.PROTECT, related_name="old_addresses")
    slug = models.SlugField(max_length=120, allow_unicode=True)
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="old_addresses")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["manual", "slug"], name="old_address_once")]

    def __str__(self) -> str:
        return self.slug


class VideoWatch(models.Model):
    """Which parts of a video a person watched: pairs of seconds, joined, and how many together.

    `length` is the length of the video in seconds that `seconds` is measured by: the file's own,
    or the player's where the file does not say.
    """

    file = models.ForeignKey(PageFile, on_delete=models.PROTECT, related_name="watches")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    parts = ArrayField(ArrayField(models.FloatField(), size=2), default=list)
    seconds = models.FloatField(default=0)
    length = models.FloatField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "user"], name="video_watch_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watched {self.seconds:.0f} s of {self.file_id}"

    @property
    def percent(self) -> int:
        """The watched part of the video, in percent, never rounded up to a whole one."""
        return min(100, int(100 * self.seconds / self.length)) if self.length else 0
