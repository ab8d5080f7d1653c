"""How the demand table is shown: order, groups, shape, which columns stand where."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.choices import TableShape
from feedback.search.columns import every_column
from feedback.search.orders import GROUPS, NO_GROUP, SORTS


class TableForm(forms.Form):
    """Columns come as a list in their order; the page's script moves them up and down."""

    sort = forms.ChoiceField(label=_("Sort by"), required=False)
    turned = forms.BooleanField(label=_("The other way round"), required=False)
    group = forms.ChoiceField(label=_("Group by"), required=False)
    layout = forms.ChoiceField(label=_("Layout"), choices=TableShape.choices)
    frozen = forms.IntegerField(
        label=_("Columns that stay in sight"), min_value=0, max_value=6,
        help_text=_("Counted from the first; the others scroll."),
    )  # fmt: skip
    columns = forms.MultipleChoiceField(
        label=_("Columns"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, shown: list[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        known = every_column()
        order = [key for key in shown if key in known]
        order += [key for key in known if key not in order]
        self.fields["sort"].choices = [  # type: ignore[attr-defined]
            ("", _("The way a demand goes")), *((s.key, s.label) for s in SORTS.values())
        ]  # fmt: skip
        self.fields["group"].choices = [  # type: ignore[attr-defined]
            (NO_GROUP, _("Not grouped")), *((g.key, g.label) for g in GROUPS.values())
        ]  # fmt: skip
        self.fields["columns"].choices = [  # type: ignore[attr-defined]
            (key, known[key].label) for key in order
        ]

    def sorting(self) -> str:
        """The word of the address for how it is sorted."""
        sort = str(self.cleaned_data["sort"])
        return f"-{sort}" if sort and self.cleaned_data["turned"] else sort

    def chosen(self, sent: list[str]) -> list[str]:
        """The columns in the order in which they were sent."""
        wanted = set(self.cleaned_data["columns"])
        return [key for key in dict.fromkeys(sent) if key in wanted]
