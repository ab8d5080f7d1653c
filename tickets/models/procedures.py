"""Procedures (SOP): the steps for tickets of one type, and which of them were ticked where."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Module, Product
from core.models import Recorded
from docs_portal.models import Page
from tickets.choices import Type
from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class Procedure(Recorded):
    """How tickets of a type are handled, for every product, one product, or one module of it.

    Its steps belong to an edition: a change of the steps is a new edition, and what was ticked
    stays with the edition it was ticked in.
    """

    SUBJECT: ClassVar[str] = "procedure"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "type", "product_id", "module_id", "edition", "is_active",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=120)
    type = models.CharField(_("type"), max_length=16, choices=Type.choices)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="procedures"
    )
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="procedures"
    )
    edition = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type", "product", "module"], name="procedure_once",
                condition=Q(is_active=True), nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(module__isnull=True) | Q(product__isnull=False),
                name="procedure_module_of_product",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ProcedureStep(models.Model):
    """One step of one edition; never changed once it is written."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="steps")
    edition = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    page = models.ForeignKey(
        Page, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    #: Must be ticked before the ticket is resolved.
    is_required = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "edition", "position"], name="procedure_step_place"
            )
        ]

    def __str__(self) -> str:
        return self.text


class StepTick(models.Model):
    """A step done on a ticket: by whom and when. Its coming and going are events of the ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="step_ticks")
    step = models.ForeignKey(ProcedureStep, on_delete=models.PROTECT, related_name="ticks")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "step"], name="step_tick_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} step {self.step_id}"
