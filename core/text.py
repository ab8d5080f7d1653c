"""Text as people write it, made safe to show: Markdown to HTML, titles from descriptions."""

from __future__ import annotations

import re
from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TITLE_LENGTH = 60

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "img", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SENTENCE_END = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n")
_MARKS = re.compile(r"^[\s#>*\-+`_~]+|[`*_~]+$")


@cache
def _markdown() -> MarkdownIt:
    # Raw HTML is shown as text, never let through; nh3 is the second lock, not the first.
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
        ["table", "strikethrough"]
    )


def markdown_html(source: str, *, images: bool = True) -> SafeString:
    """Markdown as safe HTML. Links open no opener; with `images=False` pictures are dropped."""
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
        line = _MARKS.sub("", " ".join(piece.split())).strip(" ，,。.!！?？：:；;")
        if any(character.isalnum() for character in line):
            return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
    return ""


def excerpt(text: str, length: int = 140) -> str:
    """One line of plain text, cut at `length`."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
