"""The words of feedback, demands, obligations and releases (domain.md)."""

from __future__ import annotations

from django.db import models
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


class DemandKind(models.TextChoices):
    IMPROVEMENT = "improvement", pgettext_lazy("demand kind", "Improvement")
    DEFECT = "defect", pgettext_lazy("demand kind", "Defect")
    NEW = "new", pgettext_lazy("demand kind", "New function")
    BUSINESS_RULE = "business_rule", pgettext_lazy("demand kind", "Business-rule change")


class Initiator(models.TextChoices):
    BUSINESS = "business", pgettext_lazy("demand initiator", "Business")
    PRODUCT_OPERATIONS = (
        "product_operations",
        pgettext_lazy("demand initiator", "Product operations"),
    )
    DATA = "data", pgettext_lazy("demand initiator", "Data")


class FeedbackSource(models.TextChoices):
    TICKET = "ticket", pgettext_lazy("feedback source", "Ticket")
    FORM = "form", pgettext_lazy("feedback source", "Form")
    CHAT = "chat", pgettext_lazy("feedback source", "Chat")
    INTERVIEW = "interview", pgettext_lazy("feedback source", "Interview")
    MEETING = "meeting", pgettext_lazy("feedback source", "Meeting")
    VISIT = "visit", pgettext_lazy("feedback source", "Visit")
    SHIFT = "shift", pgettext_lazy("feedback source", "Working a shift with them")
    PEERS = "peers", pgettext_lazy("feedback source", "A look at peers")


#: Sources of words that no ticket stands for.
SPOKEN_SOURCES = [choice for choice in FeedbackSource.choices if choice[0] != FeedbackSource.TICKET]


class ObligationReason(models.TextChoices):
    ASKED = "asked", pgettext_lazy("obligation reason", "Asked")
    TICKET = "ticket", pgettext_lazy("obligation reason", "Ticket")
    SAME_HERE = "same_here", pgettext_lazy("obligation reason", "Same here")
    VOTED = "voted", pgettext_lazy("obligation reason", "Supported")
    STAFF = "staff", pgettext_lazy("obligation reason", "Added by staff")


class RoundKind(models.TextChoices):
    DECISION = "decision", pgettext_lazy("round kind", "Decision")
    DATE_CHANGE = "date_change", pgettext_lazy("round kind", "Date change")
    RELEASE = "release", pgettext_lazy("round kind", "Release")
    ROLLBACK = "rollback", pgettext_lazy("round kind", "Rollback")
    MOVED = "moved", pgettext_lazy("round kind", "Goes on elsewhere")
    PROGRESS = "progress", pgettext_lazy("round kind", "Progress")


class RoundChannel(models.TextChoices):
    APP = "app", pgettext_lazy("round channel", "in the app")
    MAIL = "mail", pgettext_lazy("round channel", "by mail")
    CHAT = "chat", pgettext_lazy("round channel", "by chat")


class CarryKind(models.TextChoices):
    MERGE = "merge", pgettext_lazy("carry kind", "Merge")
    SPLIT = "split", pgettext_lazy("carry kind", "Split")


class RoundState(models.TextChoices):
    OWED = "owed", pgettext_lazy("round state", "To be told")
    QUEUED = "queued", pgettext_lazy("round state", "Sending")
    DELIVERED = "delivered", pgettext_lazy("round state", "Delivered")
    READ = "read", pgettext_lazy("round state", "Read")
    CONFIRMED = "confirmed", pgettext_lazy("round state", "Works")
    NOT_SOLVED = "not_solved", pgettext_lazy("round state", "Not solved")
    EXPIRED = "expired", pgettext_lazy("round state", "No answer in time")
    INFORMED = "informed", pgettext_lazy("round state", "Informed")
    UNREACHABLE = "unreachable", pgettext_lazy("round state", "Not delivered")
    WAIVED = "waived", pgettext_lazy("round state", "Waived")


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


class TableShape(models.TextChoices):
    """How the demand table shows what it lists."""

    TABLE = "table", pgettext_lazy("layout", "Table")
    BOARD = "board", pgettext_lazy("layout", "Board")
    ROADMAP = "roadmap", pgettext_lazy("layout", "Roadmap")
