"""Derived rows: facts per ticket, roll-ups per day, frozen snapshots. Never written by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from reports.choices import Figure, PeriodKind

USER = settings.AUTH_USER_MODEL


class TicketFact(models.Model):
    """What the log says about one ticket, recomputed whole whenever the ticket is touched.

    Durations in seconds. Dimensions are as of submission (invariant 10). No foreign keys: facts
    follow events, and are rebuilt at any time.
    """

    ticket_id = models.BigIntegerField(primary_key=True)
    source_version = models.PositiveIntegerField()
    product_id = models.BigIntegerField()
    module_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    requester_id = models.BigIntegerField()
    channel = models.CharField(max_length=10)
    type = models.CharField(max_length=16, blank=True, default="")
    impact = models.PositiveSmallIntegerField()
    priority = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10)
    cause_id = models.BigIntegerField(null=True)
    resolved_level = models.PositiveSmallIntegerField(null=True)
    is_relay_only = models.BooleanField(default=False)
    is_imported = models.BooleanField(default=False)
    bounces = models.PositiveSmallIntegerField(default=0)
    reopened_times = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True)
    last_resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    response_working = models.BigIntegerField(null=True)
    resolution_working = models.BigIntegerField(null=True)
    resolution_wall = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["submitted_at"], name="fact_submitted"),
            models.Index(fields=["last_resolved_at"], name="fact_resolved"),
        ]

    def __str__(self) -> str:
        return f"OPS-{self.ticket_id}"


class TicketDay(models.Model):
    """What one ticket adds to one figure on one company day: the rows a roll-up counts."""

    ticket_id = models.BigIntegerField()
    day = models.DateField()
    figure = models.CharField(max_length=24, choices=Figure.choices)
    amount = models.IntegerField()
    product_id = models.BigIntegerField()
    module_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=16, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["ticket_id"], name="ticket_day_ticket"),
            models.Index(fields=["day", "figure"], name="ticket_day_day"),
        ]

    def __str__(self) -> str:
        return f"OPS-{self.ticket_id} {self.day} {self.figure}"


class DailyRollup(models.Model):
    """Sums of `TicketDay` per day, figure, product and department."""

    day = models.DateField()
    figure = models.CharField(max_length=24, choices=Figure.choices)
    product_id = models.BigIntegerField()
    department_id = models.BigIntegerField(null=True)
    amount = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "figure", "product_id", "department_id"],
                name="rollup_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.figure} {self.amount}"


class Snapshot(models.Model):
    """A frozen report of one period (快照). Never changes; a correction names the one it replaces."""

    period_kind = models.CharField(max_length=8, choices=PeriodKind.choices)
    #: "2016-W17", "2016-04", "2016-Q2"
    period = models.CharField(max_length=10)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    definition_version = models.CharField(max_length=12)
    computed_at = models.DateTimeField()
    as_of = models.DateTimeField()
    figures = models.JSONField()
    breakdowns = models.JSONField()
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period_kind", "period"],
                condition=models.Q(replaces__isnull=True),
                name="snapshot_first_of_period",
            )
        ]

    def __str__(self) -> str:
        return self.period


class SnapshotRow(models.Model):
    """Membership: one ticket (or demand round) counted in one figure, with its dimensions then."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="rows")
    figure = models.CharField(max_length=32)
    subject = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    amount = models.IntegerField(default=1)
    product_id = models.BigIntegerField(null=True)
    module_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=16, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    seconds = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["snapshot", "figure", "id"], name="snapshot_figure")]

    def __str__(self) -> str:
        return f"{self.figure} {self.subject} {self.subject_id}"
