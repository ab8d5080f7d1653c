"""Automation rules (自动化规则), what became of each, and their dry runs (试运行)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Recorded
from tickets.choices import RuleState, RunOutcome, TrialState, WhyPaused
from tickets.models.tickets import Ticket
from tickets.querysets import RuleQuerySet

USER = settings.AUTH_USER_MODEL
#: Times an hour a rule may act on the same ticket before it pauses itself.
HOURLY_CAP = 5


class Rule(Recorded):
    """When something happens to a ticket, and if the conditions hold, then the acts.

    `trigger` is `{"kind": …, …}` (`tickets.policies.triggers`), `conditions` the filter language
    of saved views (`tickets.search.conditions`), `acts` a list of `tickets.actions.acts`.
    The row's version is the rule's version, which each run names.
    """

    SUBJECT: ClassVar[str] = "rule"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "state", "why_paused", "owner_id", "position", "trigger", "conditions", "acts",
        "hourly_cap", "activated_at",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(max_length=8, choices=RuleState.choices, default=RuleState.DRAFT)
    why_paused = models.CharField(
        max_length=8, choices=WhyPaused.choices, blank=True, default=WhyPaused.NONE
    )
    #: Who is told when it pauses itself.
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="rules")
    #: Rules are considered in this order.
    position = models.PositiveIntegerField(default=0)
    trigger = models.JSONField(default=dict)
    conditions = models.JSONField(default=list, blank=True)
    acts = models.JSONField(default=list)
    hourly_cap = models.PositiveSmallIntegerField(_("times an hour"), default=HOURLY_CAP)
    #: Events before this moment do not concern it.
    activated_at = models.DateTimeField(null=True, blank=True)
    #: Derived from `trigger`: what asks which rules wait for an event.
    trigger_kind = models.CharField(max_length=20, editable=False)
    #: Refusals since it last acted; counted, not recorded.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index(
                fields=["trigger_kind"], name="rule_waiting", condition=Q(state="active")
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class RuleRun(models.Model):
    """A rule that was considered for one occasion of one ticket, and what became of it.

    Written in the transaction of the acts: their effects and this row are there together, once.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="runs")
    rule_version = models.PositiveIntegerField()
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="rule_runs")
    #: `event:<version of the ticket>`, or for a rule of time what it waited for.
    occasion = models.CharField(max_length=80)
    #: The occasion its chain began with: a rule acts once in one chain.
    root = models.CharField(max_length=80)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=RunOutcome.choices)
    depth = models.PositiveSmallIntegerField(default=0)
    #: [{"condition": …, "held": true, "value": "…"}]
    judged = models.JSONField(default=list)
    #: [{"act": …, "versions": [n, …]}] done, or the one refused with its words.
    done = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "ticket", "occasion"], name="rule_run_once")
        ]
        indexes = [
            models.Index(fields=["ticket", "-id"], name="rule_run_ticket"),
            models.Index(fields=["rule", "outcome", "-id"], name="rule_run_rule"),
            models.Index(
                fields=["at"], name="rule_run_idle", condition=Q(outcome="not_matched")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.rule_id} {self.ticket_id} {self.occasion} {self.outcome}"


class RuleTrial(models.Model):
    """A dry run of a rule as it was typed, over the tickets of a time past. It writes only this."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, null=True, related_name="trials")
    definition = models.JSONField()
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=8, choices=TrialState.choices, default=TrialState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    considered = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    #: The newest hits: [{"ticket": id, "version": n, "at": …, "refusal": "…"}].
    hits = models.JSONField(default=list)
    #: Up to which event (or, for a trigger of time, ticket) it has come.
    cursor = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["rule", "-id"], name="rule_trial_newest")]

    def __str__(self) -> str:
        return f"trial {self.pk}"
