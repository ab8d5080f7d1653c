"""Must-reads (必读): who has to read a page by when, and who said that they have; and where a role
needs no page.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Feature, Module, ProductRole
from core.models import Recorded
from docs_portal.models.manuals import Page, Revision
from docs_portal.querysets import MustReadRoundQuerySet

USER = settings.AUTH_USER_MODEL


class MustRead(Recorded):
    """A page that named people have to read and acknowledge.

    Its audience are the page's readers, narrowed to holders of one of `role_ids` and members of
    `department_ids` with those below (empty: not narrowed). `days` is how long they have when the
    page changes in a material way (calendar days). One is active for a page.
    """

    SUBJECT: ClassVar[str] = "must_read"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "page_id", "role_ids", "department_ids", "days", "is_active",
    )  # fmt: skip

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="must_reads")
    role_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    department_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    days = models.PositiveSmallIntegerField(
        _("days to read a change"), default=7,
        validators=[MinValueValidator(1), MaxValueValidator(180)],
    )  # fmt: skip
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page"], condition=Q(is_active=True), name="must_read_once"
            )
        ]

    def __str__(self) -> str:
        return f"must read {self.page_id}"


class MustReadRound(models.Model):
    """One material version of the page that was asked to be read; older ones stay as they were.

    `revision` is the material revision, `due_on` the last day in time.
    """

    must_read = models.ForeignKey(MustRead, on_delete=models.PROTECT, related_name="rounds")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    asked_at = models.DateTimeField()
    #: When a person last reminded those who had not answered.
    reminded_at = models.DateTimeField(null=True)

    objects = MustReadRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["must_read", "revision"], name="must_read_round_once")
        ]

    def __str__(self) -> str:
        return f"{self.must_read_id} by {self.due_on}"


class MustReadReader(models.Model):
    """How far a round came with one person: told, reminded, and whether they said that they have
    read it (阅读确认). `revision` is the text they had before them when they did: the round's
    material version or a rewording of it.
    """

    round = models.ForeignKey(MustReadRound, on_delete=models.PROTECT, related_name="readers")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="must_read_reader")]
        indexes = [models.Index(fields=["user"], name="must_read_of_reader")]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.round_id}"


class NoPageNeeded(Recorded):
    """Writers decided that a role needs no page about a module or one of its features."""

    SUBJECT: ClassVar[str] = "no_page_needed"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("role_id", "module_id", "feature_id", "is_active")

    role = models.ForeignKey(ProductRole, on_delete=models.PROTECT, related_name="+")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="+")
    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    decided_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "module", "feature"], name="no_page_needed_once",
                nulls_distinct=False,
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.role_id} needs no page on {self.feature_id or self.module_id}"
