"""The Markdown of manual pages: that of the house, with callouts, videos and links by key.

Callouts are containers: `::: note`, `::: tip`, `::: warning`, each with a title if wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from core.markup import icon
from core.text import cleaned, new_parser
from docs_portal.models import Page, PageFile
from docs_portal.policies.links import file_in, links_in, page_in, with_anchor, with_targets

#: Kind of callout → tone and icon.
CALLOUTS = {"note": ("ink", "info"), "tip": ("jade", "check"), "warning": ("amber", "alert")}
_ATTRIBUTES = {
    "video": {"src", "controls", "preload", "data-video", "data-seconds", "aria-label"},
    "aside": {"data-callout", "aria-label"}, "img": {"loading"}, "span": {"title"},
}  # fmt: skip
_CLASSES = {"a": {"file"}, "span": {"broken"}, "b": {"callout-title"}}
_CALLOUT = re.compile(r'<aside data-callout="(note|tip|warning)"( aria-label="[^"]*")?>')
_WIDE_COLONS = re.compile(r"^(\s*)：{3,}", re.MULTILINE)


@dataclass(frozen=True)
class Targets:
    """What the keys of a text mean now: addresses of pages, and files."""

    pages: dict[int, str]
    files: dict[int, PageFile]

    def address(self, target: str) -> str | None:
        """Where a key leads; None when it is known to lead nowhere; other targets as they are."""
        if (page := page_in(target)) is not None:
            address = self.pages.get(page[0])
            return None if address is None else with_anchor(address, page[1])
        if (pk := file_in(target)) is not None:
            return file_address(self.files[pk]) if pk in self.files else None
        return target


def file_address(file: PageFile) -> str:
    """The address a file of a page is served at."""
    return reverse("page_file", args=[file.pk, file.name])


def targets_of(bodies: Iterable[str]) -> Targets:
    """What the keys of these texts lead to: no query without keys, else one of each kind."""
    found = [link.target for body in bodies for link in links_in(body)]
    pages = {key[0] for target in found if (key := page_in(target)) is not None}
    files = {pk for target in found if (pk := file_in(target)) is not None}
    rows = Page.objects.filter(pk__in=pages).values_list("pk", "manual__product__code", "slug")
    return Targets(
        {pk: reverse("page", args=[code, slug]) for pk, code, slug in rows} if pages else {},
        PageFile.objects.in_bulk(files) if files else {},
    )


def page_tokens(body: str) -> list[Token]:
    """What `page_html` draws, as the parser's tokens: for papers and for search."""
    return _parser().parse(_WIDE_COLONS.sub(r"\1:::", body))


def page_html(body: str, targets: Targets | None = None) -> SafeString:
    """The text of a page as safe HTML; a link that leads nowhere is told as such."""
    known = targets_of([body]) if targets is None else targets
    tokens = page_tokens(body)
    parser = _parser()
    html = cleaned(
        parser.renderer.render(tokens, parser.options, {"targets": known}),
        attributes=_ATTRIBUTES, classes=_CLASSES,
    )  # fmt: skip
    # Ours: whoever writes a page can write no HTML, so that no aside of theirs is here.
    return mark_safe(_CALLOUT.sub(_callout, html).replace("</aside>", "</div></div>"))  # noqa: S308


def _callout(match: re.Match[str]) -> str:
    tone, shape = CALLOUTS[match[1]]
    label = match[2] or ""
    return (
        f'<div class="callout" data-tone="{tone}" role="note"{label}>{icon(shape)}'
        '<div class="stack tight">'
    )


@cache
def _parser() -> MarkdownIt:
    parser = new_parser()
    for kind in CALLOUTS:
        container_plugin(parser, kind, render=_draw_callout)
    # What a key means is known when it is drawn; the parser would refuse a scheme it never met.
    for rule, draw in (
        ("link_open", _open_link), ("link_close", _close_link), ("image", _draw_image),
    ):  # fmt: skip
        parser.add_render_rule(rule, draw)
    return parser


def _kind_name(kind: str) -> str:
    return {"note": _("Note"), "tip": _("Tip"), "warning": _("Careful")}[kind]


def callout_of(token: Token) -> tuple[str, str] | None:
    """Kind and title of the callout a token opens; None of any other token."""
    if token.nesting != 1 or not token.type.startswith("container_"):
        return None
    kind = token.type.removeprefix("container_").removesuffix("_open")
    title = token.info.strip().partition(" ")[2].strip()
    return kind, title or _kind_name(kind)


def _draw_callout(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    callout = callout_of(tokens[at])
    if callout is None:
        return "</aside>\n"
    kind, said = callout[0], escape(callout[1])
    return f'<aside data-callout="{kind}" aria-label="{said}"><b class="callout-title">{said}</b>'


def _address(token: Token, name: str, env: Any) -> str | None:
    target = str(token.attrGet(name) or "")
    targets: Targets = env["targets"]
    return targets.address(target)


def _open_link(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    token = tokens[at]
    address = _address(token, "href", env)
    if address is None:
        said = escape(_("This link leads nowhere any more."))
        return f'<span class="broken" title="{said}">'
    token.attrSet("href", address)
    return renderer.renderToken(tokens, at, options, env)


def _close_link(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    level, place = tokens[at].level, at - 1
    while place >= 0 and not (tokens[place].type == "link_open" and tokens[place].level == level):
        place -= 1
    is_broken = place >= 0 and _address(tokens[place], "href", env) is None
    return "</span>" if is_broken else "</a>"


def _draw_image(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    token = tokens[at]
    address = _address(token, "src", env)
    words = renderer.renderInlineAsText(token.children, options, env)
    if address is None:
        said = escape(_("This picture or file is gone."))
        return f'<span class="broken" title="{said}">{escape(words) or said}</span>'
    pk = file_in(str(token.attrGet("src")))
    file = env["targets"].files.get(pk) if pk is not None else None
    if file is not None and file.kind == "video":
        return _video(file, address, words)
    if file is not None and file.kind == "other":
        return f'<a class="file" href="{escape(address)}">{escape(words or file.name)}</a>'
    title = escape(str(token.attrGet("title") or ""))
    titled = f' title="{title}"' if title else ""
    return f'<img src="{escape(address)}" alt="{escape(words)}" loading="lazy"{titled}>'


def _video(file: PageFile, address: str, words: str) -> str:
    length = f' data-seconds="{file.seconds:.1f}"' if file.seconds else ""
    return (
        f'<video controls preload="metadata" src="{escape(address)}" data-video="{file.pk}"'
        f'{length} aria-label="{escape(words or file.name)}"></video>'
    )


def shown_links(body: str, targets: Targets | None = None) -> str:
    """A text as its writers see it: keys as addresses; one that leads nowhere stays a key."""
    known = targets_of([body]) if targets is None else targets
    return with_targets(body, lambda target: known.address(target) or target)
