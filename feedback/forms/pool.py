"""Forms of the pool: words of somebody, where they go, why nothing comes of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module, Product
from core.text import excerpt
from feedback.choices import DemandStatus, FeedbackSource
from feedback.forms.demands import OFFERED, OTHER, demand_named
from feedback.forms.fields import IMPORTANCE, module_groups, staff_products, words_field
from feedback.models import Demand, FeedbackItem
from feedback.suggest import nearest
from tickets.forms.fields import PersonField

#: Items gathered at once.
GATHER_MAX = 100
_OPEN = [
    status for status in DemandStatus.values
    if status not in (DemandStatus.CLOSED, DemandStatus.DECLINED, DemandStatus.MERGED)
]  # fmt: skip


class MyFeedbackForm(forms.Form):
    """What somebody would have changed in a product they use."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.filter(is_active=True, is_other=False),
        empty_label=None,
    )  # fmt: skip
    words = words_field(_("What should be different?"), rows=4)
    importance = forms.TypedChoiceField(
        label=_("How much does it matter to you?"), coerce=int, choices=IMPORTANCE, initial=1,
        widget=forms.RadioSelect,
    )  # fmt: skip
    hours_per_week = forms.DecimalField(
        label=_("Hours it costs you a week"), required=False, min_value=0, max_value=168,
        decimal_places=1,
    )  # fmt: skip


class FeedbackForm(forms.Form):
    """What staff heard somebody say."""

    person = PersonField(
        label=_("Who said it?"), error_messages={"required": _("Name the person who said it.")}
    )
    source = forms.ChoiceField(label=_("Source"), choices=FeedbackSource.choices)
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=None
    )
    module = forms.ChoiceField(label=_("Module"), required=False)
    words = words_field(_("In their own words"), rows=5)
    importance = forms.TypedChoiceField(
        label=_("How much does it matter to them?"), coerce=int, choices=IMPORTANCE, initial=1,
        widget=forms.RadioSelect,
    )  # fmt: skip
    hours_per_week = forms.DecimalField(
        label=_("Hours it costs them a week"), required=False, min_value=0, max_value=168,
        decimal_places=1,
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = staff_products(user).filter(is_other=False)
        product, module = self.fields["product"], self.fields["module"]
        assert isinstance(product, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        assert isinstance(module, forms.ChoiceField)  # noqa: S101
        product.queryset = products
        module.choices = module_groups(products)

    def clean_module(self) -> Module | None:
        return Module.objects.filter(pk=self.cleaned_data["module"] or 0).first()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        module, product = data.get("module"), data.get("product")
        if module and product and module.product_id != product.pk:
            self.add_error("module", _now("Choose a module of the product."))
        return data


class GatherForm(forms.Form):
    """The demand that some words go into: a near one, or another by its number."""

    items = forms.CharField(widget=forms.HiddenInput)
    demand = forms.ChoiceField(label=_("Which demand?"), widget=forms.RadioSelect)
    ref = forms.CharField(
        label=_("Which other demand?"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"placeholder": "D-12"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, chosen: list[FeedbackItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.chosen = user, chosen
        field = self.fields["demand"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        near = self._near()
        field.choices = [
            *((d.ref, f"{d.ref} {excerpt(d.title, 60)} · {d.get_status_display()}") for d in near),
            (OTHER, _now("Another one …")),
        ]
        self.initial.setdefault("demand", near[0].ref if near else OTHER)
        self.initial.setdefault("items", ",".join(str(item.pk) for item in chosen))

    def _near(self) -> list[Demand]:
        words = " ".join(item.words for item in self.chosen)[:500]
        found = Demand.objects.visible_to(self.user).filter(
            product=self.chosen[0].product_id, status__in=_OPEN
        )
        return nearest(found, words, OFFERED)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("demand")
        field = "ref" if chosen == OTHER else "demand"
        named = (data.get("ref") or "") if chosen == OTHER else chosen
        if chosen:
            try:
                data["demand"] = demand_named(named or "", self.chosen[0].product_id, self.user)
            except forms.ValidationError as error:
                self.add_error(field, error)
        return data


class SetAsideForm(forms.Form):
    reason = words_field(
        _("Why does no demand come of it?"), help_text=_("Written for the person; they are told.")
    )
