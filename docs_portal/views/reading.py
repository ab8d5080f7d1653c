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
from catalog.models import Product
from docs_portal import access
from docs_portal.access import Reader
from docs_portal.actions import record_missing_page, record_read
from docs_portal.choices import PageStatus
from docs_portal.models import Page, Revision
from docs_portal.policies import body_for
from docs_portal.rendering import RenderedPage, page_for, page_for_writers, tree
from docs_portal.rendering.differences import Line, differences


@login_required
@require_safe
def manuals(request: HttpRequest) -> HttpResponse:
    """The manuals of this person's products; words searched here before lead to the search."""
    if request.GET.get("q", "").strip():
        return redirect(f"{reverse('manual_search')}?{urlencode({'q': request.GET['q']})}")
    user, day = _reader(request), timezone.localdate()
    writable = list(access.writable_products(user))
    shelves = access.shelves_of(user, day)
    held = {product.pk for product, _roles in shelves}
    # Whoever writes a product's manual begins it here, also where they have no role in it.
    shelves += [(product, []) for product in writable if product.pk not in held]
    pages_by_product: dict[int, list[Page]] = {product.pk: [] for product, _roles in shelves}
    visible = Page.objects.visible_to(user, day).published().filter(parent__isnull=True)
    for page in visible.select_related("manual").order_by("position", "pk"):
        pages_by_product.get(page.manual.product_id, []).append(page)
    context = {
        "shelves": [
            {
                "product": product,
                "pages": pages_by_product[product.pk],
                "roles": roles,
                "may_write": product in writable,
            }
            for product, roles in shelves
        ],
        "may_write": bool(writable),
    }
    return render(request, "docs_portal/manuals.html", context)


@login_required
@require_safe
def manual(request: HttpRequest, code: str) -> HttpResponse:
    """The front of one manual: its tree with what each page is about."""
    reader = _reader_of(request, access.get_product_for_view(code))
    return render(request, "docs_portal/manual.html", _manual_context(reader, None))


@login_required
@require_safe
def page(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One's own page of this address; where there is none, that is a gap (404, title withheld)."""
    now = timezone.now()
    reader = _reader_of(request, access.get_product_for_view(code))
    candidates = access.pages_at(reader, slug)
    if not candidates:
        return _elsewhere(request, reader, slug)
    shown = _chosen(candidates, request.GET.get("page", ""))
    revision = shown.published_revision or access.latest_revision(shown)
    is_read = shown.status == PageStatus.PUBLISHED and reader.preview is None
    since = request.GET.get("since", "")
    before = access.read_before(shown, reader.user, since) if is_read else None
    if is_read:
        record_read(shown, acting_user=reader.user, now=now)
    context = _manual_context(reader, shown) | {
        "page": shown,
        "revision": revision,
        "content": _content(reader, revision),
        "candidates": candidates if len(candidates) > 1 else [],
        "draft": shown.status != PageStatus.PUBLISHED,
        "asked": access.asked_of(shown, reader) if is_read else None,
        "before": before,
        "changes": _changes(reader, before, revision) if since else None,
        "now": now,
    }
    return render(request, "docs_portal/page.html", context)


def _content(reader: Reader, revision: Revision) -> RenderedPage:
    if reader.codes is not None:
        return page_for(revision.body, reader.codes)
    names = reader.product.roles.values_list("code", "name") if ":::" in revision.body else ()
    return page_for_writers(revision.body, dict(names))


def _changes(reader: Reader, before: Revision | None, revision: Revision) -> list[Line]:
    """What changed for this reader since the text they read last: only in parts they read."""
    if before is None:
        return []
    texts = [
        one.body if reader.codes is None else body_for(one.body, reader.codes)
        for one in (before, revision)
    ]
    return differences(*texts)


def _elsewhere(request: HttpRequest, reader: Reader, slug: str) -> HttpResponse:
    """An address without a page for this reader: renamed, written for others, or none at all."""
    now_at = access.moved_to(reader.product, slug) or slug
    if now_at != slug and access.pages_at(reader, now_at):
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(reverse("page", args=[reader.product.code, now_at]) + query)
    other = access.page_of_others(reader.product, now_at)
    if other is None:
        raise Http404
    if reader.preview is None:
        record_missing_page(other, acting_user=reader.user, now=timezone.now())
    context = _previewing(reader) | {"product": reader.product, "roles": reader.roles}
    return render(request, "docs_portal/no_page.html", context, status=404)


def _chosen(candidates: list[Page], wanted: str) -> Page:
    """The page asked for by id among those of the address (writers), else one's own."""
    return next((page for page in candidates if str(page.pk) == wanted), candidates[0])


def _manual_context(reader: Reader, current: Page | None) -> dict[str, Any]:
    return _previewing(reader) | {
        "product": reader.product,
        "tree": tree(access.tree_of(reader), current, with_roles=reader.writes),
        "roles": reader.roles,
        "may_write": reader.writes,
    }


def _previewing(reader: Reader) -> dict[str, Any]:
    """The roles a writer may look at the manual as, and the one they do; nothing for readers."""
    if not (reader.writes or reader.preview):
        return {"preview": None, "as_query": "", "looks": []}
    chosen = reader.preview.code if reader.preview else ""
    return {
        "preview": reader.preview,
        # Goes along with every link of the manual, so that a writer stays who they look as.
        "as_query": f"?as={chosen}" if chosen else "",
        "looks": list(reader.product.roles.all()),
    }


def _reader_of(request: HttpRequest, product: Product) -> Reader:
    as_role = request.GET.get("as", "")[:40]
    return access.reader_of(_reader(request), product, timezone.localdate(), as_role)


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required)
    return request.user
