"""Products, people and pages of the settings in the search of the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import rights_of
from catalog.models import Product
from core.registry import Suggestion
from core.searchkey import terms

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class ProductSearch:
    """Products by name or code; they lead to their manual."""

    name = "products"

    def label(self) -> str:
        return _("Products")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        words = query.strip()
        found = Product.objects.filter(is_active=True, is_other=False).filter(
            Q(name__icontains=words) | Q(code__istartswith=words)
        )
        return [
            Suggestion(
                kind="product", title=product.name, url=reverse("manual", args=[product.code]),
                ref=product.code, detail=_("Its manual"),
            )
            for product in found.order_by("name")[:limit]
        ]  # fmt: skip


class PersonSearch:
    """Colleagues by name, user name or e-mail: for who administers them."""

    name = "people"

    def label(self) -> str:
        return _("People")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User) or not rights_of(user).is_administrator:
            return []
        people = User.objects.working_here().select_related("department", "position")
        for term in terms(query):
            people = people.filter(search_key__contains=term.needle)
        return [
            Suggestion(
                kind="person", title=person.name, ref=person.username,
                url=reverse("settings_people_edit", args=[person.pk]),
                detail=" · ".join(
                    str(part) for part in (person.department, person.position) if part
                ),
            )
            for person in people.order_by("name")[:limit]
        ]  # fmt: skip
