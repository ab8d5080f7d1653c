"""What a push to an owner leaves behind: what is to be said, the day's message, the signed link."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.choices import ReturnReason
from tickets.models.causes import Cause

USER = settings.AUTH_USER_MODEL


class Decline(models.Model):
    """An owner sent a cause back (退单), in their words: what the next one and the manager read."""

    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="declines")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=16, choices=ReturnReason.choices)
    note = models.TextField(blank=True, default="")
    declined_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cause", "-id"], name="decline_of_cause")]

    def __str__(self) -> str:
        return f"{self.cause_id} by {self.owner_id}: {self.reason}"


class PushMessage(models.Model):
    """The one message an owner gets about a cause on a day: mail, chat, or both.

    `day` is a day of the company's zone. The constraint is the promise: whatever happens that day
    after it was sent goes into the next one.
    """

    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="push_messages")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause", "owner", "day"], name="push_message_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.cause_id} to {self.owner_id} on {self.day}"


class PushItem(models.Model):
    """One thing an owner is to be told about a cause, in the next message that leaves.

    `key` names the occasion: the same reminder found twice is one item. Items whose round is over
    (declined, delivered, another owner) are never said.
    """

    class Kind(models.TextChoices):
        PUSHED = "pushed", _("Pushed to you")
        TICKET = "ticket", _("Another ticket of this cause")
        CHASED = "chased", _("You are asked for word")
        SILENT = "silent", _("Your answer is waited for")
        DUE_SOON = "due_soon", _("Your date comes near")
        OVERDUE = "overdue", _("Your date is over")

    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="push_items")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()
    message = models.ForeignKey(
        PushMessage, on_delete=models.PROTECT, null=True, related_name="items"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["cause"], name="push_item_waiting", condition=Q(message__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.key


class OwnerLink(models.Model):
    """A signed link by which an owner answers without signing in; one in each push message.

    Only the hash of the token is kept; the token itself is made anew from the secret key when the
    message leaves, so a repeated message carries the same link. It is good for one cause, for this
    owner, for the push it was made for (`pushed_at`), until `expires_at`.
    """

    message = models.OneToOneField(PushMessage, on_delete=models.PROTECT, related_name="link")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="owner_links")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=32)
    token_hash = models.CharField(max_length=64, unique=True)
    pushed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["cause"], name="owner_link_live", condition=Q(revoked_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"link {self.pk} to {self.cause_id}"


class OwnerLinkUse(models.Model):
    """An act done by a signed link: each act once."""

    link = models.ForeignKey(OwnerLink, on_delete=models.PROTECT, related_name="uses")
    act = models.CharField(max_length=10)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "act"], name="owner_link_act_once")]

    def __str__(self) -> str:
        return f"{self.act} by link {self.link_id}"
