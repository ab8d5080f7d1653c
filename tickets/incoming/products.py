"""Which product somebody's words are about: named in them, the person's last, or not known."""

from __future__ import annotations

import re
from collections.abc import Iterable

from accounts.models import User
from catalog.models import Module, Product
from tickets.models import Ticket

_PIECES = re.compile(r"[\s\-_·.|/\\()（）\[\]【】@＠,，、]+")


class Products:
    """The products in use, and what each of `people` wrote about last: three queries."""

    def __init__(self, people: Iterable[User | None], default: Product | None = None) -> None:
        self.products = list(Product.objects.filter(is_active=True))
        self.modules = list(Module.objects.filter(is_active=True, product__is_active=True))
        other = next((p for p in self.products if p.is_other), self.products[-1])
        self.default = default if default is not None and default.is_active else other
        self._by_id = {product.pk: product for product in self.products}
        ids = [person.pk for person in people if person is not None]
        last = (
            Ticket.objects.filter(requester__in=ids)
            .order_by("requester_id", "-pk")
            .distinct("requester_id")
            .values_list("requester_id", "product_id")
        )
        self._last: dict[int, int] = dict(last) if ids else {}

    def of(self, words: str, person: User | None) -> tuple[Product, Module | None]:
        """The product (and module) named in `words`, else the person's last, else the default."""
        module = next((m for m in self.modules if _names_module(words, m)), None)
        named = [p for p in self.products if not p.is_other and _names_product(words, p)]
        if len(named) == 1:
            product = named[0]
        elif not named and module is not None:
            product = self._by_id[module.product_id]
        else:
            product = self._last_of(person) or self.default
        return product, module if module and module.product_id == product.pk else None

    def _last_of(self, person: User | None) -> Product | None:
        return self._by_id.get(self._last.get(person.pk, 0)) if person else None


def _names_product(words: str, product: Product) -> bool:
    text = words.casefold()
    return any(name in text for name in _called(product.name) | {product.code.casefold()})


def _called(name: str) -> set[str]:
    """How people call a product: `星图 CRM` is called so, or 星图, or CRM."""
    whole = name.casefold()
    return {whole, *(piece for piece in _PIECES.split(whole) if len(piece) > 1)}


def _names_module(words: str, module: Module) -> bool:
    return len(module.name) > 1 and module.name.casefold() in words.casefold()
