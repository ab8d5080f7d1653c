"""What a search of the manuals found, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from core.searchkey import terms
from docs_portal.rendering.marking import marked, snippet
from docs_portal.search import Found


@dataclass(frozen=True)
class FoundLine:
    """One page found: where it leads, its title and section with the words marked, some text."""

    url: str
    title: SafeString
    heading: SafeString
    text: SafeString
    product: str
    kind: str


def found_lines(found: Iterable[Found], query: str) -> list[FoundLine]:
    """Lines for pages found by `query` (the corrected one, where it was corrected)."""
    words = terms(query)
    lines = []
    for one in found:
        product, section = one.page.manual.product, one.section
        url = reverse("page", args=[product.code, one.page.slug])
        inner = section.position > 0
        lines.append(
            FoundLine(
                url=f"{url}#{section.anchor}" if inner and section.anchor else url,
                title=marked(one.page.title, words),
                heading=marked(section.heading if inner else "", words),
                text=snippet(section.plain, words),
                product=product.name,
                kind=one.page.get_kind_display(),
            )
        )
    return lines
