"""What the demand table keeps for its people: views, layouts, and what each act set."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.choices import TableShape
from feedback.models.loop import USER
from feedback.querysets import DemandViewQuerySet
from tickets.models.saved_views import KeptView


class DemandView(KeptView):
    """A list of demands somebody named (视图), with its columns and its shape."""

    SUBJECT: ClassVar[str] = "demand_view"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "owner_id", "scope", "query", "filters", "sort", "columns", "frozen", "group",
        "layout", "team_ids", "is_for_everyone", "is_pinned", "position", "is_active",
    )  # fmt: skip

    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="demand_views")
    scope = models.CharField(max_length=10, default="all")
    #: Columns at the start that stay in sight.
    frozen = models.PositiveSmallIntegerField(_("frozen columns"), default=2)
    layout = models.CharField(
        _("layout"), max_length=8, choices=TableShape.choices, default=TableShape.TABLE
    )

    objects = DemandViewQuerySet.as_manager()

    class Meta(KeptView.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["owner"], name="demand_view_owner", condition=Q(is_active=True))
        ]


class TableLayout(models.Model):
    """How one person has set up the columns of the table, or of one view of it.

    Goes before what the view says, and nobody else sees it.
    """

    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    view = models.ForeignKey(
        DemandView, on_delete=models.CASCADE, null=True, blank=True, related_name="layouts"
    )
    columns = models.JSONField(default=list)
    frozen = models.PositiveSmallIntegerField(default=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "view"], name="layout_once_per_view"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(view__isnull=True), name="layout_once_without_view"
            ),
        ]

    def __str__(self) -> str:
        return ",".join(self.columns)


class TableEdit(models.Model):
    """One act on the table – a cell, a pasted block, a fill – and what was there before.

    `cells` holds `[demand id, field, before, after]`, so that one undo takes all of it back. The
    events of the demands are the history; this is only kept for as long as an undo is offered.
    """

    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    cells = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-id"], name="table_edit_by")]

    def __str__(self) -> str:
        return f"{len(self.cells)} cells by {self.by_id}"
