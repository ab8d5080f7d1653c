"""What products, modules, departments, teams and people are called now."""

from __future__ import annotations

from functools import cached_property

from django.utils.translation import gettext as _

from accounts.models import Department, User
from catalog.models import Module, Product, Team
from reports.policies.explore.cells import DIMENSIONS
from tickets.choices import Channel, Level, ReturnReason, Status, Type


class Names:
    """Asked of the database once per kind, when first needed; a page asks hundreds of times."""

    @cached_property
    def product(self) -> dict[str, str]:
        rows = Product.objects.values_list("pk", "name", "is_other")
        return {str(pk): _("Other / not sure") if other else name for pk, name, other in rows}

    @cached_property
    def modules(self) -> dict[str, tuple[str, str]]:
        """Name and product of each."""
        rows = Module.objects.values_list("pk", "name", "product_id")
        return {str(pk): (name, str(product)) for pk, name, product in rows}

    @cached_property
    def module(self) -> dict[str, str]:
        return {pk: name for pk, (name, _product) in self.modules.items()}

    @cached_property
    def departments(self) -> dict[str, tuple[str, str]]:
        """Name and path of each, parents before their children."""
        rows = Department.objects.order_by("path").values_list("pk", "name", "path")
        return {str(pk): (name, path) for pk, name, path in rows}

    @cached_property
    def department(self) -> dict[str, str]:
        return {pk: name for pk, (name, _path) in self.departments.items()}

    @cached_property
    def team(self) -> dict[str, str]:
        return {str(pk): name for pk, name in Team.objects.values_list("pk", "name")}

    @cached_property
    def person(self) -> dict[str, str]:
        people = User.objects.filter(memberships__isnull=False).distinct()
        return {str(pk): name for pk, name in people.values_list("pk", "name")}

    @cached_property
    def type(self) -> dict[str, str]:
        return {str(each.value): str(each.label) for each in Type}

    @cached_property
    def channel(self) -> dict[str, str]:
        return {str(each.value): str(each.label) for each in Channel}

    @cached_property
    def level(self) -> dict[str, str]:
        return {str(each.value): f"{each.value} {each.label}" for each in Level}

    @cached_property
    def step(self) -> dict[str, str]:
        """The status of an unresolved ticket."""
        return {str(each.value): str(each.label) for each in Status}

    @cached_property
    def reason(self) -> dict[str, str]:
        return {str(each.value): str(each.label) for each in ReturnReason}

    def of(self, dimension: str, value: str) -> str:
        """One value in words; "" is none."""
        if value == "":
            return _("Not given")
        if dimension != "product" and dimension not in DIMENSIONS:
            return value
        known: dict[str, str] = getattr(self, dimension, {})
        return known.get(value) or f"#{value}"
