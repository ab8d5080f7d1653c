"""The formula of demand scores, version by version, and what it gave each demand."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Recorded
from feedback.models.loop import USER, Demand

_PERCENT = (MinValueValidator(0), MaxValueValidator(100))


class ScoreFormula(Recorded):
    """One version of the formula (domain.md, *Demand score*); never changed, only followed.

    The weights are shares of each other: 50, 30 and 20 mean the same as 5, 3 and 2.
    """

    SUBJECT: ClassVar[str] = "score_formula"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "number", "people_weight", "tickets_weight", "hours_weight", "cap_percentile",
        "department_weights", "note",
    )  # fmt: skip

    number = models.PositiveIntegerField(unique=True)
    people_weight = models.PositiveSmallIntegerField(_("people who ask"), validators=_PERCENT)
    tickets_weight = models.PositiveSmallIntegerField(
        _("tickets of four weeks"), validators=_PERCENT
    )
    hours_weight = models.PositiveSmallIntegerField(_("hours lost"), validators=_PERCENT)
    #: Inputs above this percentile of the product's open demands count as 100.
    cap_percentile = models.PositiveSmallIntegerField(
        _("full marks from percentile"), validators=(MinValueValidator(50), MaxValueValidator(100))
    )
    #: Department id (as text) → how much a person there counts; with all departments below it.
    department_weights = models.JSONField(default=dict, blank=True)
    note = models.CharField(_("why it changed"), max_length=200, blank=True, default="")
    made_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"v{self.number}"


class DemandScore(models.Model):
    """What the formula gave one demand, with its parts. Derived; `Demand.score` repeats the end.

    `*_raw` are the inputs (people × importance × department weight; tickets and same-here of 28
    days; hours a week), the others the parts of 0–100.
    """

    demand = models.OneToOneField(
        Demand, on_delete=models.CASCADE, primary_key=True, related_name="scored"
    )
    formula = models.ForeignKey(ScoreFormula, on_delete=models.PROTECT, related_name="+")
    people_raw = models.DecimalField(max_digits=10, decimal_places=2)
    tickets_raw = models.PositiveIntegerField()
    hours_raw = models.DecimalField(max_digits=10, decimal_places=2)
    people = models.DecimalField(max_digits=4, decimal_places=1)
    tickets = models.DecimalField(max_digits=4, decimal_places=1)
    hours = models.DecimalField(max_digits=4, decimal_places=1)
    #: The weighted parts, 0–100, before the effort.
    value = models.DecimalField(max_digits=4, decimal_places=1)
    #: Person-days it was divided by; empty where it was not.
    divided_by = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    score = models.DecimalField(max_digits=8, decimal_places=1)
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.demand_id}: {self.score}"
