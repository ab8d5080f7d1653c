"""A page's Markdown as HTML with anchors, and the outline that leads to them."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.markup import icon
from docs_portal.models import Page
from docs_portal.policies import anchors_for, body_for, parts_of
from docs_portal.policies.sections import anchor_of
from docs_portal.rendering.markdown import page_html

_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
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


def rendered(body: str, anchors: Iterable[str] = ()) -> RenderedPage:
    """Safe HTML of a revision; its headings carry anchors, those of level 2 and 3 make the outline.

    `anchors` are those the headings have in the whole text (`policies.anchors_for`), in order.
    """
    outline: list[Heading] = []
    taken: dict[str, int] = {}
    known = iter(anchors)

    def anchored(match: re.Match[str]) -> str:
        title = html.unescape(strip_tags(match.group(2))).strip()
        depth, anchor = int(match.group(1)), next(known, "")
        # What is left out may change what Markdown takes for a heading; then they are counted anew.
        if not anchor.startswith(slugify(title, allow_unicode=True) or "part") or anchor in taken:
            anchor = anchor_of(title, taken)
        taken.setdefault(anchor, 1)
        if depth in (2, 3):
            outline.append(Heading(anchor, title, depth))
        return f'<h{depth} id="{html.escape(anchor)}">{match.group(2)}</h{depth}>'

    text = _HEADING.sub(anchored, page_html(body))
    text = text.replace("<table>", _table_opening()).replace("</table>", "</table></div>")
    # Sanitised by page_html; only anchors of our own making were added.
    return RenderedPage(mark_safe(text), outline, max(1, round(len(body) / CHARACTERS_A_MINUTE)))  # noqa: S308


def page_for(body: str, role_codes: Collection[str]) -> RenderedPage:
    """The text as somebody with these roles of the product reads it."""
    return rendered(body_for(body, role_codes), anchors_for(body, role_codes))


def page_for_writers(body: str, role_names: Mapping[str, str]) -> RenderedPage:
    """The whole text, each part for roles marked with whom it is for (names by code)."""
    parts = parts_of(body)
    if len(parts) == 1 and not parts[0][0]:
        return rendered(body)
    known = iter(anchors_for(body, None))
    drawn = [(audience, rendered(text, known)) for audience, text in parts]
    pieces = [
        part.html if not audience else format_html(
            '<section class="for-roles" aria-label="{0}"><p class="for-roles-name">{1}{0}</p>{2}'
            "</section>",
            _("Only for %(roles)s") % {
                "roles": _(", ").join(sorted(role_names.get(code, code) for code in audience))
            },
            icon("eye"), part.html,
        )
        for audience, part in drawn
    ]  # fmt: skip
    return RenderedPage(
        SafeString("".join(pieces)),
        [heading for _audience, part in drawn for heading in part.outline],
        max(1, round(len(body) / CHARACTERS_A_MINUTE)),
    )


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
