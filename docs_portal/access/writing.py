"""Doors to reviews and to the files of pages; who writes a manual."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.access import rights_of, roles_in_product
from catalog.choices import PermissionRole
from catalog.models import (
    Grant,
    TeamMember,
)
from docs_portal.choices import ReviewState
from docs_portal.models import (
    Page,
    PageFile,
    Review,
)
from docs_portal.policies import body_for, may_write
from docs_portal.policies.links import file_link, links_in


def writers_of(product_id: int) -> QuerySet[User]:
    """Who works here and writes the manual of a product (the same rule as `may_write`)."""
    grants = Grant.objects.filter(
        Q(product_id=None) | Q(product_id=product_id),
        role=PermissionRole.AGENT, is_active=True, user=OuterRef("pk"),
    )  # fmt: skip
    members = TeamMember.objects.filter(
        team__is_active=True, team__is_product_operations=True, team__products=product_id,
        user=OuterRef("pk"),
    )  # fmt: skip
    return User.objects.working_here().filter(Q(Exists(grants)) | Q(Exists(members)))


def reviewers_of(page: Page) -> QuerySet[User]:
    """Who may be asked to review a page: its writers, and the owner of its module."""
    writers = writers_of(page.manual.product_id).values("pk")
    owner = page.module.owner_id if page.module is not None else None
    people = User.objects.working_here().filter(Q(pk__in=writers) | Q(pk=owner))
    return people.order_by("name", "pk")


def may_review(user: User, page: Page) -> bool:
    """Whether the person may answer a review of this page that was asked of them."""
    owner = page.module.owner_id if page.module is not None else None
    return may_write(user, page.manual.product_id) or owner == user.pk


def get_review_for_view(user: User, pk: int) -> Review:
    """A review the person was asked for, or of a page they write. Raises Http404."""
    reviews = Review.objects.select_related(
        "page__manual__product", "page__module", "page__published_revision", "revision__author",
        "reviewer", "asked_by",
    )  # fmt: skip
    review: Review = get_object_or_404(reviews, pk=pk)
    writes = may_write(user, review.page.manual.product_id)
    if not writes and review.reviewer_id != user.pk:
        raise Http404
    return review


def reviews_for(user: User) -> QuerySet[Review]:
    """Reviews the person was asked for, and those of the manuals they write; newest first."""
    held = rights_of(user).products_as(PermissionRole.AGENT)
    mine = Q(reviewer=user) | Q(asked_by=user)
    seen = Q() if held is None else mine | Q(page__manual__product_id__in=held)
    return Review.objects.filter(seen).select_related(
        "page__manual__product", "revision", "reviewer", "asked_by"
    )


def get_page_file(user: User, pk: int, day: dt.date) -> PageFile:
    """A file that a text the person reads shows, or of a page they write or review.

    A part of a page for other roles takes its pictures with it. Raises Http404.
    """
    file: PageFile = get_object_or_404(
        PageFile.objects.select_related("file", "page__manual", "page__published_revision"), pk=pk
    )
    page = file.page
    if may_write(user, page.manual.product_id):
        return file
    if page.reviews.filter(reviewer=user, state=ReviewState.WAITING).exists():
        return file
    key = file_link(file.pk)
    readable = Page.objects.readable_by(user, day).filter(manual_id=page.manual_id)
    texts = readable.filter(published_revision__body__contains=key)
    codes = {role.code for role in roles_in_product(user, page.manual.product_id, day)}
    for body in texts.values_list("published_revision__body", flat=True):
        if any(link.target == key for link in links_in(body_for(body, codes))):
            return file
    raise Http404
