"""Words of the manuals."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class AnnouncementStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")
