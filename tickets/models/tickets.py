"""The ticket itself."""

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
from catalog.models import Feature, Module, Product, Team
from core.models import Recorded
from docs_portal.models import Page
from tickets.choices import (
    FAMILY_OF,
    UNRESOLVED,
    CauseCategory,
    Channel,
    DriverState,
    Family,
    Impact,
    Level,
    Priority,
    Resolution,
    Status,
    Type,
    Urgency,
)
from tickets.models.causes import Cause
from tickets.models.service import ServicePolicy
from tickets.querysets import TicketQuerySet

USER = settings.AUTH_USER_MODEL

#: The key of `core.live` that moves when a ticket may enter, leave or move in any queue.
EVERY_QUEUE = "queue:all"
#: Columns that no list shows, sorts or filters by: a change of these moves no queue.
_UNLISTED = frozenset(
    {
        "description", "suspected_cause", "evidence", "quote", "scenario", "frequency",
        "first_response_at", "answer_page_id", "answer_gap", "contract_owed_until", "opened_from",
        "browser",
    }
)  # fmt: skip
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
        "custom", "tags", "opened_from", "browser", "silent_from", "answer_owed", "closes_on",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset(
        {
            "title", "description", "suspected_cause", "evidence", "quote", "scenario",
            "opened_from",
        }
    )  # fmt: skip

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
    #: Of a resolved ticket, null or false in every other status (tickets.sla.closing): when staff
    #: wrote last since it was resolved, whether its requester wrote since and waits for a word,
    #: and the day they were told on which silence closes it.
    silent_from = models.DateTimeField(null=True)
    answer_owed = models.BooleanField(default=False, db_default=False)
    closes_on = models.DateField(null=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    #: Business stopped: act first, the skipped contract rows are owed until then.
    contract_owed_until = models.DateTimeField(null=True)
    custom = models.JSONField(default=dict, blank=True)
    #: Names of tags in the order they were put on.
    tags = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    #: The page of the product the person came from, and their browser, where a link said so.
    opened_from = models.CharField(max_length=1000, blank=True, default="", db_default="")
    browser = models.CharField(max_length=400, blank=True, default="", db_default="")
    #: Where an imported ticket comes from; unique together, "" for our own.
    external_source = models.CharField(max_length=40, blank=True, default="")
    external_id = models.CharField(max_length=120, blank=True, default="")
    imported = models.BooleanField(default=False)
    #: Derived columns, not recorded: due times (recomputed), activity, search.
    response_due_at = models.DateTimeField(null=True)
    resolution_due_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)
    #: The policy the due times come from.
    service_policy = models.ForeignKey(
        ServicePolicy, on_delete=models.PROTECT, null=True, related_name="tickets", db_index=False
    )
    #: The clock that runs now (first response, then resolution): when it warns, when it is over.
    #: Null while none runs: waiting for the requester, resolved, ended, imported.
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    #: When the sweep has something to tell about that clock: warning, breach, escalation.
    sla_next_at = models.DateTimeField(null=True)
    #: What was told already (`tickets.choices.SlaStep`), and for which due time.
    sla_told = models.PositiveSmallIntegerField(default=0, db_default=0)
    sla_told_for = models.DateTimeField(null=True)
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
            models.Index(
                fields=["warn_at"], name="ticket_at_risk", include=_SCOPED,
                condition=Q(warn_at__isnull=False),
            ),
            models.Index(
                fields=["sla_next_at"], name="ticket_sla_next",
                condition=Q(sla_next_at__isnull=False),
            ),
            models.Index(
                fields=["id"], name="ticket_provisional", condition=Q(due_provisional=True)
            ),
            models.Index(fields=["status", "-id"], name="ticket_status"),
            models.Index(fields=["product", "module", "status", "-id"], name="ticket_place"),
            models.Index(fields=["requester", "-id"], name="ticket_requester"),
            models.Index(fields=["driver"], name="ticket_driver", condition=~Q(driver="")),
            models.Index(
                fields=["resolved_at"], name="ticket_resolved", condition=Q(status="resolved")
            ),
            models.Index(
                fields=["-closed_at", "-id"], name="ticket_closed", include=_SCOPED,
                condition=Q(status="closed"),
            ),
            GinIndex(fields=["tags"], name="ticket_tags", condition=~Q(tags=[])),
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

    def live_keys(self, changes: Mapping[str, Any]) -> tuple[str, ...]:
        """Its own page and, when a list could show the change, the queues of its product."""
        own = super().live_keys(changes)
        if not changes.keys() - _UNLISTED:
            return own
        before, _after = changes.get("product_id") or (None, None)
        products = {self.product_id, before or self.product_id}
        return (*own, EVERY_QUEUE, *(f"queue:{pk}" for pk in sorted(products)))

    @property
    def is_unresolved(self) -> bool:
        return self.status in UNRESOLVED
