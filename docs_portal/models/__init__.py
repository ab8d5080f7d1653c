"""Manuals with their pages, and announcements with who they reached."""

from docs_portal.models.announcements import (
    Announcement,
    AnnouncementFile,
    AnnouncementReader,
    PosterPlace,
)
from docs_portal.models.manuals import Manual, MissingPage, Page, PageRead, Revision

__all__ = [
    "Announcement",
    "AnnouncementFile",
    "AnnouncementReader",
    "Manual",
    "MissingPage",
    "Page",
    "PageRead",
    "PosterPlace",
    "Revision",
]
