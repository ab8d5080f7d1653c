"""Forms of the writing pages: shape only; the actions check and save."""

from docs_portal.forms.announcements import AnnouncementForm, PlaceForm
from docs_portal.forms.pages import PageForm, RevisionForm

__all__ = ["AnnouncementForm", "PageForm", "PlaceForm", "RevisionForm"]
