"""Addresses of this house in a text become keys, which survive renames."""

from __future__ import annotations

from django.conf import settings

from docs_portal.choices import PageStatus
from docs_portal.models import OldAddress, Page
from docs_portal.policies.links import (
    address_in,
    file_address_in,
    file_link,
    links_in,
    page_link,
    with_targets,
    without_host,
)

#: Product code and address.
Place = tuple[str, str]


def stored_links(body: str) -> str:
    """The text as it is kept: lines end in one character, whatever a browser sent; addresses are
    keys. One that leads to no page of ours stays as it was typed.

    One query where the text names addresses of manuals, a second one for old ones among them.
    """
    body = body.replace("\r\n", "\n")
    named = {
        (found[0], found[1])
        for link in links_in(body)
        if (found := address_in(without_host(link.target, settings.BASE_URL))) is not None
    }
    pages = _pages_at(named) if named else {}

    def keyed(target: str) -> str:
        plain = without_host(target, settings.BASE_URL)
        if (pk := file_address_in(plain)) is not None:
            return file_link(pk)
        if (found := address_in(plain)) is not None and found[:2] in pages:
            return page_link(pages[found[:2]], found[2])
        return target

    return with_targets(body, keyed)


def _pages_at(places: set[Place]) -> dict[Place, int]:
    codes, slugs = {code for code, _slug in places}, {slug for _code, slug in places}
    found: dict[Place, int] = {}
    now = Page.objects.filter(manual__product__code__in=codes, slug__in=slugs)
    for pk, code, slug, status in now.order_by("position", "pk").values_list(
        "pk", "manual__product__code", "slug", "status"
    ):
        # An address with pages of several roles is one address: any published one stands for it.
        if (code, slug) not in found or status == PageStatus.PUBLISHED:
            found[code, slug] = pk
    if missing := places - found.keys():
        old = OldAddress.objects.filter(
            manual__product__code__in={code for code, _slug in missing},
            slug__in={slug for _code, slug in missing},
        )
        for pk, code, slug in old.values_list("page_id", "manual__product__code", "slug"):
            found.setdefault((code, slug), pk)
    return found
