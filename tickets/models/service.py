"""Service policies (SLA): which targets hold for which tickets, and runs that reckon them anew."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import ServiceCalendar
from core.models import Recorded
from tickets.choices import AUTO_CONFIRM_DAYS, AUTO_CONFIRM_DAYS_MAX

USER = settings.AUTH_USER_MODEL


class Target(NamedTuple):
    """Working seconds to the first response and to the resolution."""

    response: int
    resolution: int


class ServicePolicy(Recorded):
    """Targets for the tickets of some products and departments (服务策略).

    Policies stand in one order and the first that fits a ticket holds
    (docs/decisions/0007-the-first-policy-that-fits-holds.md). `product_ids` and `department_ids`
    empty mean all of them; a department stands for itself and those below. A policy fits only
    priorities it has a target for, and tickets submitted from `first_day` to `last_day`. The one
    default policy stands last, fits everything and is always in force.
    """

    SUBJECT: ClassVar[str] = "service_policy"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "position", "is_default", "product_ids", "department_ids", "targets",
        "calendar_id", "warn_percent", "tells_duty", "escalate_seconds", "first_day", "last_day",
        "is_active", "confirm_days",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=80, unique=True)
    #: Place in the order, from 1; the default policy comes after all others.
    position = models.PositiveIntegerField(default=1)
    is_default = models.BooleanField(default=False, editable=False)
    # No foreign keys: products and departments are switched off, never deleted, and one column
    # keeps the whole rule in one event.
    product_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    department_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    #: {"0": [response, resolution], …}: working seconds by priority.
    targets = models.JSONField(default=dict, blank=True)
    #: Measures instead of the calendar of the team that has the ticket.
    calendar = models.ForeignKey(
        ServiceCalendar, on_delete=models.PROTECT, null=True, blank=True, related_name="policies"
    )
    #: Percent of the target used up from which a ticket is at risk.
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at"), default=80, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    #: A breach is told to the team's duty person as well as to the holder.
    tells_duty = models.BooleanField(_("tell the person on duty"), default=True)
    #: Working seconds after a breach at which managers in scope are told; null: never.
    escalate_seconds = models.PositiveIntegerField(null=True, blank=True, default=7200)
    #: Working days of silence after which a resolved ticket is closed, counted apart.
    confirm_days = models.PositiveSmallIntegerField(
        default=AUTO_CONFIRM_DAYS, db_default=AUTO_CONFIRM_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(AUTO_CONFIRM_DAYS_MAX)],
    )  # fmt: skip
    first_day = models.DateField(_("from"), null=True, blank=True)
    last_day = models.DateField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["is_default", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="policy_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False)
                | Q(is_active=True, product_ids=[], department_ids=[], first_day=None,
                    last_day=None),
                name="policy_default_fits_all",
            ),
            models.CheckConstraint(
                condition=Q(warn_percent__gte=1, warn_percent__lte=99), name="policy_warn_percent"
            ),
            models.CheckConstraint(
                condition=Q(confirm_days__gte=1, confirm_days__lte=AUTO_CONFIRM_DAYS_MAX),
                name="policy_confirm_days",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True)
                | Q(first_day__isnull=True)
                | Q(last_day__gte=F("first_day")),
                name="policy_not_backwards",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def target(self, priority: int) -> Target | None:
        """The targets for a priority, if this policy has them."""
        found = self.targets.get(str(int(priority)))
        return Target(*found) if found else None


class DueRun(models.Model):
    """Due times of open tickets reckoned anew, in steps a worker can leave and come back to."""

    class Reason(models.TextChoices):
        POLICY = "policy", pgettext_lazy("due run", "A service policy changed")
        CALENDAR = "calendar", pgettext_lazy("due run", "A service calendar changed")
        UPGRADE = "upgrade", pgettext_lazy("due run", "A new version of OpsDesk")

    #: What asked for it; the same asked twice is one run.
    key = models.CharField(max_length=80, unique=True)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    #: The policy or calendar as it was called.
    what = models.CharField(max_length=80, blank=True, default="")
    started_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    #: Tickets up to this id are done.
    cursor = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="due_run_waiting", condition=Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.done}/{self.total}"
