"""What people write about a ticket, and the files they add."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import StoredFile
from tickets.choices import CommentKind
from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class Comment(models.Model):
    """One entry of the conversation. Append-only but for erasure; the event keeps its hash."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=6, choices=CommentKind.choices)
    body = models.TextField()
    #: What a mail quoted below its words, and its signature: shown folded.
    quoted = models.TextField(blank=True, default="", db_default="")
    salt = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField()
    #: Written by a rule or the system: no person's reply, never a first response.
    is_auto = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="comment_conversation")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Attachment(models.Model):
    """A file somebody added to a ticket; served only to who may see the ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="attachments")
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, related_name="attachments"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    #: The custom field it was added under; "" for one of the ticket itself.
    field_key = models.CharField(max_length=40, blank=True, default="", db_default="")
    uploaded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
