"""The form of one condition of a filter, and of how a list is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.errors import BadInput
from tickets.models import SavedView, Tag
from tickets.search.columns import COLUMNS
from tickets.search.filters import (
    ALONE,
    OPERATORS,
    TICKETS,
    Asking,
    Book,
    Condition,
    Field,
    fields,
    meaning_of,
)
from tickets.search.orders import GROUPS as GROUPINGS
from tickets.search.orders import SORTS

#: `is` and `not` are the others with one value; the form needs only these.
_PLURAL = {"is": "any", "not": "none"}
_SINGULAR = {"any": "is", "none": "not"}
_ONE_VALUE = frozenset({"atleast", "atmost"})
TAGS_OFFERED = 200


class ConditionForm(forms.Form):
    """Field, operator, value. The value's control follows from the other two."""

    field = forms.ChoiceField(label=_("Field"))
    operator = forms.ChoiceField(label=_("Condition"))

    def __init__(
        self, data: Any, *, asking: Asking, condition: Condition | None = None,
        book: Book = TICKETS,
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.asking = asking
        self.book, self.known = book, book.every()
        start = condition or Condition("status", "any")
        wanted = (data or {}).get("field") or start.field
        self.chosen: Field = self.known.get(wanted) or self.known["status"]
        self.fields["field"].choices = self._grouped()  # type: ignore[attr-defined]
        self.initial["field"] = self.chosen.key
        self._choose_operator(data, start)
        self._choose_value(start)

    def _grouped(self) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (str(label), [(f.key, str(f.label)) for f in self.known.values() if f.group == group])
            for group, label in self.book.groups.items()
            if any(f.group == group for f in self.known.values())
        ]

    def _choose_operator(self, data: Any, start: Condition) -> None:
        offered = self.operators()
        self.fields["operator"].choices = [  # type: ignore[attr-defined]
            (operator, OPERATORS[operator]) for operator in offered
        ]
        asked = (data or {}).get("operator") or start.operator
        asked = asked if asked in offered else _PLURAL.get(asked, asked)
        self.how = asked if asked in offered else offered[0]
        self.initial["operator"] = self.how

    def operators(self) -> list[str]:
        own = self.chosen.kind.operators
        if self.chosen.kind.widget in ("choice", "person", "tag") and "any" in own:
            return [operator for operator in own if operator not in _PLURAL]
        return list(own)

    def _choose_value(self, start: Condition) -> None:
        if self.how in ALONE:
            return
        kind = self.chosen.kind
        offered = list(kind.choices(self.asking))
        initial: Any = start.values if start.field == self.chosen.key else ()
        if kind.widget == "choice" and offered:
            # What the condition held stays choosable when it is no longer in use.
            offered += [(v, v) for v in initial if v not in dict(offered)]
            many = self.how not in _ONE_VALUE and "any" in kind.operators
            size = str(min(max(len(offered), 2), 9))
            self.fields["value"] = (
                forms.MultipleChoiceField(
                    label=_("Wanted value"), choices=offered,
                    widget=forms.SelectMultiple(attrs={"size": size}),
                )
                if many
                else forms.ChoiceField(label=_("Wanted value"), choices=offered)
            )  # fmt: skip
            first: Any = next(iter(initial), "")
            self.initial["value"] = list(initial) if many else first
            return
        help_text, listed = self._typed(offered)
        self.fields["value"] = forms.CharField(
            label=_("Wanted value"), help_text=help_text, max_length=500,
            widget=forms.TextInput(attrs={"autocomplete": "off", **listed}),
        )  # fmt: skip
        self.initial["value"] = ", ".join(initial)

    def _typed(self, offered: list[tuple[str, str]]) -> tuple[str, dict[str, str]]:
        """Help and suggestions of a value that is typed."""
        widget = self.chosen.kind.widget
        if widget == "date":
            self.suggestions = offered
            return _now("A day such as 2026-11-16, or: last-7d, this-week, 3d-ago, in-3d …"), {
                "list": "suggestions"
            }
        if widget == "person":
            return _now("User names, separated by commas; “me” is whoever looks."), {
                "list": "people", "data-people": "",
            }  # fmt: skip
        if widget == "tag":
            tags = Tag.objects.order_by("name").values_list("name", flat=True)[:TAGS_OFFERED]
            self.suggestions = [(tag, tag) for tag in tags]
            return _now("Tags, separated by commas."), {"list": "suggestions"}
        return "", {"inputmode": "decimal"} if widget == "number" else {}

    suggestions: list[tuple[str, str]] = []

    def condition(self) -> Condition:
        """What was chosen. Adds the refusal to the form and raises when it means nothing."""
        value = self.cleaned_data.get("value", ())
        if isinstance(value, str):
            several = self.chosen.kind.widget in ("person", "tag")
            value = [part.strip() for part in value.split(",")] if several else [value.strip()]
        values = tuple(part for part in value if part)
        operator = self.how
        if len(values) == 1 and _SINGULAR.get(operator) in self.chosen.kind.operators:
            operator = _SINGULAR[operator]
        condition = Condition(self.chosen.key, operator, values)
        try:
            meaning_of(condition, self.asking, self.chosen)
        except BadInput as refusal:
            for problem in refusal.problems:
                self.add_error("value" if "value" in self.fields else None, problem.said)
            raise
        return condition


class DisplayForm(forms.Form):
    """How a list is shown: order, groups, layout, facts."""

    sort = forms.ChoiceField(label=_("Sort by"), required=False)
    turned = forms.BooleanField(label=_("The other way round"), required=False)
    group = forms.ChoiceField(label=_("Group by"), required=False)
    layout = forms.ChoiceField(label=_("Layout"), choices=SavedView.Layout.choices)
    board = forms.ChoiceField(
        label=_("Columns of the board"), required=False,
        choices=[("level", _("Level")), ("status", _("Status"))],
    )  # fmt: skip
    columns = forms.MultipleChoiceField(
        label=_("Facts in the rows, columns of the table"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [(key, str(f.label)) for key, f in fields().items() if f.group == "custom"]
        self.fields["sort"].choices = [  # type: ignore[attr-defined]
            ("", _("As the queue has it")), *((s.key, s.label) for s in SORTS.values())
        ]  # fmt: skip
        self.fields["group"].choices = [  # type: ignore[attr-defined]
            ("", _("Not grouped")), *((g.key, g.label) for g in GROUPINGS.values())
        ]  # fmt: skip
        self.fields["columns"].choices = [  # type: ignore[attr-defined]
            *((c.key, c.label) for c in COLUMNS.values()), *own
        ]  # fmt: skip
