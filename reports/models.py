"""Derived rows: facts per ticket, roll-ups per day, frozen snapshots. Never written by hand.

No foreign keys to tickets: facts follow events and are rebuilt at any time; a snapshot's rows
outlive whatever they name. What people add to a report (its conclusion, the actions agreed on)
stands beside the snapshot, which never changes.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Recorded
from reports.choices import FIGURES, ActionState, DeliveryState, Figure, PeriodKind
from reports.querysets import (
    AgreedActionQuerySet,
    FigureTargetQuerySet,
    LiveRowQuerySet,
    SnapshotQuerySet,
    SnapshotRowQuerySet,
    WholeNumberField,
)


class TicketFact(models.Model):
    """What the log says about one ticket, recomputed whole whenever the ticket is touched.

    Durations in seconds; dimensions as the log has them last.
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
    is_cited = models.BooleanField(default=False)
    is_imported = models.BooleanField(default=False)
    bounces = models.PositiveSmallIntegerField(default=0)
    reopened_times = models.PositiveSmallIntegerField(default=0)
    promised_on = models.DateField(null=True)
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
            models.Index(
                fields=["promised_on"], name="fact_promised", condition=Q(promised_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"OPS-{self.ticket_id}"


class OpenSpan(models.Model):
    """A time in which one ticket was neither closed nor cancelled; `ends_at` null goes on."""

    ticket_id = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["ticket_id"], name="open_span_ticket"),
            models.Index(fields=["ends_at"], name="open_span_end"),
        ]

    def __str__(self) -> str:
        return f"OPS-{self.ticket_id} {self.starts_at}–{self.ends_at or ''}"


class TicketDay(models.Model):
    """What one ticket adds to one figure on one company day: the rows a roll-up counts.

    Dimensions are as of the event (invariant 10).
    """

    ticket_id = models.BigIntegerField()
    day = models.DateField()
    figure = models.CharField(max_length=24, choices=Figure.choices)
    amount = models.IntegerField()
    product_id = models.BigIntegerField()
    module_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["ticket_id"], name="ticket_day_ticket")]

    def __str__(self) -> str:
        return f"OPS-{self.ticket_id} {self.day} {self.figure}"


class DailyRollup(models.Model):
    """Sums of `TicketDay` per day, figure, product and department; no row for a sum of 0."""

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


class LiveRow(models.Model):
    """One counted thing as the log has it now: what the explore pages count and list.

    The live twin of `SnapshotRow`. Rows of a ticket or a cause are replaced whole when it is
    touched. `at` of a target is when it falls due. `step` names a visit's step, a move's pair of
    levels ("1>2", "1>0" to a team outside) or an unresolved ticket's status. `seconds` is working
    time; of a visit that goes on (`waiting`) it is the reading of the team's clock at its start,
    so that what many have waited is one subtraction (`reports.policies.explore.flow`). `band` is
    the band of time the seconds lie in, of figures whose percentiles are shown.
    """

    subject = models.CharField(max_length=8)
    subject_id = models.BigIntegerField()
    figure = models.CharField(max_length=24)
    at = models.DateTimeField()
    amount = models.SmallIntegerField(default=1)
    product_id = models.BigIntegerField()
    module_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=16, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    channel = models.CharField(max_length=10, blank=True, default="")
    team_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    step = models.CharField(max_length=48, blank=True, default="")
    reason = models.CharField(max_length=16, blank=True, default="")
    cause_id = models.BigIntegerField(null=True)
    confidential = models.BooleanField(default=False)
    seconds = models.BigIntegerField(null=True)
    band = models.PositiveSmallIntegerField(null=True)

    objects = LiveRowQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "subject"], name="live_row_subject"),
            models.Index(fields=["figure", "at"], name="live_row_figure"),
            models.Index(
                fields=["figure", "band", "at"],
                include=["seconds"],
                name="live_row_band",
                condition=Q(band__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.subject} {self.subject_id}"


class LiveCell(models.Model):
    """Sums of `LiveRow` per week or month and one dimension; no row for a count of 0.

    `dimension` "" is all of a product, else one of `reports.policies.explore.cells`, whose
    `value` is an id or a code, "" for none. `starts_on` is a Monday or the first of a month.
    `bands` is a histogram of the rows' seconds (`reports.policies.explore.bands`).
    """

    grain = models.CharField(max_length=5)
    dimension = models.CharField(max_length=12, blank=True, default="")
    figure = models.CharField(max_length=24)
    starts_on = models.DateField()
    product_id = models.BigIntegerField()
    confidential = models.BooleanField(default=False)
    value = models.CharField(max_length=48, blank=True, default="")
    rows = models.IntegerField()
    met = models.IntegerField()
    seconds = models.BigIntegerField(default=0)
    bands = WholeNumberField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "grain", "dimension", "figure", "starts_on", "product_id", "confidential",
                    "value",
                ],
                name="live_cell_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.starts_on} {self.figure} {self.dimension} {self.value}: {self.rows}"


class Snapshot(models.Model):
    """A frozen report of one period (快照). Never changes; a correction names the one it replaces.

    `names` keeps what products, modules, departments and teams were called then.
    """

    period_kind = models.CharField(max_length=8, choices=PeriodKind.choices)
    #: "2016-W17"
    period = models.CharField(max_length=10)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    definition_version = models.CharField(max_length=12)
    computed_at = models.DateTimeField()
    #: Events recorded later are not in it.
    as_of = models.DateTimeField()
    figures = models.JSONField()
    breakdowns = models.JSONField()
    #: The same figures of the seven weeks before, oldest first.
    trend = models.JSONField(default=list)
    names = models.JSONField(default=dict)
    has_confidential = models.BooleanField(default=False)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    objects = SnapshotQuerySet.as_manager()

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
    """Membership: one counted event (or ticket, cause, demand, round) with its dimensions then.

    `amount` is 1 or, for the rows of a share or a step that were not met or are not over, 0.
    `seconds` is what a time figure measures; `length` the whole visit of a step.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="rows")
    figure = models.CharField(max_length=48)
    subject = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    at = models.DateTimeField()
    amount = models.SmallIntegerField(default=1)
    product_id = models.BigIntegerField(null=True)
    module_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=16, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    cause_id = models.BigIntegerField(null=True)
    #: Why it came back, for declined and returned.
    reason = models.CharField(max_length=16, blank=True, default="")
    confidential = models.BooleanField(default=False)
    seconds = models.BigIntegerField(null=True)
    length = models.BigIntegerField(null=True)

    objects = SnapshotRowQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["snapshot", "figure", "id"], name="snapshot_figure")]

    def __str__(self) -> str:
        return f"{self.figure} {self.subject} {self.subject_id}"


class Conclusion(Recorded):
    """What a person wrote over a week's figures, in both languages; the draft stands until then."""

    SUBJECT: ClassVar[str] = "report_conclusion"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "period", "text_zh", "text_en", "editor_id", "edited_at",
    )  # fmt: skip

    period = models.CharField(max_length=10, unique=True)
    text_zh = models.TextField(_("in Chinese"), blank=True, default="")
    text_en = models.TextField(_("in English"), blank=True, default="")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.period


class AgreedAction(Recorded):
    """Something a report asks for: what, who, by when. It comes back each week until it ends.

    `period` is the week whose report agreed on it.
    """

    SUBJECT: ClassVar[str] = "report_action"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "period", "text", "owner_id", "due_on", "state", "outcome", "ended_at",
    )  # fmt: skip

    period = models.CharField(max_length=10)
    text = models.CharField(_("what"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agreed_actions"
    )
    due_on = models.DateField(_("by"))
    state = models.CharField(max_length=8, choices=ActionState.choices, default=ActionState.OPEN)
    outcome = models.CharField(_("what came of it"), max_length=300, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    objects = AgreedActionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["period"], name="agreed_action_period")]

    def __str__(self) -> str:
        return self.text


class Outlook(models.Model):
    """What was reckoned ahead when a week was over (展望). Never changes: later weeks are held
    against it. `period` is that week, like "2016-W17"; the forecasts are of the next one.

    `names` keeps what products and modules were called then.
    """

    period = models.CharField(max_length=10, unique=True)
    computed_at = models.DateTimeField()
    names = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.period


class OutlookSeries(models.Model):
    """The created tickets of one product or module by week, and what follows from them.

    Without product it is the whole company. `confidential`: whether it counts confidential tickets
    too; there is such a twin only where there are some. `counts` are the last weeks, oldest first,
    and `days` their working days and the coming week's. The findings are the fields of
    `reports.policies.ahead` – `Forecast`, `Spike`, `Trend`, `Risk` – null where there is none.
    """

    outlook = models.ForeignKey(Outlook, on_delete=models.CASCADE, related_name="series")
    product_id = models.BigIntegerField(null=True)
    module_id = models.BigIntegerField(null=True)
    confidential = models.BooleanField(default=False)
    counts = models.JSONField()
    days = models.JSONField()
    forecast = models.JSONField()
    spike = models.JSONField()
    trend = models.JSONField(null=True)
    risk = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outlook", "product_id", "module_id", "confidential"],
                name="outlook_series_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.outlook_id} {self.product_id or ''} {self.module_id or ''}"


class Subscription(Recorded):
    """Somebody gets each new report of a kind. Ended ones stay for the record."""

    SUBJECT: ClassVar[str] = "report_subscription"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("person_id", "kind", "is_active")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_subscriptions"
    )
    kind = models.CharField(max_length=8, choices=PeriodKind.choices)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="report_subscribed_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class Delivery(models.Model):
    """One report to one subscriber: how far it got by each channel, and whether it was read.

    Kept as long as the report, where the outbox forgets what was delivered.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="deliveries")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_deliveries"
    )
    sent_at = models.DateTimeField()
    in_app = models.CharField(max_length=8, choices=DeliveryState.choices, default="waiting")
    mail = models.CharField(max_length=8, choices=DeliveryState.choices, blank=True, default="")
    chat = models.CharField(max_length=8, choices=DeliveryState.choices, blank=True, default="")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "person"], name="report_delivered_once")
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} to {self.person_id}"

    @property
    def key(self) -> str:
        """What its effects in the outbox are called, before the person."""
        return f"report_ready:{self.snapshot_id}"


class FigureTarget(Recorded):
    """One version of what a figure is to reach (目标); never changed, only followed.

    The newest version whose `from_day`, a Monday, has come holds. `value` in the figure's own
    unit – a share of one, seconds, a count – and null for none from then on. At least or at most
    follows from the figure.
    """

    SUBJECT: ClassVar[str] = "figure_target"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("figure", "number", "value", "from_day", "note")

    figure = models.CharField(_("figure"), max_length=48)
    number = models.PositiveIntegerField()
    value = models.FloatField(_("target"), null=True, blank=True)
    from_day = models.DateField(_("from"))
    note = models.CharField(_("why"), max_length=200, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    objects = FigureTargetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["figure", "number"], name="figure_target_once")
        ]

    def __str__(self) -> str:
        return f"{FIGURES[self.figure].label} v{self.number}"
