"""The figures of a report and the periods they are cut in."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodKind(models.TextChoices):
    WEEK = "week", _("Week")


class Figure(models.TextChoices):
    """Counts that add up over days."""

    CREATED = "created", _("Created")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Reopened")
    CANCELLED = "cancelled", _("Cancelled")
    RESTORED = "restored", _("Restored")
    CLOSED = "closed", _("Closed")
