"""Text as people write it, made safe to show: Markdown to HTML, titles from descriptions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

TITLE_LENGTH = 60

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "img", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
#: Only we write these: raw HTML is never let through, so nobody can forge them.
_OWN_TAGS = {"details", "span", "summary"}
_OWN_CLASSES = {"details": {"quoted"}, "span": {"mention"}}
#: A person named in a text: `@[name at the time](id)`. Reads well as it stands, in any program.
MENTION = re.compile(r"@\[([^\[\]\n]{1,80})\]\((\d{1,18})\)")
_BRACKETS = str.maketrans("[]", "  ")
#: A quote of more characters than this is folded where quotes are.
QUOTE_SHOWN = 280
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SENTENCE_END = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n")
_MARKS_BEFORE, _MARKS_BEHIND = " #>*-+`_~", "`*_~"


def new_parser() -> MarkdownIt:
    """The Markdown of the house, for who adds rules of their own."""
    # Raw HTML is shown as text, never let through; nh3 is the second lock, not the first.
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
        ["table", "strikethrough"]
    )


@cache
def _markdown() -> MarkdownIt:
    parser = new_parser()
    parser.inline.ruler.before("link", "mention", _read_mention)
    parser.add_render_rule("mention", _draw_mention)
    parser.add_render_rule("blockquote_open", _open_quote)
    parser.add_render_rule("blockquote_close", _close_quote)
    return parser


def _read_mention(state: StateInline, silent: bool) -> bool:
    match = MENTION.match(state.src, state.pos, state.posMax)
    if match is None or "mentions" not in state.env:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content, token.meta = match[1], {"pk": int(match[2])}
    state.pos = match.end()
    return True


def _draw_mention(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    """The person under the name they have now; under the old one when nobody knows them."""
    token = tokens[at]
    name = env["mentions"].get(token.meta["pk"], token.content)
    return f'<span class="mention">@{escape(name)}</span>'


def _is_folded(tokens: Sequence[Token], at: int, env: Any) -> bool:
    """Whether the outermost quote that opens or closes at `at` is long enough to be folded."""
    if not env.get("folded") or tokens[at].level:
        return False
    step = 1 if tokens[at].nesting > 0 else -1
    length, place = 0, at + step
    while tokens[place].level or tokens[place].type not in ("blockquote_open", "blockquote_close"):
        length += len(tokens[place].content)
        place += step
    return length > QUOTE_SHOWN


def _open_quote(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    if not _is_folded(tokens, at, env):
        return "<blockquote>\n"
    words = escape(env["folded"])
    return f'<details class="quoted"><summary>{words}</summary><blockquote>\n'


def _close_quote(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    return "</blockquote></details>\n" if _is_folded(tokens, at, env) else "</blockquote>\n"


def as_quote(text: str) -> str:
    """`text` as a quotation in Markdown."""
    return "\n".join(f"> {line}" for line in text.splitlines())


#: Texts up to this length are kept once drawn: a conversation is read far more often than written.
_KEPT_LENGTH = 4000


def markdown_html(
    source: str,
    *,
    images: bool = True,
    mentions: Mapping[int, str] | None = None,
    fold_quotes: bool = False,
) -> SafeString:
    """Markdown as safe HTML. Links open no opener; with `images=False` pictures are dropped.

    With `mentions` (name by id) the people named in the text are drawn as chips; `fold_quotes`
    puts long quotes behind a line that opens them.
    """
    named = None if mentions is None else tuple(sorted(mentions.items()))
    folded = gettext("Quoted text") if fold_quotes else ""
    if len(source) > _KEPT_LENGTH:
        return _drawn(source, images, named, folded)
    return _kept(source, images, named, folded)


@lru_cache(maxsize=2048)
def _kept(
    source: str, images: bool, named: tuple[tuple[int, str], ...] | None, folded: str
) -> SafeString:
    return _drawn(source, images, named, folded)


def _drawn(
    source: str, images: bool, named: tuple[tuple[int, str], ...] | None, folded: str
) -> SafeString:
    env: dict[str, Any] = {"folded": folded}
    if named is not None:
        env["mentions"] = dict(named)
    return cleaned(_markdown().render(source, env), without=() if images else ("img",))


def cleaned(
    html: str,
    *,
    without: Collection[str] = (),
    attributes: Mapping[str, set[str]] = MappingProxyType({}),
    classes: Mapping[str, set[str]] = MappingProxyType({}),
) -> SafeString:
    """Drawn Markdown with nothing in it but what we let through.

    `attributes` and `classes` (by tag) are let through besides, with their tags.
    """
    known = _TAGS | _OWN_TAGS | attributes.keys() | classes.keys()
    html = nh3.clean(
        html,
        tags=known - set(without),
        attributes=_united(_ATTRIBUTES, attributes),
        allowed_classes=_united(_OWN_CLASSES, classes),
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(html)  # noqa: S308  (sanitised by nh3 just above)


def _united(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {tag: one.get(tag, set()) | other.get(tag, set()) for tag in one.keys() | other.keys()}


def derived_title(description: str) -> str:
    """A title from the first sentence with a word in it, at most `TITLE_LENGTH` characters.

    Cut with an ellipsis; "" for a text without a letter or digit.
    """
    for piece in _SENTENCE_END.split(description.strip()):
        line = " ".join(piece.split()).lstrip(_MARKS_BEFORE).rstrip(_MARKS_BEHIND)
        line = line.strip(" ，,。.!！：:；;").lstrip("?？")
        if any(character.isalnum() for character in line):
            return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
    return ""


def mention(name: str, pk: int) -> str:
    """How a person stands in a text: `@[name](id)`."""
    plain = " ".join(name.translate(_BRACKETS).split())
    return f"@[{plain[:80]}]({pk})"


def mentioned_ids(text: str) -> set[int]:
    """Ids of everybody named in `text`."""
    return {int(match[2]) for match in MENTION.finditer(text)}


def without_mentions(text: str) -> str:
    """`text` with the people in it as plain words: `@name`."""
    return MENTION.sub(r"@\1", text)


def excerpt(text: str, length: int = 140) -> str:
    """One line of plain text, cut at `length`."""
    line = " ".join(without_mentions(text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
