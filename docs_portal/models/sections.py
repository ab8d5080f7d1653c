"""What search reads of the manuals: their published texts by section, the words they are made of,
what was searched in vain; and where imported pages came from.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from docs_portal.models.manuals import Page, Revision
from docs_portal.querysets import SectionQuerySet

USER = settings.AUTH_USER_MODEL


class PageSection(models.Model):
    """A part of a published page under one heading, for one audience, as search reads it.

    Written when the page is published, gone when it is retired. Position 0 is the page itself: its
    title, and the text before the first heading where everybody may read that. `role_ids` None is
    for everybody who reads the page; a list for holders of one of them (an empty one for nobody).
    `plain` is the text as it is read; `key` finds the section by it and by its Markdown,
    `heading_key` by its heading alone.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="sections")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    heading = models.TextField(blank=True, default="")
    anchor = models.TextField(blank=True, default="")
    plain = models.TextField(blank=True, default="")
    role_ids = ArrayField(models.IntegerField(), null=True)
    key = models.TextField(blank=True, default="")
    heading_key = models.TextField(blank=True, default="")

    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ["page_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["page", "position"], name="page_section_place")
        ]
        indexes = [
            GinIndex(
                fields=["key"], opclasses=["gin_trgm_ops"], name="page_section_key",
                gin_pending_list_limit=128,
            ),
            GinIndex(
                fields=["heading_key"], opclasses=["gin_trgm_ops"], name="page_section_heading",
                gin_pending_list_limit=128,
            ),
            GinIndex(
                fields=["heading_key"], opclasses=["gin_trgm_ops"], name="page_section_title",
                gin_pending_list_limit=128, condition=models.Q(position=0),
            ),
            models.Index(
                fields=["heading_key"], name="page_section_titled", condition=models.Q(position=0)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.page_id} §{self.position} {self.heading}"


class PageWord(models.Model):
    """A Latin word of the manuals, once: what a word typed wrongly may have meant.

    Never shown as it stands: it is searched first, and offered only where the reader finds
    something by it, so that it tells nothing of pages that are not theirs.
    """

    word = models.CharField(max_length=40, unique=True)
    in_heading = models.BooleanField(default=False)

    class Meta:
        indexes = [
            GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="page_word_trigrams"),
        ]

    def __str__(self) -> str:
        return self.word


class SearchMiss(models.Model):
    """Somebody searched the manuals and found nothing: a page that may be missing.

    Once per person, words and day. `words` are the query as search compares it, so that the same
    need counts once however it is typed; `query` is how it was typed.
    """

    query = models.CharField(_("search"), max_length=200)
    words = models.CharField(max_length=200)
    #: The product whose manual was searched; null: all of them.
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-created_at"], name="search_miss_newest"),
            models.Index(fields=["words", "user"], name="search_miss_words"),
        ]

    def __str__(self) -> str:
        return self.query


class ImportedPage(models.Model):
    """Which file of a folder a page was brought from, so that the next import finds it again.

    `source` is what the folder is called and `role_code` the role it was imported for as a whole: a
    manual may come in several folders that hold files of the same name. The digests (SHA-256,
    hexadecimal) are of the text that was brought and of the one that was kept: where the page reads
    otherwise than kept, somebody edited it here.
    """

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="imported")
    source = models.CharField(max_length=120)
    role_code = models.CharField(max_length=60, blank=True, default="")
    path = models.CharField(max_length=500)
    brought = models.CharField(max_length=64)
    kept = models.CharField(max_length=64)
    imported_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["path"], name="imported_page_path")]

    def __str__(self) -> str:
        return self.path
