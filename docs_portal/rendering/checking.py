"""Links of a manual that lead nowhere, or where their readers may not follow.

Reckoned from the texts as they are: nothing is kept that could be out of date. Addresses outside
the house are not called.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from django.utils.translation import gettext as _

from docs_portal.choices import PageStatus
from docs_portal.models import Page, PageFile
from docs_portal.policies import anchors_for
from docs_portal.policies.links import (
    Link,
    address_in,
    file_in,
    is_outside,
    links_in,
    page_in,
    page_link,
)


@dataclass(frozen=True)
class Broken:
    """A link that does not do what its writer meant. `is_hint`: it works, but not for everybody."""

    page: Page | None
    link: Link
    why: str
    is_hint: bool = False


def broken_links(texts: Iterable[tuple[Page | None, str]]) -> list[Broken]:
    """What is wrong with the links of these texts (page, or None for an unsaved one; body).

    Pages come with their roles read. Four queries, however many texts.
    """
    held = [(page, body, list(links_in(body))) for page, body in texts]
    known = _Known([link.target for _page, _body, links in held for link in links])
    found: list[Broken] = []
    for page, body, links in held:
        own = set(anchors_for(body, None)) if any(k.target.startswith("#") for k in links) else None
        found += [
            Broken(page, link, *said)
            for link in links
            if (said := known.wrong(link, page, own)) is not None
        ]
    return found


class _Known:
    """What the targets of the texts are now."""

    def __init__(self, targets: list[str]) -> None:
        keys = [key for target in targets if (key := page_in(target)) is not None]
        wanted = {pk for pk, _anchor in keys}
        pages = Page.objects.filter(pk__in=wanted).select_related("published_revision")
        self.pages = {page.pk: page for page in pages.prefetch_related("roles")} if wanted else {}
        places = {(page.manual_id, page.slug) for page in self.pages.values()}
        # A link names one page of an address; whoever follows it gets their own page there.
        self.answering: dict[tuple[int, str], list[Page]] = {}
        slugs = {slug for _manual, slug in places}
        if places:
            others = Page.objects.published().filter(slug__in=slugs).prefetch_related("roles")
            for page in others.select_related("published_revision"):
                self.answering.setdefault((page.manual_id, page.slug), []).append(page)
        self.files = set(
            PageFile.objects.filter(
                pk__in={pk for target in targets if (pk := file_in(target)) is not None}
            ).values_list("pk", flat=True)
        )  # fmt: skip

    def wrong(self, link: Link, page: Page | None, own: set[str] | None) -> tuple[str, bool] | None:
        target = link.target
        if target.startswith("#"):
            missing = own is not None and unquote(target[1:]) not in own
            return (_("This page has no such heading."), False) if missing else None
        if (key := page_in(target)) is not None:
            return self._wrong_page(*key, page)
        if (pk := file_in(target)) is not None:
            return None if pk in self.files else (_("This file is gone."), False)
        if link.is_image and is_outside(target):
            return _("Pictures from elsewhere are not shown; add the picture itself."), False
        if address_in(target) is not None:
            return _("No page has this address."), False
        if is_outside(target) or target.startswith("/"):
            return None
        return _("This leads to no page: paste its address."), False

    def _wrong_page(self, pk: int, anchor: str, source: Page | None) -> tuple[str, bool] | None:
        page = self.pages.get(pk)
        if page is None:
            return _("This page does not exist."), False
        readers = self.answering.get((page.manual_id, page.slug), [])
        if not readers:
            return _("“%(title)s” is not published.") % {"title": page.title}, False
        if anchor and not any(
            anchor in anchors_for(one.published_revision.body, None)
            for one in readers
            if one.published_revision is not None
        ):
            return _("“%(title)s” has no such heading.") % {"title": page.title}, False
        if source is not None and (left_out := _left_out(source, readers)):
            return (
                _("“%(title)s” has no page for these readers: %(roles)s.")
                % {"title": page.title, "roles": left_out},
                True,
            )
        return None


def _left_out(source: Page, readers: list[Page]) -> str:
    """Roles that read the page with the link and none of the pages it leads to."""
    theirs = [{role.name for role in page.roles.all()} for page in readers]
    if any(not names for names in theirs):
        return ""
    reached = set().union(*theirs)
    mine = {role.name for role in source.roles.all()}
    return ", ".join(sorted(mine - reached)) if mine else ""


def pages_linking_to(page: Page) -> list[Page]:
    """Published pages whose text leads to this one, when no other page answers its address."""
    others = Page.objects.published().filter(manual_id=page.manual_id, slug=page.slug)
    if others.exclude(pk=page.pk).exists():
        return []
    near = (
        Page.objects.published()
        .filter(published_revision__body__contains=page_link(page.pk))
        .exclude(pk=page.pk)
        .select_related("published_revision", "manual__product")
    )
    return [
        one
        for one in near
        if one.published_revision is not None
        and any(
            (key := page_in(link.target)) is not None and key[0] == page.pk
            for link in links_in(one.published_revision.body)
        )
    ]


def texts_of(product_id: int) -> list[tuple[Page, str]]:
    """The published texts of a manual, in its order (three queries)."""
    pages = Page.objects.filter(manual__product_id=product_id, status=PageStatus.PUBLISHED)
    pages = pages.select_related("published_revision", "manual__product").prefetch_related("roles")
    return [
        (page, page.published_revision.body)
        for page in pages.order_by("position", "pk")
        if page.published_revision is not None
    ]
