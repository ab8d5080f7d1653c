"""What readers say of pages, tickets filed after reading one, what is done about it (待补文档)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Product
from core.models import Recorded
from docs_portal.choices import DebtOutcome, VoiceReason
from docs_portal.models.manuals import Page, Revision

USER = settings.AUTH_USER_MODEL


class PageVoice(Recorded):
    """One person's word on one text of a page: helpful or not, why, and in their own words.

    `ticket_id` is the ticket an agent flagged the page wrong from, by id: tickets stand above this
    app. `heard_at`: a writer has taken it in; it then counts as debt no longer.
    """

    SUBJECT: ClassVar[str] = "page_voice"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "page_id", "revision_id", "person_id", "is_helpful", "reason", "comment", "ticket_id",
        "said_at", "heard_at", "heard_by_id",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"comment"})

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="voices")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    is_helpful = models.BooleanField()
    reason = models.CharField(max_length=12, choices=VoiceReason.choices, blank=True, default="")
    comment = models.TextField(blank=True, default="")
    ticket_id = models.BigIntegerField(null=True)
    said_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)
    heard_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "person"], name="page_voice_once")
        ]
        indexes = [
            models.Index(fields=["page", "-said_at"], name="page_voice_page"),
            models.Index(
                fields=["-said_at"], name="page_voice_against", condition=Q(is_helpful=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.page_id}"


class TicketAfterReading(models.Model):
    """A person read a page and submitted a ticket on the same product within the hour."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    ticket_id = models.BigIntegerField()
    read_at = models.DateTimeField()
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "ticket_id"], name="ticket_after_reading_once")
        ]
        indexes = [models.Index(fields=["-submitted_at"], name="ticket_after_reading_new")]

    def __str__(self) -> str:
        return f"OPS-{self.ticket_id} after {self.page_id}"


class DebtItem(Recorded):
    """Something of the queue that a writer took, or decided about; what nobody took has no row.

    `key` names what is to be written or mended (`policies.debt.Place`). What came up until
    `settled_at` counts no longer; until its `draft` was published, for what was taken.
    """

    SUBJECT: ClassVar[str] = "debt_item"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "key", "product_id", "title", "taken_by_id", "taken_at", "draft_id", "settled_at",
        "settled_by_id", "outcome", "note",
    )  # fmt: skip

    key = models.CharField(max_length=240, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=200)
    taken_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    draft = models.ForeignKey(Page, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=DebtOutcome.choices, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.title
