"""The matrix of a manual: features × product roles, with the page each role has or has not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse

from catalog.models import Feature, Module, Product, ProductRole
from docs_portal.choices import PageStatus
from docs_portal.models import NoPageNeeded, Page
from docs_portal.policies import codes_in


@dataclass(frozen=True)
class Cell:
    """What one role has about one thing. `state`: published, draft, not_needed or missing."""

    role: ProductRole
    state: str
    pages: list[Page]
    new_url: str


@dataclass(frozen=True)
class Row:
    """A feature, or a module as a whole (`feature` None)."""

    module: Module
    feature: Feature | None
    cells: list[Cell]

    @property
    def missing(self) -> int:
        return sum(1 for cell in self.cells if cell.state == "missing")


@dataclass(frozen=True)
class Matrix:
    """`strangers`: pages with a part for a role the product does not have (any more), and its
    codes: nobody reads that part.
    """

    roles: list[ProductRole]
    rows: list[Row]
    strangers: list[tuple[Page, list[str]]]
    cells: int
    missing: int
    drafts: int
    not_needed: int

    @cached_property
    def covered(self) -> int:
        return self.cells - self.missing - self.drafts - self.not_needed


@dataclass
class _Known:
    """What the cells are read from, each asked once."""

    product: Product
    pages: list[Page]
    not_needed: set[tuple[int, int, int | None]]

    def cell(self, role: ProductRole, module: Module, feature: Feature | None) -> Cell:
        about = [
            page for page in self.pages
            if (page.module_id == module.pk if feature is None else page.feature_id == feature.pk)
            and is_for(page, role)
        ]  # fmt: skip
        published = [page for page in about if page.status == PageStatus.PUBLISHED]
        key = (role.pk, module.pk, feature.pk if feature is not None else None)
        state = (
            "published" if published else "draft" if about
            else "not_needed" if key in self.not_needed else "missing"
        )  # fmt: skip
        asked = {"role": role.pk, "module": module.pk}
        if feature is not None:
            asked["feature"] = feature.pk
        url = f"{reverse('page_new', args=[self.product.code])}?{urlencode(asked)}"
        return Cell(role, state, published or about, url)


def is_for(page: Page, role: ProductRole) -> bool:
    """Whether a holder of the role reads the page (its roles prefetched)."""
    roles = {one.pk for one in page.roles.all()}
    return (not roles or role.pk in roles) and (
        not page.part_role_ids or role.pk in page.part_role_ids
    )


def matrix_of(product: Product, *, only_missing: bool = False) -> Matrix:
    """Every module with its features against every role of the product (six queries)."""
    roles = list(product.roles.order_by("pk"))
    pages = Page.objects.filter(manual__product=product).exclude(status=PageStatus.RETIRED)
    pages = pages.select_related("published_revision").prefetch_related("roles")
    decided = NoPageNeeded.objects.filter(role__product=product, is_active=True)
    known = _Known(
        product, list(pages.order_by("position", "pk")),
        set(decided.values_list("role_id", "module_id", "feature_id")),
    )  # fmt: skip
    features: dict[int, list[Feature]] = {}
    for feature in Feature.objects.filter(module__product=product, is_active=True):
        features.setdefault(feature.module_id, []).append(feature)
    modules = Module.objects.filter(product=product, is_active=True).order_by("name", "pk")
    rows = [
        Row(module, about, [known.cell(role, module, about) for role in roles])
        for module in modules
        for about in (None, *features.get(module.pk, ()))
    ]
    states = [cell.state for row in rows for cell in row.cells]
    return Matrix(
        roles, [row for row in rows if row.missing or not only_missing],
        strangers(known.pages, {role.code for role in roles}),
        len(states), states.count("missing"), states.count("draft"), states.count("not_needed"),
    )  # fmt: skip


def strangers(pages: Iterable[Page], known: set[str]) -> list[tuple[Page, list[str]]]:
    """Pages whose published text names roles the product does not have."""
    found = []
    for page in pages:
        body = page.published_revision.body if page.published_revision is not None else ""
        if named := codes_in(body) - known:
            found.append((page, sorted(named)))
    return found
