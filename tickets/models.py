"""Tickets, causes and the conversation about them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from catalog.models import Feature, Module, Product, Team
from core.models import Recorded, StoredFile
from docs_portal.models import Page
from tickets.choices import (
    FAMILY_OF,
    UNRESOLVED,
    CauseCategory,
    CauseState,
    Channel,
    CommentKind,
    DriverState,
    Family,
    Impact,
    Level,
    Priority,
    Resolution,
    ReturnReason,
    Status,
    Type,
    Urgency,
)
from tickets.querysets import CauseQuerySet, TicketQuerySet

USER = settings.AUTH_USER_MODEL


class Cause(Recorded):
    """A root cause shared by tickets (根因), pushed to an owner. Reference `C-<n>`.

    `promised_on` is the owner's date (承诺完成日), `first_promised_on` the first agreed one.
    """

    SUBJECT: ClassVar[str] = "cause"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "title", "category", "text", "product_id", "module_id", "owner_id", "state",
        "promised_on", "first_promised_on", "slips", "pushed_at", "accepted_at", "delivered_at",
        "is_known_issue", "workaround", "bounces", "chases", "last_chased_at", "reopened_times",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"text", "workaround"})

    title = models.CharField(_("title"), max_length=160)
    category = models.CharField(
        _("category"), max_length=16, choices=CauseCategory.choices, blank=True, default=""
    )
    text = models.TextField(_("root cause"), blank=True, default="")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="causes")
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="causes"
    )
    owner = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="pushed_causes"
    )
    state = models.CharField(
        max_length=10, choices=CauseState.choices, default=CauseState.SUSPECTED
    )
    promised_on = models.DateField(_("promised date"), null=True, blank=True)
    first_promised_on = models.DateField(null=True, blank=True)
    slips = models.PositiveSmallIntegerField(default=0)
    pushed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    is_known_issue = models.BooleanField(_("known issue"), default=False)
    workaround = models.TextField(_("workaround"), blank=True, default="")
    bounces = models.PositiveSmallIntegerField(default=0)
    chases = models.PositiveSmallIntegerField(default=0)
    last_chased_at = models.DateTimeField(null=True)
    reopened_times = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    search_key = models.TextField(blank=True, default="", editable=False)

    objects = CauseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "state"], name="cause_owner"),
            models.Index(
                fields=["product", "-id"], name="cause_open",
                condition=Q(delivered_at__isnull=True),
            ),
            GinIndex(
                fields=["search_key"], opclasses=["gin_trgm_ops"], name="cause_search",
                gin_pending_list_limit=128,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"C-{self.pk}"


#: What a person's scopes look at in a ticket.
_SCOPED = ("product", "department", "confidential")


class Ticket(Recorded):
    """One issue of one requester (工单). Reference `OPS-<n>`."""

    SUBJECT: ClassVar[str] = "ticket"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "title", "description", "product_id", "module_id", "module_not_sure", "feature_id",
        "requester_id", "submitted_by_id", "department_id", "type", "impact", "urgency",
        "priority", "status", "level", "team_id", "assignee_id", "relayed_to_id", "cause_id",
        "suspected_module_id", "suspected_category", "suspected_cause", "evidence",
        "answer_page_id", "answer_gap", "quote", "scenario", "frequency", "driver",
        "driver_state", "promised_on", "resolution", "resolved_level", "confidential", "bounces",
        "reopened_times", "channel", "submitted_at", "first_response_at", "resolved_at",
        "closed_at", "cancelled_at", "auto_confirmed", "merged_into_id", "contract_owed_until",
        "custom",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset(
        {"title", "description", "suspected_cause", "evidence", "quote", "scenario"}
    )

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="tickets")
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    #: The person said "not sure", which the contract accepts; null without it is unanswered.
    module_not_sure = models.BooleanField(default=False)
    feature = models.ForeignKey(
        Feature, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    requester = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="tickets")
    submitted_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    #: The requester's department when the ticket was submitted; a reorganisation never moves it.
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    type = models.CharField(max_length=16, choices=Type.choices, blank=True, default="")
    impact = models.PositiveSmallIntegerField(choices=Impact.choices, default=Impact.ONLY_ME)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.NORMAL)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.P3)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    #: Null for imported tickets without level (未分层).
    level = models.PositiveSmallIntegerField(choices=Level.choices, null=True, default=Level.RELAY)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    assignee = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned_tickets"
    )
    #: The outside team an L1 relay went to; kept after it answers, for "relay-only".
    relayed_to = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="relayed_tickets"
    )
    cause = models.ForeignKey(
        Cause, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    suspected_module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    suspected_category = models.CharField(
        max_length=16, choices=CauseCategory.choices, blank=True, default=""
    )
    suspected_cause = models.TextField(blank=True, default="")
    evidence = models.TextField(blank=True, default="")
    answer_page = models.ForeignKey(
        Page, on_delete=models.PROTECT, null=True, blank=True, related_name="answered_tickets"
    )
    #: No page answers this (缺文档).
    answer_gap = models.BooleanField(default=False)
    quote = models.TextField(blank=True, default="")
    scenario = models.TextField(blank=True, default="")
    frequency = models.CharField(max_length=80, blank=True, default="")
    #: Reference of the demand that drives the ticket, written by `feedback` through an action.
    driver = models.CharField(max_length=40, blank=True, default="")
    driver_state = models.CharField(
        max_length=10, choices=DriverState.choices, blank=True, default=DriverState.NONE
    )
    #: The date the requester was promised: the owner's, or the demand's.
    promised_on = models.DateField(null=True, blank=True)
    resolution = models.CharField(max_length=16, choices=Resolution.choices, blank=True, default="")
    #: Level of a resolved ticket (domain.md): highest whose rows were completed, not returned.
    resolved_level = models.PositiveSmallIntegerField(choices=Level.choices, null=True)
    confidential = models.BooleanField(_("confidential"), default=False)
    bounces = models.PositiveSmallIntegerField(default=0)
    reopened_times = models.PositiveSmallIntegerField(default=0)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.FORM)
    submitted_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    auto_confirmed = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    #: Business stopped: act first, the skipped contract rows are owed until then.
    contract_owed_until = models.DateTimeField(null=True)
    custom = models.JSONField(default=dict, blank=True)
    #: Where an imported ticket comes from; unique together, "" for our own.
    external_source = models.CharField(max_length=40, blank=True, default="")
    external_id = models.CharField(max_length=120, blank=True, default="")
    imported = models.BooleanField(default=False)
    #: Derived columns, not recorded: due times (recomputed), activity, search.
    response_due_at = models.DateTimeField(null=True)
    resolution_due_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)
    updated_at = models.DateTimeField()
    search_key = models.TextField(blank=True, default="", editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["assignee", "-id"], name="ticket_mine",
                condition=Q(status__in=UNRESOLVED),
            ),
            # What scopes ask for is included, so that the badges are counted in the index alone.
            models.Index(
                fields=["level", "-id"], name="ticket_level", include=_SCOPED,
                condition=Q(status__in=UNRESOLVED),
            ),
            models.Index(
                fields=["team", "-id"], name="ticket_team", include=_SCOPED,
                condition=Q(status__in=UNRESOLVED),
            ),
            models.Index(
                fields=["-id"], name="ticket_unheld", include=_SCOPED,
                condition=Q(status__in=("new", "open"), assignee__isnull=True),
            ),
            models.Index(
                fields=["status", "-id"], name="ticket_waiting", include=_SCOPED,
                condition=Q(status__in=("pending", "on_hold", "resolved")),
            ),
            models.Index(
                fields=["resolution_due_at"], name="ticket_due",
                condition=Q(status__in=UNRESOLVED),
            ),
            models.Index(fields=["status", "-id"], name="ticket_status"),
            models.Index(fields=["product", "module", "status", "-id"], name="ticket_place"),
            models.Index(fields=["requester", "-id"], name="ticket_requester"),
            models.Index(fields=["driver"], name="ticket_driver", condition=~Q(driver="")),
            models.Index(
                fields=["resolved_at"], name="ticket_resolved", condition=Q(status="resolved")
            ),
            GinIndex(
                fields=["search_key"], opclasses=["gin_trgm_ops"], name="ticket_search",
                gin_pending_list_limit=128,
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=~Q(external_source=""),
                name="ticket_external_id",
            ),
            models.CheckConstraint(
                condition=Q(module__isnull=True) | Q(module_not_sure=False),
                name="ticket_module_or_not_sure",
            ),
            models.CheckConstraint(
                condition=Q(answer_page__isnull=True) | Q(answer_gap=False),
                name="ticket_page_or_gap",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"OPS-{self.pk}"

    @property
    def family(self) -> Family | None:
        """Usage, technical or request; None until the ticket is classified."""
        return FAMILY_OF.get(self.type)

    @property
    def is_unresolved(self) -> bool:
        return self.status in UNRESOLVED


class Comment(models.Model):
    """One entry of the conversation. Append-only but for erasure; the event keeps its hash."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=6, choices=CommentKind.choices)
    body = models.TextField()
    salt = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField()
    #: Written by a rule or the system: no person's reply, never a first response.
    is_auto = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="comment_conversation")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Attachment(models.Model):
    """A file somebody added to a ticket; served only to who may see the ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="attachments")
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, related_name="attachments"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    uploaded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


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


class ServiceTarget(models.Model):
    """Working time to first response and to resolution, by priority (SLA)."""

    priority = models.PositiveSmallIntegerField(choices=Priority.choices, unique=True)
    response_seconds = models.PositiveIntegerField()
    resolution_seconds = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"P{self.priority}"
