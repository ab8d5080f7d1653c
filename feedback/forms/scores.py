"""The form of the score formula: three weights, the cap, how much departments count."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from catalog.forms import SettingsForm
from feedback.actions.scoring import WEIGHT_MAX, WEIGHT_MIN, FormulaDraft
from feedback.models import ScoreFormula

_DEPARTMENT = "department_"


class FormulaForm(SettingsForm):
    """`version` is the number of the version that was opened."""

    people_weight = forms.IntegerField(label=_("People who ask"), min_value=0, max_value=100)
    tickets_weight = forms.IntegerField(
        label=_("Tickets and same-here of four weeks"), min_value=0, max_value=100
    )
    hours_weight = forms.IntegerField(label=_("Hours lost a week"), min_value=0, max_value=100)
    cap_percentile = forms.IntegerField(
        label=_("Full marks from percentile"), min_value=50, max_value=100,
        help_text=_("At 95, the five largest of a hundred demands all count as 100: one giant does "
                    "not make all others small."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Why it changes"),
        max_length=200,
        required=False,
        help_text=_("Stands beside the version."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.departments = list(Department.objects.filter(is_active=True).order_by("path"))
        for department in self.departments:
            self.fields[f"{_DEPARTMENT}{department.pk}"] = forms.FloatField(
                label=department.name, required=False, min_value=WEIGHT_MIN, max_value=WEIGHT_MAX,
                widget=forms.NumberInput(attrs={"step": "0.1", "placeholder": "1"}),
            )  # fmt: skip

    @classmethod
    def initial_of(cls, row: ScoreFormula) -> dict[str, Any]:
        shown = ("people_weight", "tickets_weight", "hours_weight", "cap_percentile")
        departments = {f"{_DEPARTMENT}{pk}": row.department_weights[pk] for pk in
                       row.department_weights}  # fmt: skip
        return {**{name: getattr(row, name) for name in shown}, **departments,
                "version": row.number}  # fmt: skip

    def department_fields(self) -> list[tuple[int, forms.BoundField]]:
        """How deep the department stands (0 at the top) and its field, in the order of the tree."""
        return [
            (min(department.path.strip("/").count("/"), 5), self[f"{_DEPARTMENT}{department.pk}"])
            for department in self.departments
        ]

    def draft(self) -> FormulaDraft:
        data = self.cleaned_data
        weights = {
            str(department.pk): data[f"{_DEPARTMENT}{department.pk}"]
            for department in self.departments
            if data[f"{_DEPARTMENT}{department.pk}"] not in (None, 1)
        }
        return FormulaDraft(
            data["people_weight"], data["tickets_weight"], data["hours_weight"],
            data["cap_percentile"], weights, data["note"],
        )  # fmt: skip
