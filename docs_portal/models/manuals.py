"""Manuals: pages for all or for named product roles, and their revisions."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Feature, Module, Product, ProductRole
from core.models import Recorded
from docs_portal.choices import PageKind, PageStatus
from docs_portal.querysets import PageQuerySet

USER = settings.AUTH_USER_MODEL
KIND_ICONS = {
    PageKind.INTRODUCTION: "info",
    PageKind.ACCESS: "key",
    PageKind.SERVICE_GUIDE: "people",
    PageKind.FEATURE_GUIDE: "doc",
    PageKind.TECHNICAL_GUIDE: "gear",
    PageKind.EXAMPLE: "star",
}


class Manual(models.Model):
    """The manual of one product (手册)."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, related_name="manual")
    title = models.CharField(_("title"), max_length=120)

    def __str__(self) -> str:
        return self.title


class Page(Recorded):
    """A page (文档). `roles` empty means for all; else only holders of one of them see it."""

    SUBJECT: ClassVar[str] = "page"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "manual_id", "parent_id", "module_id", "feature_id", "kind", "title", "status",
        "published_revision_id", "position",
    )  # fmt: skip

    manual = models.ForeignKey(Manual, on_delete=models.PROTECT, related_name="pages")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="pages"
    )
    feature = models.ForeignKey(
        Feature, on_delete=models.PROTECT, null=True, blank=True, related_name="pages"
    )
    kind = models.CharField(max_length=16, choices=PageKind.choices)
    #: Names the address; pages of different roles may share it: each reader gets their own.
    slug = models.SlugField(max_length=120, allow_unicode=True)
    title = models.CharField(_("title"), max_length=160)
    roles = models.ManyToManyField(ProductRole, related_name="pages", blank=True)
    status = models.CharField(max_length=10, choices=PageStatus.choices, default=PageStatus.DRAFT)
    published_revision = models.ForeignKey(
        "docs_portal.Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: The published revision whose meaning stands: the newest published one, or one before it that
    #: was only reworded since. Must-reads and trainings are tied to it.
    material_revision = models.ForeignKey(
        "docs_portal.Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: Where the published text holds parts for product roles and nothing else: theirs, and nobody
    #: else has a page here. Empty: there is something for every reader of the page.
    part_role_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    search_key = models.TextField(blank=True, default="", editable=False)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["manual", "slug"], name="page_address"),
            GinIndex(
                fields=["search_key"], opclasses=["gin_trgm_ops"], name="page_search",
                gin_pending_list_limit=128,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def kind_icon(self) -> str:
        """The icon of its kind."""
        return KIND_ICONS[PageKind(self.kind)]


class Revision(models.Model):
    """One text of a page (修订), numbered from 1; never changed once published."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    body = models.TextField()
    is_material = models.BooleanField(_("material change"), default=True)
    note = models.CharField(_("what changed"), max_length=200, blank=True, default="")
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    #: Ids of the product roles the page has once this is published; None leaves them as they are.
    role_ids = ArrayField(models.BigIntegerField(), null=True, default=None)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="revision_number")]

    def __str__(self) -> str:
        return f"{self.page_id} r{self.number}"


class PageRead(models.Model):
    """A person opened a page: the latest time per person and revision."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="reads")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "user"], name="page_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.page_id}"


class MissingPage(models.Model):
    """A gap (缺文档): somebody needed a page for their role and there was none."""

    class Source(models.TextChoices):
        LINK = "link", _("Link to a page of another role")
        TICKET = "ticket", _("Answered without a page")

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, null=True, related_name="+")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, null=True, related_name="gaps")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source.choices)
    #: The ticket, by id: tickets stand above this app.
    ticket_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["product", "-created_at"], name="gap_product")]

    def __str__(self) -> str:
        return f"{self.source} {self.product_id}"
