"""What merges and splits carried from demand to demand, and whom a release in part covers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Department
from feedback.choices import CarryKind
from feedback.models.loop import Demand, FeedbackItem, Obligation, Release

USER = settings.AUTH_USER_MODEL


class Carry(models.Model):
    """One merge or one split: what it took from `source` to `target`, so that it can go back.

    The events of both demands name it (`carry_id`); it is never changed but for being undone.
    """

    kind = models.CharField(max_length=8, choices=CarryKind.choices)
    source = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="carried_away")
    target = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="carried_in")
    words = models.ManyToManyField(FeedbackItem, related_name="carries")
    made_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    undone_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} to {self.target_id}"


class CarriedObligation(models.Model):
    """What one carry did with one person: their obligation before and the one that stood after.

    `before` and `after` are the same row when it moved; two rows when the person was owed from
    both, or is owed from both since. `last_round` is the newest round of `after` at that moment:
    whatever came later came while the demands were one.
    """

    carry = models.ForeignKey(Carry, on_delete=models.PROTECT, related_name="people")
    before = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="carries")
    last_round = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["carry", "before"], name="carried_once"),
        ]

    def __str__(self) -> str:
        return f"{self.before_id} to {self.after_id}"


class RolloutPart(models.Model):
    """Whom a release in part reaches, and from which day: a department with all below, or one
    person. The release's events say who added or took out which part.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="parts")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField()
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=True) ^ Q(person__isnull=True),
                name="rollout_department_or_person",
            ),
            models.UniqueConstraint(
                fields=["release", "department"], condition=Q(department__isnull=False),
                name="rollout_department_once",
            ),
            models.UniqueConstraint(
                fields=["release", "person"], condition=Q(person__isnull=False),
                name="rollout_person_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.department or self.person)
