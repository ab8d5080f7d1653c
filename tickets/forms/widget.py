"""The submit form inside the widget's frame, and the forms of the widget's settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.forms.settings import lines
from catalog.models import Product
from tickets.forms.submit import SubmitForm
from tickets.models import WidgetSession, WidgetSite


class WidgetSubmitForm(SubmitForm):
    """The submit form for one product and one person: nobody else's ticket, no other product.

    What the form asks for while one types comes from the frame's own addresses.
    """

    def __init__(self, *args: Any, session: WidgetSession, **kwargs: Any) -> None:
        product = session.site.product
        super().__init__(*args, user=session.user, product=product, **kwargs)
        for name in ("requester", "watchers"):
            self.fields.pop(name, None)
        chosen = self.fields["product"]
        assert isinstance(chosen, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        chosen.queryset = Product.objects.filter(pk=product.pk)
        chosen.widget = forms.HiddenInput()
        places = {
            reverse("submit"): reverse("widget_submit", args=[product.code]),
            reverse("submit_suggestions"): reverse("widget_suggestions", args=[product.code]),
        }
        for field in self.fields.values():
            _move(field.widget.attrs, places)


def _move(attrs: dict[str, Any], places: dict[str, str]) -> None:
    """Let a control ask the frame's address; one that has none there asks nothing."""
    asked = str(attrs.get("hx-get") or attrs.get("hx-post") or "")
    if asked in places:
        attrs["hx-get"] = places[asked]
        if "hx-include" in attrs:
            attrs["hx-include"] = "#depends [name], #id_description"
    elif asked:
        for name in [name for name in attrs if name.startswith("hx-")]:
            del attrs[name]


class WidgetSiteForm(forms.Form):
    """Where the widget of a product may stand."""

    origins = forms.CharField(
        label=_("Origins of its pages"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        required=False,
        help_text=_("One a line, like https://crm.example.com. Only pages from there may show "
                    "the widget."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("The widget is in use"), required=False, initial=True)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, site: WidgetSite | None) -> WidgetSiteForm:
        """The form as it stands now."""
        if site is None:
            return cls()
        return cls(
            initial={
                "origins": "\n".join(site.origins), "is_active": site.is_active,
                "version": site.version,
            }
        )  # fmt: skip

    def clean_origins(self) -> list[str]:
        return lines(self.cleaned_data["origins"])
