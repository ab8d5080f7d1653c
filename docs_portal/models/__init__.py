"""Manuals with their pages, and announcements with who they reached."""

from docs_portal.models.announcements import (
    Announcement,
    AnnouncementFile,
    AnnouncementReader,
    PosterPlace,
)
from docs_portal.models.debt import DebtItem, PageVoice, TicketAfterReading
from docs_portal.models.manuals import Manual, MissingPage, Page, PageRead, Revision
from docs_portal.models.requiring import (
    MustRead,
    MustReadReader,
    MustReadRound,
    NoPageNeeded,
)
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
    "DebtItem",
    "Enrolment",
    "ImportedPage",
    "Manual",
    "MissingPage",
    "MustRead",
    "MustReadReader",
    "MustReadRound",
    "NoPageNeeded",
    "OldAddress",
    "Page",
    "PageFile",
    "PageRead",
    "PageSection",
    "PageVoice",
    "PageWord",
    "PosterPlace",
    "Review",
    "Revision",
    "SearchMiss",
    "Seat",
    "TicketAfterReading",
    "TrainingRule",
    "VideoWatch",
    "WritingDraft",
    "WritingRules",
]
