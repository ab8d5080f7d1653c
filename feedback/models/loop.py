"""Feedback items, demands, obligations with their rounds, and releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from catalog.models import Module, Product
from core.models import Recorded
from feedback.choices import (
    DemandKind,
    DemandStatus,
    FeedbackSource,
    Initiator,
    ObligationReason,
    ReleaseStatus,
    RoundChannel,
    RoundKind,
    RoundState,
)
from feedback.querysets import (
    DemandQuerySet,
    FeedbackItemQuerySet,
    InsightQuerySet,
    ObligationQuerySet,
    ReleaseQuerySet,
    RoundQuerySet,
)
from tickets.choices import Priority
from tickets.models import Ticket

USER = settings.AUTH_USER_MODEL


class Release(Recorded):
    """A version of a product that carries demands (上线), behind its gate.

    The gate: manuals (`pages_note` says what was updated, or `pages_unchanged`), the
    announcement text, what to measure (or `measures_nothing` 无需打点), and the list of who will
    be told and who cannot be reached, seen by a named person.

    Rolled out in part (灰度) it concerns the people its `parts` cover from their days on, and
    everybody else from `everybody_from` on, once there is such a day.
    """

    SUBJECT: ClassVar[str] = "release"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "product_id", "name", "status", "planned_on", "released_at", "rolled_back_at",
        "pages_note", "pages_unchanged", "announcement", "measures", "measures_nothing",
        "people_seen_by_id", "people_seen_at", "is_partial", "everybody_from",
    )  # fmt: skip

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="releases")
    name = models.CharField(_("name"), max_length=80)
    status = models.CharField(
        max_length=12, choices=ReleaseStatus.choices, default=ReleaseStatus.PLANNED
    )
    planned_on = models.DateField(null=True, blank=True)
    released_at = models.DateTimeField(null=True)
    rolled_back_at = models.DateTimeField(null=True)
    pages_note = models.TextField(blank=True, default="")
    pages_unchanged = models.BooleanField(default=False)
    announcement = models.TextField(blank=True, default="")
    measures = models.TextField(blank=True, default="")
    measures_nothing = models.BooleanField(default=False)
    people_seen_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    people_seen_at = models.DateTimeField(null=True)
    is_partial = models.BooleanField(default=False)
    everybody_from = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="release_name_in_product")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """Product and version, the product once: many name their versions by it."""
        product = self.product.name
        return self.name if self.name.startswith(product) else f"{product} {self.name}"


class Demand(Recorded):
    """What is to change (需求). Reference `D-<n>`."""

    SUBJECT: ClassVar[str] = "demand"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "title", "problem", "proposal", "kind", "initiated_by", "product_id", "module_id",
        "product_owner_id", "status", "decision_reason", "deferred_until", "planned_on",
        "release_id", "released_at", "verified_by_id", "verified_at", "reopened_times",
        "merged_into_id", "review", "reviewed_on", "source", "proposer_id", "department_ids",
        "priority", "effort", "wanted_on", "custom", "split_from_id", "recurred_times",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"problem", "proposal", "review"})

    title = models.CharField(_("title"), max_length=160)
    problem = models.TextField(_("problem"), blank=True, default="")
    proposal = models.TextField(_("proposal"), blank=True, default="")
    kind = models.CharField(max_length=16, choices=DemandKind.choices)
    initiated_by = models.CharField(
        max_length=20, choices=Initiator.choices, default=Initiator.BUSINESS
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="demands")
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="demands"
    )
    product_owner = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_demands"
    )
    status = models.CharField(
        max_length=16, choices=DemandStatus.choices, default=DemandStatus.COLLECTED
    )
    #: Written for the requester.
    decision_reason = models.TextField(blank=True, default="")
    deferred_until = models.DateField(null=True, blank=True)
    planned_on = models.DateField(null=True, blank=True)
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="demands"
    )
    released_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_at = models.DateTimeField(null=True)
    reopened_times = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    split_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="split_off"
    )
    #: How often people met a released defect again.
    recurred_times = models.PositiveSmallIntegerField(default=0)
    #: What it did, looked at after the release; needed before it is closed.
    review = models.TextField(_("review of the result"), blank=True, default="")
    reviewed_on = models.DateField(null=True, blank=True)
    source = models.CharField(
        _("source"), max_length=10, choices=FeedbackSource.choices, blank=True, default=""
    )
    #: Who put it forward; who is owed word on it are the obligations.
    proposer = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="proposed_demands"
    )
    #: Departments it concerns.
    department_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, null=True, blank=True
    )
    #: Person-days.
    effort = models.DecimalField(_("effort"), max_digits=6, decimal_places=1, null=True, blank=True)
    #: The day the business asks for; `planned_on` is the day it was promised.
    wanted_on = models.DateField(_("wanted date"), null=True, blank=True)
    #: Values of the company's own fields, by key (core.customfields).
    custom = models.JSONField(default=dict, blank=True)
    #: Derived by the formula of scores; empty until it has run.
    score = models.DecimalField(
        max_digits=8, decimal_places=1, null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    search_key = models.TextField(blank=True, default="", editable=False)

    objects = DemandQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["product", "status", "-id"], name="demand_place"),
            models.Index(fields=["planned_on"], name="demand_planned"),
            GinIndex(
                fields=["search_key"], opclasses=["gin_trgm_ops"], name="demand_search",
                gin_pending_list_limit=128,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"D-{self.pk}"


class FeedbackItem(Recorded):
    """Verbatim words of one person (反馈); their words stay theirs.

    Without a demand they wait in the pool until somebody gathers them into one, or sets them
    aside with a reason that their person reads. What demand they belong to is told by the events
    of the demand (and the `Carry` of a merge or a split).
    """

    SUBJECT: ClassVar[str] = "feedback"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "set_aside_reason", "set_aside_at", "set_aside_by_id",
    )  # fmt: skip

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="feedback")
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="feedback"
    )
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="feedback")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=10, choices=FeedbackSource.choices)
    words = models.TextField(_("words"))
    importance = models.PositiveSmallIntegerField(default=1)
    hours_per_week = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="feedback"
    )
    demand = models.ForeignKey(
        Demand, on_delete=models.PROTECT, null=True, blank=True, related_name="feedback"
    )
    #: The demand it was given to first, when a merge or a split brought it to another one.
    brought_from = models.ForeignKey(
        Demand, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    #: Written for the person; empty while it is not set aside.
    set_aside_reason = models.TextField(_("why no demand"), blank=True, default="")
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    search_key = models.TextField(blank=True, default="", editable=False)

    objects = FeedbackItemQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["product", "-id"], name="feedback_waiting",
                condition=Q(demand__isnull=True, set_aside_at__isnull=True),
            ),
            models.Index(fields=["person", "-id"], name="feedback_of_person"),
            GinIndex(
                fields=["search_key"], opclasses=["gin_trgm_ops"], name="feedback_search",
                gin_pending_list_limit=128,
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(importance__lte=3), name="feedback_importance_0_to_3"
            ),
            models.UniqueConstraint(
                fields=["ticket", "demand"],
                condition=Q(ticket__isnull=False, brought_from__isnull=True),
                name="feedback_ticket_once_per_demand",
            ),
        ]

    def __str__(self) -> str:
        return self.words[:40]


class Obligation(Recorded):
    """One person is owed word on one demand (告知项).

    After a merge a person may have been owed from both: then the obligation of the merged demand
    is joined to the other, which stands for both; its rounds stay its own.
    """

    SUBJECT: ClassVar[str] = "obligation"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("demand_id", "person_id", "reason", "joined_to_id")

    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="obligations")
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="obligations")
    reason = models.CharField(max_length=10, choices=ObligationReason.choices)
    joined_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="joined"
    )
    created_at = models.DateTimeField()

    objects = ObligationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["demand", "person"],
                condition=Q(joined_to__isnull=True),
                name="obligation_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.demand_id}"


class Round(Recorded):
    """One thing to tell one person about one demand, until they answer (轮次)."""

    SUBJECT: ClassVar[str] = "round"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "obligation_id", "kind", "state", "release_id", "reason", "answer",
        "queued_at", "delivered_at", "read_at", "ended_at", "told_to_id", "channel", "reminders",
        "asked_with_id",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"answer"})

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="rounds")
    kind = models.CharField(max_length=12, choices=RoundKind.choices)
    state = models.CharField(max_length=12, choices=RoundState.choices, default=RoundState.OWED)
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="rounds"
    )
    #: Who hears it: the person, or who hears for somebody who left.
    told_to = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: By which channel it arrived, once it has.
    channel = models.CharField(max_length=8, choices=RoundChannel.choices, blank=True, default="")
    reminders = models.PositiveSmallIntegerField(default=0)
    #: The question of the same release that this one stands in one card with.
    asked_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="along"
    )
    #: Why unreachable or waived.
    reason = models.CharField(max_length=200, blank=True, default="")
    #: What the person said when it was not solved.
    answer = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["obligation", "release"],
                condition=Q(kind="release"),
                name="round_once_per_release",
            )
        ]
        indexes = [
            models.Index(fields=["state"], name="round_running", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    def live_keys(self, changes: Mapping[str, Any]) -> tuple[str, ...]:
        """Whoever looks at the release or the demand sees how far its people are."""
        keys = (*super().live_keys(changes), f"demand:{self.obligation.demand_id}")
        return keys if self.release_id is None else (*keys, f"release:{self.release_id}")


class Insight(Recorded):
    """A level-5 record citing tickets (研究结论): scenario, habit, weak point, suggestion."""

    SUBJECT: ClassVar[str] = "insight"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("title", "body", "product_id", "published_at")
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"body"})

    title = models.CharField(_("title"), max_length=160)
    body = models.TextField(_("conclusion"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="insights")
    tickets = models.ManyToManyField(Ticket, related_name="insights")
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    objects = InsightQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title
