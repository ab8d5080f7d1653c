"""The form of a must-read: of whom, by when; shape only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from catalog.models import ProductRole
from docs_portal.actions import MustReadDraft
from docs_portal.models import MustRead, Page


class _DepartmentField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, department: Any) -> str:
        depth = max(department.path.count("/") - 2, 0)
        return f"{'　' * depth}{department.name}"


class MustReadForm(forms.Form):
    """Whom a page is required of; lists with nobody chosen do not narrow its readers."""

    due_on = forms.DateField(
        label=_("Acknowledge by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    days = forms.IntegerField(
        label=_("Days to read a change"), min_value=1, max_value=180, initial=7,
        help_text=_("When the meaning of the page changes, everybody is asked again and has "
                    "this many days."),
    )  # fmt: skip
    roles = forms.ModelMultipleChoiceField(
        label=_("With the product role"), queryset=ProductRole.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every role that reads the page."),
    )  # fmt: skip
    departments = _DepartmentField(
        label=_("In the department"), queryset=Department.objects.order_by("path"),
        required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Those below belong to it. None ticked: every department."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        assert isinstance(roles, forms.ModelMultipleChoiceField)  # noqa: S101
        roles.queryset = ProductRole.objects.filter(product_id=page.manual.product_id)

    @staticmethod
    def initial_of(row: MustRead | None, due_on: dt.date) -> dict[str, Any]:
        """What the form shows before anything is typed."""
        if row is None:
            return {"due_on": due_on, "days": 7}
        return {
            "due_on": due_on, "days": row.days, "roles": row.role_ids,
            "departments": row.department_ids, "version": row.version,
        }  # fmt: skip

    def draft(self) -> MustReadDraft:
        """What `require_reading` takes; only after `is_valid()`."""
        said = self.cleaned_data
        return MustReadDraft(
            due_on=said["due_on"], days=said["days"],
            role_ids=[role.pk for role in said["roles"]],
            department_ids=[department.pk for department in said["departments"]],
        )  # fmt: skip
