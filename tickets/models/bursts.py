"""Bursts: many people on one module within the hour, against what is usual there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Module
from tickets.models.causes import Cause

USER = settings.AUTH_USER_MODEL


class UsualRate(models.Model):
    """How many distinct requesters an hour a module usually has: the P95 of its last weeks.

    Recomputed by a periodic task; a module without a row counts as 0.
    """

    module = models.OneToOneField(
        Module, on_delete=models.CASCADE, primary_key=True, related_name="usual_rate"
    )
    p95 = models.FloatField()
    #: Hours the quantile was taken over.
    hours = models.PositiveIntegerField()
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.module_id}: {self.p95}"


class Burst(models.Model):
    """A burst of one module, from the ticket that made it one until an hour falls below.

    `usual` and `threshold` are those of the moment it began; `requesters` the most in an hour.
    """

    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="bursts")
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    requesters = models.PositiveIntegerField()
    usual = models.FloatField()
    threshold = models.PositiveIntegerField()
    #: The known issue somebody made of it.
    cause = models.ForeignKey(
        Cause, on_delete=models.PROTECT, null=True, blank=True, related_name="bursts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["module"], name="burst_one_open", condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"burst of {self.module_id}"


class BurstDismissal(models.Model):
    """A person who does not want to see the banner of a burst any more."""

    burst = models.ForeignKey(Burst, on_delete=models.CASCADE, related_name="dismissals")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["burst", "user"], name="burst_dismissed_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} dismissed {self.burst_id}"
