"""Doors to reviews and to the files of pages; who writes a manual."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import (
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.access import rights_of, roles_in_product
from catalog.choices import PermissionRole
from catalog.models import Grant, Product, ProductRole, TeamMember
from docs_portal.choices import PageStatus, ReviewState
from docs_portal.models import Page, PageFile, Review, WritingDraft
from docs_portal.policies import body_for, may_write
from docs_portal.policies.links import file_link, links_in

#: A colleague whose draft is younger than this is writing now.
LATELY = dt.timedelta(minutes=15)


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


def writing_now(page: Page, user: User, now: dt.datetime) -> QuerySet[WritingDraft]:
    """What colleagues typed on this page within the last quarter of an hour and have not saved."""
    recent = WritingDraft.objects.filter(page=page, saved_at__gt=now - LATELY)
    return recent.exclude(person=user).select_related("person").order_by("-saved_at")


def pages_to_link(user: User, product: Product, words: str, day: dt.date) -> QuerySet[Page]:
    """Pages a writer may link: those of this manual first; titles with the words, if there are."""
    pages = Page.objects.visible_to(user, day).exclude(status=PageStatus.RETIRED)
    wanted = Q(title__icontains=words) if words else Q(manual__product=product)
    near = Case(
        When(manual__product=product, then=Value(0)), default=Value(1),
        output_field=IntegerField(),
    )  # fmt: skip
    return pages.filter(wanted).select_related("manual__product").order_by(near, "position", "pk")


def role_names(product_id: int) -> dict[str, str]:
    """The product roles of a product: name by code."""
    roles = ProductRole.objects.filter(product_id=product_id).order_by("name")
    return dict(roles.values_list("code", "name"))


def pages_to_arrange(product: Product) -> QuerySet[Page]:
    """The whole tree of a manual in its order, for who puts it in order; retired pages are gone."""
    pages = Page.objects.filter(manual__product=product).exclude(status=PageStatus.RETIRED)
    return pages.prefetch_related("roles").order_by("position", "pk")


def place_after(
    pages: Sequence[Page], page: Page, step: str, parent_id: int
) -> tuple[Page | None, Page | None]:
    """Where a step in a manual's tree leads: the page above, and the one to stand in front of.

    `pages` is the whole tree in its order. A step that leads nowhere leaves the page in its place.
    """
    by_pk = {one.pk: one for one in pages}
    above = by_pk.get(page.parent_id or 0)
    row = [one for one in pages if by_pk.get(one.parent_id or 0) is above]
    at = next((i for i, one in enumerate(row) if one.pk == page.pk), 0)
    after = row[at + 1] if at + 1 < len(row) else None
    if step == "up" and at:
        return above, row[at - 1]
    if step == "down" and after is not None:
        return above, row[at + 2] if at + 2 < len(row) else None
    if step == "in" and at:
        return row[at - 1], None
    if step == "out" and above is not None:
        outer = by_pk.get(above.parent_id or 0)
        beside = [one for one in pages if by_pk.get(one.parent_id or 0) is outer]
        place = beside.index(above)
        return outer, beside[place + 1] if place + 1 < len(beside) else None
    if step == "to":
        return by_pk.get(parent_id), None
    return above, after
