"""Manuals, their pages, a search through them, and must-reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import ONCE, Endpoint, now, parsed, person, responses
from catalog.models import Product, ProductRole
from docs_portal import access, actions
from docs_portal.access import Reader
from docs_portal.api import shapes
from docs_portal.choices import PageStatus
from docs_portal.models import Page, Revision
from docs_portal.policies import body_for
from docs_portal.rendering import page_for, rendered
from docs_portal.search import find_pages

AS = OpenApiParameter(
    "as", OpenApiTypes.STR, OpenApiParameter.QUERY, required=False,
    description="Code of a product role: what its holders see. For writers of the manual.",
)  # fmt: skip


def _reader(request: Request, code: str) -> Reader:
    asked = shapes.AskedShape(data=request.query_params)
    asked.is_valid(raise_exception=True)
    product = access.get_product_for_view(code)
    as_role = asked.validated_data.get("as", "")
    return access.reader_of(person(request), product, timezone.localdate(now()), as_role)


def _manual(product: Product, roles: Sequence[ProductRole]) -> dict[str, Any]:
    return {
        "code": product.code, "product": product.name, "roles": roles,
        "url": reverse("manual", args=[product.code]),
    }  # fmt: skip


def _seen(pages: list[Page]) -> list[Page]:
    """The pages with the parent they stand below, where that one is seen too."""
    there = {page.pk for page in pages}
    for page in pages:
        page.seen_parent = page.parent_id if page.parent_id in there else None  # type: ignore[attr-defined]
    return pages


class ManualList(Endpoint):
    @extend_schema(
        operation_id="manuals_list",
        summary="List the manuals with a page for the asking person",
        description="Each with the product roles the person holds in it.",
        responses=responses({200: shapes.ManualListSerializer}),
    )
    def get(self, request: Request) -> Response:
        user, day = person(request), timezone.localdate(now())
        results = [_manual(product, roles) for product, roles in access.shelves_of(user, day)]
        return Response(shapes.ManualListSerializer({"results": results}).data)


class ManualDetail(Endpoint):
    @extend_schema(
        operation_id="manuals_read",
        summary="Read a manual's tree",
        description="Every page the asking person sees, in its order. A page that is not for "
        "them is not there.",
        parameters=[AS],
        responses=responses({200: shapes.ManualTreeSerializer}, 400, 404),
    )
    def get(self, request: Request, code: str) -> Response:
        reader = _reader(request, code)
        pages = _seen(list(access.tree_of(reader)))
        body = _manual(reader.product, reader.roles) | {"pages": pages}
        return Response(shapes.ManualTreeSerializer(body).data)


class PageDetail(Endpoint):
    @extend_schema(
        operation_id="manuals_page",
        summary="Read a page",
        description="The page that answers this address for the asking person, with the parts "
        "that are for their roles; 404 where it is for other roles, as where there is none.",
        parameters=[AS],
        responses=responses({200: shapes.PageSerializer}, 400, 404),
    )
    def get(self, request: Request, code: str, slug: str) -> Response:
        reader = _reader(request, code)
        page = _page_at(reader, slug)
        return Response(shapes.PageSerializer(_page(reader, page)).data)


class PageAcknowledge(Endpoint):
    @extend_schema(
        operation_id="manuals_page_acknowledge",
        summary="Acknowledge a must-read",
        description="Counts for the material version asked for; 409 where the page changed since "
        "the revision that was read, or nobody asks.",
        parameters=[ONCE],
        request=shapes.AcknowledgeShape,
        responses=responses({200: shapes.AcknowledgedSerializer}, 400, 404, 409, 422),
    )
    def post(self, request: Request, code: str, slug: str) -> Response:
        reader = access.reader_of(
            person(request), access.get_product_for_view(code), timezone.localdate(now())
        )
        number = parsed(shapes.AcknowledgeShape, request)["revision"]
        page = access.get_page_to_acknowledge(
            reader.user, _page_at(reader, slug).pk, reader.day
        )  # fmt: skip
        revision = page.revisions.filter(number=number).first()
        if revision is None:
            raise Http404

        def act() -> Response:
            row = actions.acknowledge_page(page, revision, acting_user=reader.user, now=now())
            return Response(shapes.AcknowledgedSerializer(row).data)

        return self.act_once(act)


class ManualSearch(Endpoint):
    @extend_schema(
        operation_id="manuals_search",
        summary="Search the manuals",
        description="Pages with every word, titles and headings first, twenty at a time: only "
        "what the asking person may see.",
        parameters=[shapes.SearchShape],
        responses=responses({200: shapes.HitListSerializer}, 400, 404),
    )
    def get(self, request: Request) -> Response:
        asked = shapes.SearchShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        product = access.get_product_for_view(wanted["product"]) if "product" in wanted else None
        results = find_pages(
            person(request), wanted["q"], timezone.localdate(now()), product=product,
            start=wanted["start"],
        )  # fmt: skip
        body = {
            "results": results.found, "has_more": results.has_more,
            "corrected": results.corrected,
        }  # fmt: skip
        return Response(shapes.HitListSerializer(body).data)


class MyMustReads(Endpoint):
    @extend_schema(
        operation_id="my_must_reads",
        summary="What the asking person has to read and acknowledge",
        description="Pages whose material version they have not acknowledged, with the last day.",
        responses=responses({200: shapes.MyMustReadListSerializer}),
    )
    def get(self, request: Request) -> Response:
        user = person(request)
        rounds = access.my_must_reads(user, timezone.localdate(now())).not_answered_by(user)
        return Response(shapes.MyMustReadListSerializer({"results": rounds}).data)


def _page_at(reader: Reader, slug: str) -> Page:
    """The page of an address for this reader. Raises Http404."""
    found = access.pages_at(reader, slug)
    if not found:
        raise Http404
    return found[0]


def _page(reader: Reader, page: Page) -> dict[str, Any]:
    revision: Revision = page.published_revision or access.latest_revision(page)
    if reader.codes is None:
        body, content = revision.body, rendered(revision.body)
    else:
        body, content = body_for(revision.body, reader.codes), page_for(revision.body, reader.codes)
    is_asked = page.status == PageStatus.PUBLISHED and reader.preview is None
    seen = {pk for pk in (page.parent_id,) if pk and reader.pages().filter(pk=pk).exists()}
    return {
        "pk": page.pk, "slug": page.slug, "title": revision.title, "kind": page.kind,
        "module_id": page.module_id, "feature_id": page.feature_id,
        "seen_parent": page.parent_id if page.parent_id in seen else None,
        "position": page.position, "status": page.status, "revision": revision, "body": body,
        "html": content.html, "outline": content.outline,
        "must_read": access.asked_of(page, reader) if is_asked else None,
        "url": reverse("page", args=[reader.product.code, page.slug]),
    }  # fmt: skip
