"""Other people's voices on what is known already: 我也遇到."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Department
from core.models import Recorded
from tickets.choices import SAME_HERE_OPEN, Channel, SameHereState
from tickets.models.causes import Cause
from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class SameHere(Recorded):
    """One person's "same here" on a known issue, or on a ticket without a cause (我也遇到).

    It is no ticket: the words are kept word for word, it counts in the volume, and the person is
    asked for their own confirmation once it is fixed. `driver` is the demand that took the cause;
    its round then asks. What does not work for them becomes the ticket `led_to`.
    """

    SUBJECT: ClassVar[str] = "same_here"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "cause_id", "ticket_id", "person_id", "added_by_id", "department_id", "words", "channel",
        "state", "said_at", "asked_at", "answered_at", "answer", "led_to_id", "driver",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"words", "answer"})

    cause = models.ForeignKey(
        Cause, on_delete=models.PROTECT, null=True, blank=True, related_name="same_heres"
    )
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="same_heres"
    )
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="same_heres")
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    #: The person's department at that time; a reorganisation never moves it.
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = models.TextField()
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.FORM)
    state = models.CharField(
        max_length=10, choices=SameHereState.choices, default=SameHereState.WAITING
    )
    said_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")
    led_to = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    driver = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="same_here_person"),
            models.Index(fields=["said_at"], name="same_here_said"),
            models.Index(
                fields=["asked_at"], name="same_here_asked", condition=Q(state="asked")
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(cause__isnull=False) | Q(ticket__isnull=False),
                name="same_here_of_something",
            ),
            models.UniqueConstraint(
                fields=["cause", "person"], condition=Q(state__in=SAME_HERE_OPEN),
                name="same_here_once_a_cause",
            ),
            models.UniqueConstraint(
                fields=["ticket", "person"],
                condition=Q(state__in=SAME_HERE_OPEN, cause__isnull=True),
                name="same_here_once_a_ticket",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id} same here {self.cause_id or self.ticket_id}"

    @property
    def is_open(self) -> bool:
        """Whether the person still waits, or was asked and has not answered."""
        return self.state in SAME_HERE_OPEN
