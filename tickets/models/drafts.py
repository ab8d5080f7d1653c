"""What somebody is writing and has not sent: private, erasable, and never an event."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import StoredFile
from tickets.choices import CommentKind
from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class Draft(models.Model):
    """An unsent reply or note of one person on one ticket; gone when it is sent or emptied.

    `revision` grows with each save, so that the older of two windows is told instead of heard.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    person = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=6, choices=CommentKind.choices)
    body = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "person", "kind"], name="draft_once")
        ]

    def __str__(self) -> str:
        return f"draft {self.kind} of {self.person_id} on {self.ticket_id}"


class DraftFile(models.Model):
    """A file that waits with a draft; it becomes an attachment when the draft is sent."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SubmitDraft(models.Model):
    """A ticket somebody began to write and has not submitted: their own, gone when it is sent.

    `values` are the form's fields by name, as they were typed. One a window: `revision` grows
    with each save, so that a window that fell behind is told instead of heard.
    """

    person = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="submit_drafts")
    values = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-saved_at"], name="submit_draft_newest")]

    def __str__(self) -> str:
        return f"submit draft {self.pk} of {self.person_id}"


class SubmitDraftFile(models.Model):
    """A file that waits with it; `field_key` names the custom field it belongs to, if any."""

    draft = models.ForeignKey(SubmitDraft, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    field_key = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
