"""What ties tickets to people, to levels and to each other."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.choices import Level, ReturnReason
from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class Watcher(models.Model):
    """A person who is told about a ticket and may see it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="watched")
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="watcher_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.ticket_id}"


class HandOver(models.Model):
    """A move between levels, for the contract's quality: sent, then kept or returned.

    `reason` is set when the receiver returned or declined it; the return is charged to `sender`.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="hand_overs")
    from_level = models.PositiveSmallIntegerField(choices=Level.choices)
    to_level = models.PositiveSmallIntegerField(choices=Level.choices)
    sender = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=16, choices=ReturnReason.choices, blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="hand_over_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.from_level}→{self.to_level}"


class TicketLink(models.Model):
    """Two tickets that belong together."""

    class Kind(models.TextChoices):
        RELATES = "relates", _("Relates to")
        FOLLOWS = "follows", _("Follows")
        DUPLICATE = "duplicate", _("Duplicate of")
        BLOCKS = "blocks", _("Blocks")
        SPLIT = "split", _("Split from")

    source = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links")
    target = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="ticket_link_once"),
            models.CheckConstraint(
                condition=~Q(source=models.F("target")), name="ticket_link_two_tickets"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"
