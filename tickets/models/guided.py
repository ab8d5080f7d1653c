"""Guided mode: what a person did not want to be served again today."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class Skip(models.Model):
    """A ticket that was served to a person and given back; not served to them again that day."""

    class Reason(models.TextChoices):
        NOT_MY_FIELD = "field", _("Not my field")
        UNCLEAR = "unclear", _("I do not understand it")
        LATER = "later", _("Later today")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="skips")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    #: The day in the company's zone.
    day = models.DateField()
    reason = models.CharField(max_length=8, choices=Reason.choices, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "day", "ticket"], name="skip_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} skipped {self.ticket_id} on {self.day}"
