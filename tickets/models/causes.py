"""Root causes shared by tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Module, Product
from core.models import Recorded
from tickets.choices import BOUNCES_TO_MANAGER, CauseCategory, CauseState
from tickets.querysets import CauseQuerySet

if TYPE_CHECKING:
    from tickets.models.pushing import Decline

USER = settings.AUTH_USER_MODEL


class Cause(Recorded):
    """A root cause shared by tickets (根因), pushed to an owner. Reference `C-<n>`.

    `promised_on` is the owner's date (承诺完成日), `first_promised_on` the first agreed one.
    Module, category and `evidence` fill the rows of level 2 of every ticket of the cause: an
    outage is judged once. `named_by` is the manager who named the owner (定责).
    """

    SUBJECT: ClassVar[str] = "cause"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "title", "category", "text", "product_id", "module_id", "owner_id", "state",
        "promised_on", "first_promised_on", "slips", "pushed_at", "accepted_at", "delivered_at",
        "is_known_issue", "workaround", "bounces", "chases", "last_chased_at", "reopened_times",
        "evidence", "named_by_id", "named_at",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"text", "workaround", "evidence"})

    title = models.CharField(_("title"), max_length=160)
    category = models.CharField(
        _("category"), max_length=16, choices=CauseCategory.choices, blank=True, default=""
    )
    text = models.TextField(_("root cause"), blank=True, default="")
    evidence = models.TextField(_("evidence"), blank=True, default="", db_default="")
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
    named_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    named_at = models.DateTimeField(null=True)
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

    @property
    def needs_naming(self) -> bool:
        """Three bounces, and nobody was named since, or whoever was named declined as well."""
        if self.bounces < BOUNCES_TO_MANAGER:
            return False
        return self.named_at is None or self.state == CauseState.DECLINED

    def last_decline(self) -> Decline | None:
        """Who sent it back last, and why (one query)."""
        return self.declines.select_related("owner").order_by("-id").first()
