"""Kinds of fields and choices that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from catalog.access import rights_of
from catalog.models import Module, Product
from feedback.policies import STAFF_ROLES

#: How much it matters to the person whose words these are.
IMPORTANCE = (
    (0, pgettext_lazy("importance", "Mentioned in passing")),
    (1, pgettext_lazy("importance", "Would help")),
    (2, pgettext_lazy("importance", "Costs time every week")),
    (3, pgettext_lazy("importance", "Cannot work without it")),
)


def staff_products(user: User) -> QuerySet[Product]:
    """Products whose demands this person may open and release."""
    rights = rights_of(user)
    found: set[int] = set()
    for role in STAFF_ROLES:
        products = rights.products_as(role)
        if products is None:
            return Product.objects.filter(is_active=True)
        found |= products
    return Product.objects.filter(is_active=True, pk__in=found)


def words_field(
    label: Any, *, required: bool = True, rows: int = 4, **kwargs: Any
) -> forms.CharField:
    """A longer text; the action says how long it may be."""
    return forms.CharField(
        label=label, required=required, widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("Write a few words.")}, **kwargs,
    )  # fmt: skip


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose a day."),
            "invalid": _("Write the date as year-month-day, for example 2026-11-25."),
        },
        **kwargs,
    )


def module_groups(products: QuerySet[Product]) -> list[Any]:
    """Modules under the name of their product; one product's modules stand alone."""
    modules = Module.objects.filter(product__in=products, is_active=True)
    groups: dict[str, list[tuple[str, str]]] = {}
    for module in modules.select_related("product").order_by("product__position", "name"):
        groups.setdefault(str(module.product), []).append((str(module.pk), module.name))
    if len(groups) == 1:
        return [("", "—"), *next(iter(groups.values()))]
    return [("", "—"), *groups.items()]
