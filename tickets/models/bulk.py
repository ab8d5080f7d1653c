"""Bulk runs: one act on many tickets, each through the same single action."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.tickets import Ticket
from tickets.querysets import BulkRunQuerySet

USER = settings.AUTH_USER_MODEL


class BulkRun(models.Model):
    """One act that a person carries out on many tickets (批量操作).

    Which tickets is settled when it starts: a ticket that enters the queue later is not touched.
    A run with `undo_of` takes that run back.
    """

    started_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="bulk_runs")
    #: The act as JSON (`tickets.actions.acts`).
    act = models.JSONField()
    #: Where the tickets were listed, as the person read it; empty for a selection by hand.
    place = models.CharField(max_length=200, blank=True, default="")
    undo_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    #: Numbers that were asked for and are no ticket this person may see.
    not_found = models.JSONField(default=list)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    #: The person stopped it; what was done stays done.
    stopped_at = models.DateTimeField(null=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["started_by", "-id"], name="bulk_run_mine")]

    def __str__(self) -> str:
        return f"bulk run {self.pk}"


class BulkItem(models.Model):
    """One ticket of a run: what became of it, and which of its events were the run's."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        LEFT = "left", _("Left out")

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    #: The version the person had before them; null decides on the ticket as it is then.
    seen_version = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    #: The refusal's words in the starter's language: `{field, message, remedy, value}` each.
    problems = models.JSONField(default=list)
    #: The ticket's version after the act; null where it changed nothing.
    version = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "ticket"], name="bulk_item_once")]
        indexes = [models.Index(fields=["run", "state", "id"], name="bulk_item_state")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.ticket_id}"
