"""Words of the manuals."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PageKind(models.TextChoices):
    INTRODUCTION = "introduction", _("Introduction")
    ACCESS = "access", _("Access")
    SERVICE_GUIDE = "service_guide", _("Service guide")
    FEATURE_GUIDE = "feature_guide", _("Feature guide")
    TECHNICAL_GUIDE = "technical_guide", _("Technical guide")
    EXAMPLE = "example", _("Example")


class PageStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class ReviewRule(models.TextChoices):
    """Which publications of a manual need somebody else's approval."""

    NEVER = "never", _("No review needed")
    MATERIAL = "material", _("New pages and changes of meaning")
    ALWAYS = "always", _("Every change")


class ReviewState(models.TextChoices):
    WAITING = "waiting", _("Waiting for the reviewer")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Changes asked for")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class AnnouncementStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CourseForm(models.TextChoices):
    """How a course is held; each has evidence of its own that somebody completed it."""

    DOCUMENT = "document", pgettext_lazy("form of a course", "Document")
    VIDEO = "video", pgettext_lazy("form of a course", "Video")
    LIVE = "live", pgettext_lazy("form of a course", "Live")
    ON_SITE = "on_site", pgettext_lazy("form of a course", "On site")


#: Forms that are held at a time, in sessions.
WITH_SESSIONS = (CourseForm.LIVE, CourseForm.ON_SITE)


class CourseStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("course status", "Draft")
    PUBLISHED = "published", pgettext_lazy("course status", "Published")
    RETIRED = "retired", pgettext_lazy("course status", "Retired")


class EnrolmentSource(models.TextChoices):
    """How somebody came to a course."""

    JOINED = "joined", _("Joined by themselves")
    ASSIGNED = "assigned", pgettext_lazy("a course", "Assigned")
    RULE = "rule", _("Assigned by a rule")


class SeatState(models.TextChoices):
    BOOKED = "booked", pgettext_lazy("seat", "Booked")
    WAITING = "waiting", pgettext_lazy("seat", "On the waiting list")
    GIVEN_UP = "given_up", pgettext_lazy("seat", "Given up")


class VoiceReason(models.TextChoices):
    """Why a page did not help."""

    WRONG = "wrong", _("It is wrong")
    OUTDATED = "outdated", _("It is out of date")
    INCOMPLETE = "incomplete", _("My case is missing")
    UNCLEAR = "unclear", _("Hard to follow")
    OTHER_TOPIC = "other_topic", _("Not what I looked for")


class DebtOutcome(models.TextChoices):
    """How an item of manual debt ended without a page being published for it."""

    NOT_NEEDED = "not_needed", _("No page is needed")
    EXISTS = "exists", _("There is a page already")
