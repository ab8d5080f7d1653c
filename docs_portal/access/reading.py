"""Doors to manuals and pages as they are read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from catalog.access import product_roles_of, rights_of
from catalog.choices import PermissionRole
from catalog.models import Product, ProductRole
from core.registry import Suggestion
from docs_portal.choices import PageStatus
from docs_portal.models import (
    OldAddress,
    Page,
    PageSection,
    Revision,
)
from docs_portal.policies import may_write
from docs_portal.querysets import PageQuerySet

#: Pages offered to an agent who looks for the one that answers.
OFFERED = 8


def products_with_manuals(user: User, day: dt.date) -> QuerySet[Product]:
    """Active products with at least one page this person may see."""
    pages = Page.objects.visible_to(user, day).filter(manual__product_id=OuterRef("pk"))
    return Product.objects.filter(is_active=True).filter(Exists(pages))


def shelves_of(user: User, day: dt.date) -> list[tuple[Product, list[ProductRole]]]:
    """The manuals with a page for this person, each with their roles in its product."""
    roles: dict[int, list[ProductRole]] = {}
    for role in ProductRole.objects.filter(pk__in=product_roles_of(user, day)).order_by("pk"):
        roles.setdefault(role.product_id, []).append(role)
    return [(product, roles.get(product.pk, [])) for product in products_with_manuals(user, day)]


def writable_products(user: User) -> QuerySet[Product]:
    """Active products whose manual this person writes."""
    held = rights_of(user).products_as(PermissionRole.AGENT)
    products = Product.objects.filter(is_active=True, is_other=False)
    return products if held is None else products.filter(pk__in=held)


def get_product_for_view(code: str) -> Product:
    """The product of a manual's address; products are no secret. Raises Http404."""
    product: Product = get_object_or_404(Product, code=code, is_active=True)
    return product


def get_page_for_edit(user: User, pk: int) -> Page:
    """A page this person writes. Raises Http404 or PermissionDenied."""
    pages = Page.objects.select_related("manual__product", "module", "published_revision")
    page: Page = get_object_or_404(pages, pk=pk)
    if not may_write(user, page.manual.product_id):
        raise PermissionDenied
    return page


@dataclass(frozen=True)
class Reader:
    """Somebody in front of one manual: who, on which day, in which of its product roles.

    `preview` is the role a writer looks at it as; then nothing of their own counts.
    """

    user: User
    product: Product
    day: dt.date
    roles: tuple[ProductRole, ...]
    #: Every role the person holds, in whatever product; of a preview, that one.
    held: frozenset[int]
    preview: ProductRole | None = None

    @property
    def writes(self) -> bool:
        """Whether they see the manual as its writers do: every page, every part."""
        return self.preview is None and may_write(self.user, self.product.pk)

    @property
    def codes(self) -> frozenset[str] | None:
        """Codes of the roles whose parts of a page they read; None for every part."""
        return None if self.writes else frozenset(role.code for role in self.roles)

    @property
    def role_ids(self) -> frozenset[int]:
        return frozenset(role.pk for role in self.roles)

    def pages(self) -> PageQuerySet:
        """The pages of the manual they see."""
        if self.preview is not None:
            seen = Page.objects.published().for_roles(self.held)
        else:
            seen = Page.objects.seen_with(self.user, self.held)
        return seen.filter(manual__product=self.product)


def reader_of(user: User, product: Product, day: dt.date, as_role: str = "") -> Reader:
    """How the person stands before a manual; with `as_role` (a role's code) as a holder of that
    role would, which only its writers may. Raises PermissionDenied, Http404.
    """
    if not as_role:
        held = product_roles_of(user, day)
        return Reader(user, product, day, tuple(product.roles.filter(pk__in=held)), held)
    if not may_write(user, product.pk):
        raise PermissionDenied
    role: ProductRole = get_object_or_404(product.roles, code=as_role)
    return Reader(user, product, day, (role,), frozenset({role.pk}), role)


def pages_at(reader: Reader, slug: str) -> list[Page]:
    """The pages that answer an address for this reader: their own first, then (writers only)
    those of other roles and drafts.
    """
    mine = reader.role_ids
    pages = (
        reader.pages()
        .filter(slug=slug)
        .select_related("manual__product", "module", "feature", "published_revision__author")
        .prefetch_related("roles")
    )

    def nearness(page: Page) -> tuple[bool, int, int, int]:
        """Published first; a page for one's own role before one for all before other roles'."""
        roles = {role.pk for role in page.roles.all()}
        fit = 1 if not roles else 0 if roles & mine else 2
        return (page.status != PageStatus.PUBLISHED, fit, page.position, page.pk)

    return sorted(pages, key=nearness)


def page_of_others(product: Product, slug: str) -> Page | None:
    """The published page at an address, whoever it is for; its title is withheld."""
    pages = Page.objects.published().filter(manual__product=product, slug=slug)
    return pages.order_by("position", "pk").first()


def may_read(page: Page, person: User, day: dt.date) -> bool:
    """Whether a person reads this page in their own product role (agents may link only such)."""
    return Page.objects.readable_by(person, day).filter(pk=page.pk).exists()


def pages_for_requester(
    requester: User, query: str, product: Product, day: dt.date, limit: int = OFFERED
) -> list[Page]:
    """Pages of a product that the *requester* can read, nearest to `query` first.

    Whole words of the query that all occur come first, then the rest of the manual in its order.
    """
    pages = Page.objects.readable_by(requester, day).filter(manual__product=product)
    sections = PageSection.objects.readable_by(requester, day)
    hits = list(pages.matching(query, sections).values_list("pk", flat=True)[:limit])
    if not hits:
        return list(pages.order_by("position", "pk")[:limit])
    first = Case(
        *(When(pk=pk, then=Value(place)) for place, pk in enumerate(hits)),
        default=Value(len(hits)),
        output_field=IntegerField(),
    )
    return list(pages.order_by(first, "position", "pk")[:limit])


def tree_of(reader: Reader) -> PageQuerySet:
    """The pages of a manual's tree as this reader sees it."""
    return (
        reader.pages()
        .exclude(status=PageStatus.RETIRED)
        .prefetch_related("roles")
        .order_by("position", "pk")
    )


def latest_revision(page: Page) -> Revision:
    """The newest text of a page, published or not."""
    revision: Revision = page.revisions.select_related("author").order_by("-number")[0]
    return revision


def suggestion_of(page: Page) -> Suggestion:
    """A page as a line of a search or a suggestion."""
    product = page.manual.product
    return Suggestion(
        kind="page",
        title=page.title,
        url=reverse("page", args=[product.code, page.slug]),
        detail=product.name,
        ref=str(page.pk),
    )


def moved_to(product: Product, slug: str) -> str:
    """The address that one from before a renaming leads to now; "" where it was none."""
    old = OldAddress.objects.filter(manual__product=product, slug=slug)
    return old.values_list("page__slug", flat=True).first() or ""
