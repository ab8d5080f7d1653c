"""Spreadsheets of demands and of feedback that were read in: each file, its rows, what became of
them.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Product
from core.models import StoredFile
from feedback.models.loop import USER, Demand, FeedbackItem
from feedback.models.table import TableEdit


class DemandImport(models.Model):
    """A file somebody sent: read and judged row by row, and nothing is set before they say so."""

    class State(models.TextChoices):
        READING = "reading", pgettext_lazy("import", "Being read")
        JUDGING = "judging", pgettext_lazy("import", "Being checked")
        JUDGED = "judged", pgettext_lazy("import", "Checked")
        IMPORTING = "importing", pgettext_lazy("import", "Being imported")
        DONE = "done", pgettext_lazy("import", "Imported")
        FAILED = "failed", pgettext_lazy("import", "Cannot be read")
        UNDOING = "undoing", pgettext_lazy("import", "Being taken back")
        UNDONE = "undone", pgettext_lazy("import", "Taken back")

    class Kind(models.TextChoices):
        DEMANDS = "demands", _("Demands")
        FEEDBACK = "feedback", _("Feedback")

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.DEMANDS)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="demand_imports")
    at = models.DateTimeField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    #: The product of rows that name none.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: The words of refusals are kept in the language of who reads them.
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    #: Headings of the file, each with the column it is, "" for one that is left out.
    headings = models.JSONField(default=list)
    error = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-id"], name="demand_import_mine")]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row of a file: what it would do, or why not, and whether it was done."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("import row", "Waiting")
        CREATE = "create", pgettext_lazy("import row", "New")
        CHANGE = "change", pgettext_lazy("import row", "Changed")
        SAME = "same", pgettext_lazy("import row", "Unchanged")
        REFUSED = "refused", pgettext_lazy("import row", "Refused")

    run = models.ForeignKey(DemandImport, on_delete=models.CASCADE, related_name="rows")
    #: The line of the file; 1 is the headings.
    line = models.PositiveIntegerField()
    #: Column → text, as the file has it.
    cells = models.JSONField()
    #: What the row is found again by when the file comes a second time.
    key = models.CharField(max_length=200, blank=True, default="")
    demand = models.ForeignKey(
        Demand, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    #: `[heading, value, message, remedy]` for each bad cell.
    problems = models.JSONField(default=list)
    #: `[heading, before, after]` for each cell that changes.
    changes = models.JSONField(default=list)
    is_done = models.BooleanField(default=False)
    #: What it did, so that the import can be taken back: cells it set, or words it brought.
    edit = models.ForeignKey(
        TableEdit, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    item = models.ForeignKey(
        FeedbackItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_taken_back = models.BooleanField(default=False, db_default=False)
    #: Why it was kept when the import was taken back: `[message, remedy]` each.
    kept = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))

    class Meta:
        ordering = ("line",)
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="import_row_line")]
        indexes = [
            models.Index(fields=["run", "outcome", "line"], name="import_row_outcome"),
            models.Index(fields=["run", "key"], name="import_row_key"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.line}"

    @property
    def title(self) -> str:
        """What the row calls its demand, the words it brings, or what the demand is called."""
        called = self.demand.title if self.demand is not None else "—"
        return str(self.cells.get("title") or self.cells.get("words") or called)


class DemandKey(models.Model):
    """What an imported demand is called in the table it came from."""

    key = models.CharField(max_length=200, primary_key=True)
    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="keys")

    def __str__(self) -> str:
        return self.key
