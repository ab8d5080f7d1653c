"""Posters of an announcement on paper: an A4 sheet for each place, with a code of its own."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import company_name
from core import printing
from docs_portal.models import Announcement, PosterPlace
from docs_portal.rendering.announcements import texts_of
from docs_portal.rendering.nodes import Node, nodes_of


def posters_pdf(
    row: Announcement, places: Sequence[PosterPlace], address: Callable[[PosterPlace], str]
) -> bytes:
    """All sheets as one PDF. Raises printing.NoFontError."""
    codes = {f"code-{place.pk}.svg": _code(address(place)) for place in places}
    labels = iter(range(1_000_000))
    return printing.pdf(
        "poster.typ",
        {
            "title": row.title,
            "company": company_name(),
            "product": str(row.product or ""),
            "scan": _("Scan to read more"),
            "foot": "",
            "parts": [
                {"label": label, "blocks": [_plain(node, labels) for node in nodes_of(text)]}
                for label, text in texts_of(row)
            ],
            "posters": [
                {"name": place.name, "url": address(place), "file": f"code-{place.pk}.svg"}
                for place in places
            ],
        },
        codes,
    )


def _code(url: str) -> bytes:
    import segno  # noqa: PLC0415  (only posters and check-in screens need it)

    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=2, scale=8)
    return out.getvalue()


def _plain(node: Node, labels: Iterator[int]) -> Node:
    """A node whose links lead nowhere and whose pictures are their words: paper is not clicked."""
    found: dict[str, Any] = dict(node)
    if node["type"] == "heading":
        found["label"] = f"h{next(labels)}"
    elif node["type"] == "link":
        found |= {"label": "", "href": ""}
    elif node["type"] == "image":
        found["file"] = ""
    for name in ("inline", "blocks"):
        if name in node:
            found[name] = [_plain(one, labels) for one in node[name]]
    if "items" in node:
        found["items"] = [[_plain(one, labels) for one in item] for item in node["items"]]
    if "rows" in node:
        found["rows"] = [
            [[_plain(one, labels) for one in cell] for cell in row] for row in node["rows"]
        ]
    return found
