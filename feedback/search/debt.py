"""What releases know of manual debt: pages older than what was last released in their module."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from docs_portal.models import Page
from docs_portal.policies.debt import MOST_OF_A_SOURCE, Place, Seed, Signal
from feedback.choices import ReleaseStatus
from feedback.models import Demand


class StaleAfterRelease:
    """Published pages of a module in which something was released since; a release whose gate says
    that its manuals need no change makes none stale.
    """

    name = "stale"
    weight = 2
    label: Promise = gettext_lazy("Older than the last release")

    def signals(
        self, user: User | None, product_ids: frozenset[int] | None, since: dt.datetime
    ) -> Iterator[Signal]:
        released: dict[int, tuple[dt.datetime, int, str]] = {}
        demands = Demand.objects.filter(
            release__status=ReleaseStatus.RELEASED, release__released_at__gte=since,
            release__pages_unchanged=False, module__isnull=False,
        )  # fmt: skip
        if product_ids is not None:
            demands = demands.filter(product_id__in=product_ids)
        rows = demands.order_by("release__released_at").values_list(
            "module_id", "release__released_at", "release_id", "release__name"
        )
        for module_id, at, release_id, name in rows:
            if at is not None:
                released[module_id] = (at, release_id, name or "")
        pages = (
            Page.objects.published()
            .filter(module_id__in=released)
            .select_related("manual", "published_revision")
            .order_by("pk")
        )
        for page in pages[:MOST_OF_A_SOURCE]:
            at, release_id, name = released[page.module_id or 0]
            revision = page.published_revision
            if revision is None or revision.published_at is None or revision.published_at >= at:
                continue
            yield Signal(
                self.name, Place(page.manual.product_id, page_id=page.pk), at,
                said=_("Released since: %(name)s") % {"name": name},
                url=reverse("release", args=[release_id]), ref=f"R-{release_id}",
            )  # fmt: skip

    def seed(self, user: User, place: Place) -> Seed | None:
        return None
