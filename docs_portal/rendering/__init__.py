"""Pages of manuals and announcements as their readers see them."""

from docs_portal.rendering.announcements import Figures, codes_of, figures_of, sections_of
from docs_portal.rendering.pages import (
    Branch,
    Heading,
    Hit,
    RenderedPage,
    hits,
    rendered,
    tree,
)

__all__ = [
    "Branch",
    "Figures",
    "Heading",
    "Hit",
    "RenderedPage",
    "codes_of",
    "figures_of",
    "hits",
    "rendered",
    "sections_of",
    "tree",
]
