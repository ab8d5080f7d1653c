"""Pages of manuals and announcements as their readers see them."""

from docs_portal.rendering.announcements import Figures, codes_of, figures_of, sections_of
from docs_portal.rendering.found import FoundLine, found_lines
from docs_portal.rendering.marking import marked, snippet
from docs_portal.rendering.nodes import nodes_of, plain_text, words_behind_marks
from docs_portal.rendering.pages import (
    Branch,
    Heading,
    RenderedPage,
    page_for,
    page_for_writers,
    rendered,
    tree,
)

__all__ = [
    "Branch",
    "Figures",
    "FoundLine",
    "Heading",
    "RenderedPage",
    "codes_of",
    "figures_of",
    "found_lines",
    "marked",
    "nodes_of",
    "page_for",
    "page_for_writers",
    "plain_text",
    "rendered",
    "sections_of",
    "snippet",
    "tree",
    "words_behind_marks",
]
