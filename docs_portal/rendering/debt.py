"""What the manuals themselves know of their debt: searches in vain, voices, tickets after reading,
pages that were looked for in another role.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.access import product_roles_of
from catalog.models import ProductRole
from docs_portal.choices import PageStatus
from docs_portal.models import MissingPage, Page, PageVoice, SearchMiss, TicketAfterReading
from docs_portal.policies.debt import MOST_OF_A_SOURCE, Place, Seed, Signal

Products = frozenset[int] | None


def _within(products: Products, path: str) -> Q:
    return Q() if products is None else Q(**{f"{path}__in": products})


class _Voices:
    """Readers who said that a page did not help and whom no writer has heard yet."""

    name = "not_helpful"
    weight = 3
    label: Promise = gettext_lazy("Said not to help")
    is_flag = False

    def signals(
        self, user: User | None, product_ids: Products, since: dt.datetime
    ) -> Iterator[Signal]:
        voices = PageVoice.objects.filter(
            _within(product_ids, "page__manual__product_id"), is_helpful=False, heard_at=None,
            said_at__gte=since, page__status=PageStatus.PUBLISHED,
            ticket_id__isnull=not self.is_flag,
        )  # fmt: skip
        voices = voices.select_related("page__manual", "person").order_by("-said_at")
        for voice in voices[:MOST_OF_A_SOURCE]:
            words = [str(voice.get_reason_display()), voice.comment]
            yield Signal(
                self.name, Place(voice.page.manual.product_id, page_id=voice.page_id),
                voice.said_at, voice.person_id,
                said=" · ".join([voice.person.name, *filter(None, words)]),
                url=reverse("page_voices", args=[voice.page_id]), ref=f"V-{voice.pk}",
            )  # fmt: skip

    def seed(self, user: User, place: Place) -> Seed | None:
        return None


class _Flags(_Voices):
    """Agents who flagged a page wrong from a ticket."""

    name = "flagged"
    weight = 5
    label: Promise = gettext_lazy("Flagged wrong by staff")
    is_flag = True


class _AfterReading:
    """Tickets submitted within the hour after reading the page."""

    name = "after_reading"
    weight = 3
    label: Promise = gettext_lazy("Tickets right after reading")

    def signals(
        self, user: User | None, product_ids: Products, since: dt.datetime
    ) -> Iterator[Signal]:
        rows = TicketAfterReading.objects.filter(
            _within(product_ids, "page__manual__product_id"), submitted_at__gte=since,
            page__status=PageStatus.PUBLISHED,
        )  # fmt: skip
        for row in rows.select_related("page__manual").order_by("-submitted_at")[:MOST_OF_A_SOURCE]:
            ref = f"OPS-{row.ticket_id}"
            yield Signal(
                self.name, Place(row.page.manual.product_id, page_id=row.page_id),
                row.submitted_at, row.person_id, said=ref,
                url=reverse("ticket", args=[row.ticket_id]), ref=ref,
            )  # fmt: skip

    def seed(self, user: User, place: Place) -> Seed | None:
        return None


class _Searches:
    """Searches of the manuals that found nothing."""

    name = "searches"
    weight = 1
    label: Promise = gettext_lazy("Searched in vain")

    def signals(
        self, user: User | None, product_ids: Products, since: dt.datetime
    ) -> Iterator[Signal]:
        mine = _within(product_ids, "product_id")
        misses = SearchMiss.objects.filter(mine | Q(product=None), created_at__gte=since)
        for miss in misses.order_by("-created_at")[:MOST_OF_A_SOURCE]:
            yield Signal(
                self.name, Place(miss.product_id, words=miss.words), miss.created_at,
                miss.user_id, said=miss.query,
            )  # fmt: skip

    def seed(self, user: User, place: Place) -> Seed | None:
        if not place.words:
            return None
        miss = SearchMiss.objects.filter(words=place.words).order_by("-created_at").first()
        title = miss.query if miss is not None else place.words
        return Seed(title=title, body=_("(Answer here what “%(words)s” asks.)") % {"words": title})


class _OtherRoles:
    """People who opened the address of a page written for another role."""

    name = "other_role"
    weight = 2
    label: Promise = gettext_lazy("Looked for by another role")

    def _gaps(self, product_ids: Products, since: dt.datetime, **more: Any) -> Any:
        gaps = MissingPage.objects.filter(
            _within(product_ids, "product_id"), source=MissingPage.Source.LINK,
            created_at__gte=since, page__status=PageStatus.PUBLISHED, **more,
        )  # fmt: skip
        return gaps.select_related("user__position").order_by("-created_at")[:MOST_OF_A_SOURCE]

    def signals(
        self, user: User | None, product_ids: Products, since: dt.datetime
    ) -> Iterator[Signal]:
        for gap in self._gaps(product_ids, since):
            said = str(gap.user.position) if gap.user.position is not None else ""
            yield Signal(
                self.name, Place(gap.product_id, role_of=gap.page_id), gap.created_at,
                gap.user_id, said=said,
            )  # fmt: skip

    def seed(self, user: User, place: Place) -> Seed | None:
        """The same address for the roles of those who looked for it in vain."""
        page = Page.objects.filter(pk=place.role_of or 0).first()
        if page is None:
            return None
        roles: set[int] = set()
        day = timezone.localdate()
        people = MissingPage.objects.filter(page=page).order_by("-created_at")
        for gap in people.select_related("user")[:50]:
            roles |= product_roles_of(gap.user, day)
        roles &= set(
            ProductRole.objects.filter(product_id=place.product_id or 0).values_list(
                "pk", flat=True
            )
        )
        roles -= set(page.roles.values_list("pk", flat=True))
        return Seed(
            title=page.title, slug=page.slug, module_id=page.module_id, kind=page.kind,
            role_ids=tuple(sorted(roles)),
            body=_("(Write here what this role does. The page for others is called “%(title)s”.)")
            % {"title": page.title},
        )  # fmt: skip


SOURCES = (_Flags(), _Voices(), _AfterReading(), _OtherRoles(), _Searches())
