"""What requesters are asked: how it went, and which question took their place of the week."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Recorded
from tickets.choices import RatingReason, Score
from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class Rating(Recorded):
    """How content the requester is with the course of their ticket; optional, theirs to change."""

    SUBJECT: ClassVar[str] = "rating"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "ticket_id", "person_id", "score", "reasons", "words", "rated_at",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"words"})

    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="rating")
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField(choices=Score.choices)
    reasons = ArrayField(
        models.CharField(max_length=16, choices=RatingReason.choices), default=list, blank=True
    )
    words = models.TextField(_("in your words"), blank=True, default="")
    #: When it was said last.
    rated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__in=Score.values), name="rating_score_known"
            )
        ]
        indexes = [models.Index(fields=["rated_at"], name="rating_when")]

    def __str__(self) -> str:
        return f"{self.score} for {self.ticket_id}"


class AskedInWeek(models.Model):
    """The one question of a week that reached a person beyond their own tickets.

    `week` is its Monday in the company's zone. `key` names the question, so that asking again is
    the same question. No event: it is bookkeeping of what was sent, kept for as long as it counts.
    """

    person = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    week = models.DateField()
    key = models.CharField(max_length=80)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "week"], name="asked_once_in_a_week")
        ]
        indexes = [models.Index(fields=["week"], name="asked_week")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.week}"
