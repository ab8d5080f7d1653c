"""A page's Markdown as HTML with anchors, and the outline that leads to them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from docs_portal.models import Page
from docs_portal.rendering.markdown import page_html

_HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.DOTALL)
#: Characters that a person reads in a minute, Chinese; words are shorter to read than to write.
CHARACTERS_A_MINUTE = 400


@dataclass(frozen=True)
class Heading:
    """One line of the outline."""

    anchor: str
    title: str
    depth: int


@dataclass(frozen=True)
class RenderedPage:
    html: SafeString
    outline: list[Heading]
    minutes: int


def rendered(body: str) -> RenderedPage:
    """Safe HTML of a revision; headings of level 2 and 3 carry anchors and make the outline."""
    outline: list[Heading] = []

    def anchored(match: re.Match[str]) -> str:
        title = html.unescape(strip_tags(match.group(2))).strip()
        base = slugify(title, allow_unicode=True) or "part"
        taken = {heading.anchor for heading in outline}
        anchor, number = base, 2
        while anchor in taken:
            anchor, number = f"{base}-{number}", number + 1
        depth = int(match.group(1))
        outline.append(Heading(anchor, title, depth))
        return f'<h{depth} id="{html.escape(anchor)}">{match.group(2)}</h{depth}>'

    text = _HEADING.sub(anchored, page_html(body))
    text = text.replace("<table>", _table_opening()).replace("</table>", "</table></div>")
    # Sanitised by page_html; only anchors of our own making were added.
    return RenderedPage(mark_safe(text), outline, max(1, round(len(body) / CHARACTERS_A_MINUTE)))  # noqa: S308


def _table_opening() -> str:
    label = _("Table, scroll sideways to see all of it")
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="table">',
        label,
    )


@dataclass
class Branch:
    """A page in the tree with those below it."""

    page: Page
    roles: str
    current: bool
    below: list[Branch]


def tree(
    pages: Iterable[Page], current: Page | None = None, *, with_roles: bool = False
) -> list[Branch]:
    """The pages as a tree in their order; one whose parent is not shown stands at the top."""
    branches: dict[int, Branch] = {}
    for page in pages:
        roles = "、".join(role.name for role in page.roles.all()) if with_roles else ""
        branches[page.pk] = Branch(page, roles, current is not None and page.pk == current.pk, [])
    top: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.page.parent_id or 0)
        (parent.below if parent is not None else top).append(branch)
    return top
