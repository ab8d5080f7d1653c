"""Manuals as their readers see them: the same address shows each role its own page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from catalog.access import roles_in_product
from catalog.models import Product
from docs_portal import access
from docs_portal.actions import record_missing_page, record_read
from docs_portal.choices import PageStatus
from docs_portal.models import Page
from docs_portal.policies import may_write
from docs_portal.rendering import rendered, tree


@login_required
@require_safe
def manuals(request: HttpRequest) -> HttpResponse:
    """The manuals of this person's products; words searched here before lead to the search."""
    if request.GET.get("q", "").strip():
        return redirect(f"{reverse('manual_search')}?{urlencode({'q': request.GET['q']})}")
    user, day = _reader(request), timezone.localdate()
    products = list(access.products_with_manuals(user, day))
    pages_by_product: dict[int, list[Page]] = {product.pk: [] for product in products}
    visible = Page.objects.visible_to(user, day).published().filter(parent__isnull=True)
    for page in visible.select_related("manual").order_by("position", "pk"):
        pages_by_product.get(page.manual.product_id, []).append(page)
    context = {
        "shelves": [
            {
                "product": p,
                "pages": pages_by_product[p.pk],
                "roles": roles_in_product(user, p.pk, day),
            }
            for p in products
        ],
        "may_write": access.writable_products(user).exists(),
    }
    return render(request, "docs_portal/manuals.html", context)


@login_required
@require_safe
def manual(request: HttpRequest, code: str) -> HttpResponse:
    """The front of one manual: its tree with what each page is about."""
    user, day = _reader(request), timezone.localdate()
    product = access.get_product_for_view(code)
    return render(request, "docs_portal/manual.html", _manual_context(user, product, None, day))


@login_required
@require_safe
def page(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One's own page of this address; where there is none, that is a gap (404, title withheld)."""
    user, now = _reader(request), timezone.now()
    day = timezone.localdate(now)
    product = access.get_product_for_view(code)
    candidates = access.pages_at(user, product, slug, day)
    if not candidates:
        return _no_page(request, user, product, slug)
    shown = _chosen(candidates, request.GET.get("page", ""))
    revision = shown.published_revision or access.latest_revision(shown)
    if shown.status == PageStatus.PUBLISHED:
        record_read(shown, acting_user=user, now=now)
    context = _manual_context(user, product, shown, day) | {
        "page": shown,
        "revision": revision,
        "content": rendered(revision.body),
        "candidates": candidates if len(candidates) > 1 else [],
        "draft": shown.status != PageStatus.PUBLISHED,
        "now": now,
    }
    return render(request, "docs_portal/page.html", context)


def _no_page(request: HttpRequest, user: User, product: Product, slug: str) -> HttpResponse:
    other = access.page_of_others(product, slug)
    if other is None:
        raise Http404
    record_missing_page(other, acting_user=user, now=timezone.now())
    roles = roles_in_product(user, product.pk, timezone.localdate())
    context = {"product": product, "roles": roles}
    return render(request, "docs_portal/no_page.html", context, status=404)


def _chosen(candidates: list[Page], wanted: str) -> Page:
    """The page asked for by id among those of the address (writers), else one's own."""
    return next((page for page in candidates if str(page.pk) == wanted), candidates[0])


def _manual_context(user: User, product: Product, current: Page | None, day: Any) -> dict[str, Any]:
    writes = may_write(user, product.pk)
    pages = access.tree_of(user, product, day)
    return {
        "product": product,
        "tree": tree(pages, current, with_roles=writes),
        "roles": roles_in_product(user, product.pk, day),
        "may_write": writes,
    }


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required)
    return request.user
