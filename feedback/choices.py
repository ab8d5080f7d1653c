"""The words of feedback, demands, obligations and releases (domain.md)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DemandStatus(models.TextChoices):
    COLLECTED = "collected", pgettext_lazy("demand status", "Collected")
    EVALUATING = "evaluating", pgettext_lazy("demand status", "Evaluating")
    ACCEPTED = "accepted", pgettext_lazy("demand status", "Accepted")
    DECLINED = "declined", pgettext_lazy("demand status", "Declined")
    DEFERRED = "deferred", pgettext_lazy("demand status", "Deferred")
    SCHEDULED = "scheduled", pgettext_lazy("demand status", "Scheduled")
    IN_DEVELOPMENT = "in_development", pgettext_lazy("demand status", "In development")
    TESTING = "testing", pgettext_lazy("demand status", "Testing")
    RELEASED = "released", pgettext_lazy("demand status", "Released")
    CLOSED = "closed", pgettext_lazy("demand status", "Closed")
    MERGED = "merged", pgettext_lazy("demand status", "Merged")
    ROLLED_BACK = "rolled_back", pgettext_lazy("demand status", "Rolled back")


#: The one table of allowed moves.
MOVES: dict[str, frozenset[str]] = {
    DemandStatus.COLLECTED: frozenset(
        {DemandStatus.EVALUATING, DemandStatus.ACCEPTED, DemandStatus.DECLINED,
         DemandStatus.DEFERRED, DemandStatus.MERGED}
    ),
    DemandStatus.EVALUATING: frozenset(
        {DemandStatus.ACCEPTED, DemandStatus.DECLINED, DemandStatus.DEFERRED, DemandStatus.MERGED}
    ),
    DemandStatus.ACCEPTED: frozenset({DemandStatus.SCHEDULED, DemandStatus.MERGED}),
    DemandStatus.DECLINED: frozenset({DemandStatus.EVALUATING}),
    DemandStatus.DEFERRED: frozenset({DemandStatus.EVALUATING, DemandStatus.MERGED}),
    DemandStatus.SCHEDULED: frozenset({DemandStatus.IN_DEVELOPMENT, DemandStatus.MERGED}),
    DemandStatus.IN_DEVELOPMENT: frozenset({DemandStatus.TESTING, DemandStatus.MERGED}),
    DemandStatus.TESTING: frozenset({DemandStatus.RELEASED, DemandStatus.IN_DEVELOPMENT}),
    # Back to development when somebody says that it is not solved.
    DemandStatus.RELEASED: frozenset(
        {DemandStatus.CLOSED, DemandStatus.ROLLED_BACK, DemandStatus.IN_DEVELOPMENT}
    ),
    DemandStatus.CLOSED: frozenset({DemandStatus.IN_DEVELOPMENT}),
    DemandStatus.MERGED: frozenset(),
    DemandStatus.ROLLED_BACK: frozenset({DemandStatus.IN_DEVELOPMENT}),
}  # fmt: skip


class DemandKind(models.TextChoices):
    IMPROVEMENT = "improvement", pgettext_lazy("demand kind", "Improvement")
    DEFECT = "defect", pgettext_lazy("demand kind", "Defect")
    NEW = "new", pgettext_lazy("demand kind", "New function")
    BUSINESS_RULE = "business_rule", pgettext_lazy("demand kind", "Business-rule change")


class Initiator(models.TextChoices):
    BUSINESS = "business", _("Business")
    PRODUCT_OPERATIONS = "product_operations", _("Product operations")
    DATA = "data", _("Data")


class FeedbackSource(models.TextChoices):
    TICKET = "ticket", _("Ticket")
    FORM = "form", _("Form")
    CHAT = "chat", _("Chat")
    INTERVIEW = "interview", _("Interview")
    MEETING = "meeting", _("Meeting")
    VISIT = "visit", _("Visit")


class ObligationReason(models.TextChoices):
    ASKED = "asked", _("Asked")
    TICKET = "ticket", _("Ticket")
    SAME_HERE = "same_here", _("Same here")
    VOTED = "voted", _("Supported")
    STAFF = "staff", _("Added by staff")


class RoundKind(models.TextChoices):
    DECISION = "decision", _("Decision")
    DATE_CHANGE = "date_change", _("Date change")
    RELEASE = "release", _("Release")
    ROLLBACK = "rollback", _("Rollback")


class RoundState(models.TextChoices):
    OWED = "owed", _("To be told")
    QUEUED = "queued", _("Sending")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    CONFIRMED = "confirmed", _("Works")
    NOT_SOLVED = "not_solved", _("Not solved")
    EXPIRED = "expired", _("No answer in time")
    INFORMED = "informed", _("Informed")
    UNREACHABLE = "unreachable", _("Not delivered")
    WAIVED = "waived", _("Waived")


#: States in which a round is over.
ENDED = (
    RoundState.CONFIRMED,
    RoundState.NOT_SOLVED,
    RoundState.EXPIRED,
    RoundState.INFORMED,
    RoundState.UNREACHABLE,
    RoundState.WAIVED,
)


class ReleaseStatus(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("release status", "Planned")
    RELEASED = "released", pgettext_lazy("release status", "Released")
    ROLLED_BACK = "rolled_back", pgettext_lazy("release status", "Rolled back")
