"""The form that sends a spreadsheet of demands or of feedback."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from feedback.actions.importing import FILE_MAX
from feedback.forms.fields import staff_products


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("XLSX or CSV with headings in the first line. At most 20 MB."),
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,.csv,.csv.gz", "data-max-bytes": str(FILE_MAX)}
        ),
    )
    product = forms.ModelChoiceField(
        label=_("Product of rows that name none"), queryset=Product.objects.none(), required=False,
        empty_label=_("Every row names its product"),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["product"]
        field.queryset = staff_products(user)
