"""What undo needs beyond the events."""

from __future__ import annotations

from django.db import models

from tickets.models.tickets import Ticket


class FormerText(models.Model):
    """A personal text as it was before an event changed it (the event holds its hash only).

    Kept for as long as the change can be undone, then deleted.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="former_texts")
    #: The event that changed it, and which field.
    version = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    text = models.TextField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "version", "field"], name="former_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} v{self.version} {self.field}"
