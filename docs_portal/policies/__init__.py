"""The rules of manuals and announcements, without a query."""

from docs_portal.policies.rights import may_announce, may_write
from docs_portal.policies.sections import (
    Section,
    anchors_for,
    body_for,
    codes_in,
    parts_of,
    section_problems,
    split_sections,
)

__all__ = [
    "Section",
    "anchors_for",
    "body_for",
    "codes_in",
    "may_announce",
    "may_write",
    "parts_of",
    "section_problems",
    "split_sections",
]
