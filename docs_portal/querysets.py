"""Domain words of manual pages as chainable querysets; the one visibility rule."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from catalog.access import product_roles_of, rights_of
from catalog.choices import PermissionRole
from core.searchkey import terms
from docs_portal.choices import PageStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docs_portal.models import Page  # noqa: F401


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
