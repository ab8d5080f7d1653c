"""What forms share: a refusal beside the field it names, and a select that is quick to draw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.errors import Refused


def add_refusal(form: forms.BaseForm, refusal: Refused) -> None:
    """Show each problem of `refusal` at its field, or above the form if it has no such field."""
    for problem in refusal.problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.said)
    if not refusal.problems:
        form.add_error(None, str(refusal.title))


class PlainSelect(forms.Select):
    """A select drawn in Python. Django draws each option through a template of its own, which for
    a page of filters costs more than everything the page shows."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        options = "".join(
            f'<optgroup label="{escape(label)}">'
            f"{''.join(_option(key, text, chosen) for key, text in inner)}</optgroup>"
            if isinstance(inner, (list, tuple))
            else _option(label, inner, chosen)
            for label, inner in self.choices
        )
        flat = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return mark_safe(f"<select{flat}>{options}</select>")  # noqa: S308  (all is escaped)


def _option(key: Any, text: Any, chosen: str) -> str:
    selected = " selected" if str(key) == chosen else ""
    return f'<option value="{escape(key)}"{selected}>{escape(text)}</option>'
