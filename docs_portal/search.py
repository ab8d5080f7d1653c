"""Manual pages in the search of the house: only what the person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.registry import Suggestion
from docs_portal.access import suggestion_of
from docs_portal.models import Page

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class PageSearch:
    """Pages whose title or text contains every word, newest text first."""

    name = "pages"

    def label(self) -> str:
        return _("Manuals")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        if not isinstance(user, User):
            return []
        pages = (
            Page.objects.visible_to(user, timezone.localdate())
            .published()
            .matching(query)
            .select_related("manual__product")
            .order_by("-id")
        )
        return [suggestion_of(page) for page in pages[:limit]]
