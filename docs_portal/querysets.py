"""Domain words of manual pages as chainable querysets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from docs_portal.choices import PageStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docs_portal.models import Page


class PageQuerySet(models.QuerySet["Page"]):
    def published(self) -> PageQuerySet:
        return self.filter(status=PageStatus.PUBLISHED)

    def for_roles(self, role_ids: Iterable[int]) -> PageQuerySet:
        """Pages for all, and those of one of these product roles."""
        through = self.model.roles.through.objects.filter(page_id=OuterRef("pk"))
        return self.filter(
            Q(~Exists(through)) | Q(Exists(through.filter(productrole_id__in=list(role_ids))))
        )
