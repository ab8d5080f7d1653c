"""Manuals with their pages, and announcements with who they reached."""

from docs_portal.models.announcements import (
    Announcement,
    AnnouncementFile,
    AnnouncementReader,
    PosterPlace,
)
from docs_portal.models.manuals import Manual, MissingPage, Page, PageRead, Revision
from docs_portal.models.sections import ImportedPage, PageSection, PageWord, SearchMiss
from docs_portal.models.training import (
    Completion,
    Course,
    CourseAssignment,
    CoursePage,
    CourseSession,
    CourseVideo,
    CourseWatch,
    Enrolment,
    Seat,
    TrainingRule,
)
from docs_portal.models.writing import (
    OldAddress,
    PageFile,
    Review,
    VideoWatch,
    WritingDraft,
    WritingRules,
)

__all__ = [
    "Announcement",
    "AnnouncementFile",
    "AnnouncementReader",
    "Completion",
    "Course",
    "CourseAssignment",
    "CoursePage",
    "CourseSession",
    "CourseVideo",
    "CourseWatch",
    "Enrolment",
    "ImportedPage",
    "Manual",
    "MissingPage",
    "OldAddress",
    "Page",
    "PageFile",
    "PageRead",
    "PageSection",
    "PageWord",
    "PosterPlace",
    "Review",
    "Revision",
    "SearchMiss",
    "Seat",
    "TrainingRule",
    "VideoWatch",
    "WritingDraft",
    "WritingRules",
]
