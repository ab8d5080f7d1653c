"""How a form carries a refusal back to the person: beside the field it names."""

from __future__ import annotations

from django import forms

from core.errors import Refused


def add_refusal(form: forms.BaseForm, refusal: Refused) -> None:
    """Show each problem of `refusal` at its field, or above the form if it has no such field."""
    for problem in refusal.problems:
        text = f"{problem.message} {problem.remedy}".strip()
        form.add_error(problem.field if problem.field in form.fields else None, text)
    if not refusal.problems:
        form.add_error(None, str(refusal.title))
