"""Text as people write it, made safe to show: Markdown to HTML, titles from descriptions."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

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
_MARKS = re.compile(r"^[\s#>*\-+`_~]+|[`*_~]+$")


@cache
def _markdown() -> MarkdownIt:
    # Raw HTML is shown as text, never let through; nh3 is the second lock, not the first.
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
        ["table", "strikethrough"]
    )


#: Texts up to this length are kept once drawn: a conversation is read far more often than written.
_KEPT_LENGTH = 4000


def markdown_html(source: str, *, images: bool = True) -> SafeString:
    """Markdown as safe HTML. Links open no opener; with `images=False` pictures are dropped."""
    if len(source) > _KEPT_LENGTH:
        return _drawn(source, images)
    return _kept(source, images)


@lru_cache(maxsize=2048)
def _kept(source: str, images: bool) -> SafeString:
    return _drawn(source, images)


def _drawn(source: str, images: bool) -> SafeString:
    tags = _TAGS if images else _TAGS - {"img"}
    html = nh3.clean(
        _markdown().render(source),
        tags=tags,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(html)  # noqa: S308  (sanitised by nh3 just above)


def derived_title(description: str) -> str:
    """A title from the first sentence with a word in it, at most `TITLE_LENGTH` characters.

    Cut with an ellipsis; "" for a text without a letter or digit.
    """
    for piece in _SENTENCE_END.split(description.strip()):
        line = _MARKS.sub("", " ".join(piece.split())).strip(" ，,。.!！：:；;").lstrip("?？")
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
