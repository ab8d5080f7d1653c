"""Domain words of manual pages as chainable querysets; the one visibility rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from catalog.access import product_roles_of, rights_of
from catalog.choices import PermissionRole
from core.searchkey import terms
from docs_portal.choices import AnnouncementStatus, PageStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docs_portal.models import Announcement, Page  # noqa: F401


@dataclass(frozen=True)
class Recipient:
    """What decides whether an announcement is for a person (access.recipient_of)."""

    role_ids: frozenset[int]
    product_ids: frozenset[int]
    department_ids: frozenset[int]


class PageQuerySet(models.QuerySet["Page"]):
    def visible_to(self, user: User, day: dt.date) -> PageQuerySet:
        """Published pages for all or for a product role the person holds on `day`; agents see
        every page of their products, drafts and retired ones too.
        """
        mine = self._role_filter(product_roles_of(user, day)) & Q(status=PageStatus.PUBLISHED)
        written: set[int] = set()
        for scope in rights_of(user).scopes.get(PermissionRole.AGENT, ()):
            if scope.product_id is None:
                return self.all()
            written.add(scope.product_id)
        if written:
            return self.filter(mine | Q(manual__product_id__in=written))
        return self.filter(mine)

    def readable_by(self, user: User, day: dt.date) -> PageQuerySet:
        """What the person reads as one of its readers, whatever else their permissions show."""
        return self.published().for_roles(product_roles_of(user, day))

    def published(self) -> PageQuerySet:
        return self.filter(status=PageStatus.PUBLISHED)

    def for_roles(self, role_ids: Iterable[int]) -> PageQuerySet:
        """Pages for all, and those of one of these product roles."""
        return self.filter(self._role_filter(role_ids))

    def _role_filter(self, role_ids: Iterable[int]) -> Q:
        through = self.model.roles.through.objects.filter(page_id=OuterRef("pk"))
        return Q(~Exists(through)) | Q(Exists(through.filter(productrole_id__in=list(role_ids))))

    def matching(self, query: str) -> PageQuerySet:
        """Every word of `query` occurs in title or text; nothing for an empty query."""
        words = terms(query)
        if not words:
            return self.none()
        found = self
        for term in words:
            found = found.filter(search_key__contains=term.needle)
        return found


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def published(self) -> AnnouncementQuerySet:
        return self.filter(status=AnnouncementStatus.PUBLISHED)

    def live(self, now: dt.datetime) -> AnnouncementQuerySet:
        """Out, and their banners not over."""
        return self.published().filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def for_person(self, person: Recipient) -> AnnouncementQuerySet:
        """Those whose audience the person belongs to (the same rule as `audience_of`)."""
        by_role = Q(role_ids__overlap=sorted(person.role_ids))
        by_product = Q(role_ids=[]) & (
            Q(product_ids=[]) | Q(product_ids__overlap=sorted(person.product_ids))
        )
        by_department = Q(department_ids=[]) | Q(
            department_ids__overlap=sorted(person.department_ids)
        )
        return self.filter(by_department, by_role | by_product)

    def written_by(self, user: User) -> AnnouncementQuerySet:
        """Those the person writes: of their products; about no product, who is agent of all."""
        held = rights_of(user).products_as(PermissionRole.AGENT)
        return self.all() if held is None else self.filter(product_id__in=held)

    def visible_to(self, user: User, person: Recipient) -> AnnouncementQuerySet:
        """Published ones meant for the person, and whatever they write."""
        mine = self.published().for_person(person).values("pk")
        return self.filter(Q(pk__in=mine) | Q(pk__in=self.written_by(user).values("pk")))
