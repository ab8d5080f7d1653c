"""The words of a ticket's life, each with the facts about it in one table (domain.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Status(models.TextChoices):
    NEW = "new", pgettext_lazy("ticket status", "New")
    OPEN = "open", pgettext_lazy("ticket status", "Open")
    PENDING = "pending", pgettext_lazy("ticket status", "Pending")
    ON_HOLD = "on_hold", pgettext_lazy("ticket status", "On hold")
    RESOLVED = "resolved", pgettext_lazy("ticket status", "Resolved")
    CLOSED = "closed", pgettext_lazy("ticket status", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("ticket status", "Cancelled")


#: Statuses in which somebody still has something to do.
UNRESOLVED = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)
#: Not closed, not cancelled.
UNFINISHED = (*UNRESOLVED, Status.RESOLVED)


@dataclass(frozen=True)
class StatusMeta:
    """What a status looks like to whom."""

    requester_label: StrPromise
    icon: str


STATUS_META: dict[str, StatusMeta] = {
    Status.NEW: StatusMeta(pgettext_lazy("requester sees", "Submitted"), "st-new"),
    Status.OPEN: StatusMeta(pgettext_lazy("requester sees", "In progress"), "st-open"),
    Status.PENDING: StatusMeta(pgettext_lazy("requester sees", "Waiting for you"), "st-pending"),
    Status.ON_HOLD: StatusMeta(pgettext_lazy("requester sees", "With another team"), "st-on_hold"),
    Status.RESOLVED: StatusMeta(pgettext_lazy("requester sees", "Please confirm"), "st-resolved"),
    Status.CLOSED: StatusMeta(pgettext_lazy("requester sees", "Done"), "st-closed"),
    Status.CANCELLED: StatusMeta(pgettext_lazy("requester sees", "Ended"), "st-cancelled"),
}
#: A resolved ticket that was moved to a demand reads differently to its requester.
MOVED_TO_DEMAND_LABEL = pgettext_lazy("requester sees", "Moved to a demand")


class SlaStep(models.IntegerChoices):
    """What was told about a running clock, each once per due time."""

    NOTHING = 0, _("Nothing")
    WARNED = 1, _("Warned")
    BREACHED = 2, _("Breached")
    ESCALATED = 3, _("Escalated")


class Family(models.TextChoices):
    USAGE = "usage", _("Usage")
    TECHNICAL = "technical", _("Technical")
    REQUEST = "request", _("Request")


class Type(models.TextChoices):
    HOW_TO = "how_to", _("How-to")
    CONFIGURATION = "configuration", _("Configuration")
    ACCESS = "access", _("Access rights")
    BUG = "bug", _("Bug")
    PERFORMANCE = "performance", _("Performance")
    DATA = "data", _("Data")
    IMPROVEMENT = "improvement", _("Improvement")


FAMILY_OF: dict[str, Family] = {
    Type.HOW_TO: Family.USAGE,
    Type.CONFIGURATION: Family.USAGE,
    Type.ACCESS: Family.USAGE,
    Type.BUG: Family.TECHNICAL,
    Type.PERFORMANCE: Family.TECHNICAL,
    Type.DATA: Family.TECHNICAL,
    Type.IMPROVEMENT: Family.REQUEST,
}


class Impact(models.IntegerChoices):
    ONLY_ME = 1, _("Only me")
    MY_GROUP = 2, _("My group")
    DEPARTMENTS = 3, _("Several departments")
    BUSINESS_STOPPED = 4, _("Business stopped")


class Urgency(models.IntegerChoices):
    LOW = 1, _("Can wait")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("Urgent")


class Priority(models.IntegerChoices):
    P0 = 0, "P0"
    P1 = 1, "P1"
    P2 = 2, "P2"
    P3 = 3, "P3"


class Level(models.IntegerChoices):
    RELAY = 1, _("Relay")
    RESOLVE = 2, _("Resolve")
    PUSH = 3, _("Push")
    PRODUCT_DRIVE = 4, _("Product-drive")


class Channel(models.TextChoices):
    FORM = "form", _("Form")
    ON_BEHALF = "on_behalf", _("On behalf")
    API = "api", _("API")
    MAIL = "mail", _("Mail")
    CHAT = "chat", _("Chat")
    WIDGET = "widget", _("Widget")
    IMPORT = "import", _("Import")


class Strangers(models.TextChoices):
    """What becomes of a message from outside whose writer nobody here is."""

    REFUSE = "refuse", _("Refuse, and answer why")
    HOLD = "hold", _("Hold for an agent")
    STAND_IN = "stand_in", _("Submit for a stand-in")


class ChatApp(models.TextChoices):
    """The chats whose robots may write to us."""

    WECOM = "wecom", _("WeCom")
    DINGTALK = "dingtalk", _("DingTalk")
    FEISHU = "feishu", _("Feishu")


class IncomingState(models.TextChoices):
    """What became of a message from outside."""

    RECEIVED = "received", pgettext_lazy("incoming state", "Received")
    DONE = "done", pgettext_lazy("incoming state", "Done")
    HELD = "held", pgettext_lazy("incoming state", "Held")
    FAILED = "failed", pgettext_lazy("incoming state", "Failed")
    #: Nothing was to be made of it: an auto-reply, an empty mention, refused as a stranger's.
    SKIPPED = "skipped", pgettext_lazy("incoming state", "Skipped")


class MailSecurity(models.TextChoices):
    """How the way to a mail server is kept secret."""

    TLS = "tls", _("TLS from the start")
    STARTTLS = "starttls", "STARTTLS"
    NONE = "none", _("None (only inside one machine or network)")


class Resolution(models.TextChoices):
    """How a ticket was resolved (the resolve verb's code)."""

    ANSWERED = "answered", _("Answered")
    CONFIGURED = "configured", _("Set up for the person")
    FIXED = "fixed", _("Fixed")
    WORKAROUND = "workaround", _("Workaround given")
    OUTSIDE = "outside", _("Solved by another team")
    MOVED_TO_DEMAND = "moved_to_demand", _("Moved to a demand")
    NO_REPLY = "no_reply", _("No reply")


class ReturnReason(models.TextChoices):
    """Why a receiver sends work back; the same list serves returns and declines."""

    INCOMPLETE = "incomplete", _("Material incomplete")
    MISJUDGED = "misjudged", _("Misjudged")
    NOT_OUR_MODULE = "not_our_module", _("Not our module")
    NOT_REPRODUCIBLE = "not_reproducible", _("Cannot be reproduced")
    ALREADY_FIXED = "already_fixed", _("Already fixed")


class CauseCategory(models.TextChoices):
    CODE = "code", _("Program defect")
    PERMISSION_RULE = "permission_rule", _("Permission rule")
    CONFIGURATION = "configuration", _("Configuration")
    DATA = "data", _("Data")
    INTEGRATION = "integration", _("Integration")
    CAPACITY = "capacity", _("Capacity")
    DESIGN = "design", _("Product design")
    OTHER = "other", _("Other")


class CauseState(models.TextChoices):
    SUSPECTED = "suspected", pgettext_lazy("cause state", "Suspected")
    PUSHED = "pushed", pgettext_lazy("cause state", "Pushed")
    ACCEPTED = "accepted", pgettext_lazy("cause state", "Accepted")
    DECLINED = "declined", pgettext_lazy("cause state", "Declined")
    DELIVERED = "delivered", pgettext_lazy("cause state", "Delivered")


class DriverState(models.TextChoices):
    """What `feedback` tells a ticket about the demand that drives it."""

    NONE = "", _("No demand")
    PENDING = "pending", _("Demand not released")
    RELEASED = "released", _("Released")
    VERIFIED = "verified", _("Verified")
    DECLINED = "declined", _("Demand declined")


class CommentKind(models.TextChoices):
    PUBLIC = "public", _("Public reply")
    NOTE = "note", _("Internal note")


#: Bounces at which the manager names the owner (定责).
BOUNCES_TO_MANAGER = 3
#: Working days after which silence closes a resolved ticket; counted apart from confirmations.
#: A service policy may set another number.
AUTO_CONFIRM_DAYS = 5
AUTO_CONFIRM_DAYS_MAX = 30
#: Working days before that on which its requester is told the day.
ANNOUNCE_AHEAD_DAYS = 2
#: Days after the end of a ticket in which its requester may rate it, and change the rating.
RATING_DAYS = 30
#: Days in which a requester may reopen; later a new ticket is linked.
REOPEN_DAYS = 30

#: impact → priority at urgency can wait, normal, urgent.
_PRIORITIES: dict[Impact, tuple[Priority, Priority, Priority]] = {
    Impact.ONLY_ME: (Priority.P3, Priority.P3, Priority.P2),
    Impact.MY_GROUP: (Priority.P3, Priority.P2, Priority.P1),
    Impact.DEPARTMENTS: (Priority.P2, Priority.P1, Priority.P0),
    Impact.BUSINESS_STOPPED: (Priority.P1, Priority.P0, Priority.P0),
}


def priority_of(impact: int, urgency: int) -> Priority:
    """Priority = impact × urgency, by the table above."""
    return _PRIORITIES[Impact(impact)][urgency - 1]


class RuleState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("rule state", "Draft")
    ACTIVE = "active", pgettext_lazy("rule state", "Active")
    OFF = "off", pgettext_lazy("rule state", "Switched off")
    PAUSED = "paused", pgettext_lazy("rule state", "Paused")


class WhyPaused(models.TextChoices):
    """Why a rule paused itself."""

    NONE = "", "–"
    LOOPS = "loops", _("It ran too often on one ticket")
    FAILS = "fails", _("It failed several times in a row")


class Trigger(models.TextChoices):
    """When a rule is considered: at an event of a ticket, or when time has passed."""

    SUBMITTED = "submitted", _("A ticket is submitted")
    CHANGED = "changed", _("A field is changed")
    STATUS = "status", _("The status changes")
    LEVEL = "level", _("The ticket moves to a level")
    REQUESTER_REPLIED = "requester_replied", _("The requester replies")
    AGENT_REPLIED = "agent_replied", _("Staff reply to the requester")
    RETURNED = "returned", _("The ticket is returned")
    REOPENED = "reopened", _("The ticket is reopened")
    SLA_WARNED = "sla_warned", _("A service target is at risk")
    SLA_BREACHED = "sla_breached", _("A service target is missed")
    IN_STATUS = "in_status", _("Working hours have passed in a status")
    SILENT = "silent", _("Working hours have passed since the last reply")
    BEFORE_DUE = "before_due", _("Working hours are left before the ticket is due")


#: Triggers the clock starts; all others are events of a ticket.
BY_TIME = frozenset({Trigger.IN_STATUS, Trigger.SILENT, Trigger.BEFORE_DUE})


class RunOutcome(models.TextChoices):
    """What became of a rule that was considered for a ticket."""

    ACTED = "acted", _("It acted")
    NOT_MATCHED = "not_matched", _("Its conditions were not met")
    REFUSED = "refused", _("Its acts were refused")
    IN_CHAIN = "in_chain", _("It had run in this chain already")
    TOO_DEEP = "too_deep", _("The chain of rules was too long")
    TOO_OFTEN = "too_often", _("It ran too often on this ticket")


class TrialState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("trial state", "Waiting")
    RUNNING = "running", pgettext_lazy("trial state", "Running")
    DONE = "done", pgettext_lazy("trial state", "Done")
    STOPPED = "stopped", pgettext_lazy("trial state", "Stopped")


#: Rules one after another that an event may set off, each by what the one before did.
CHAIN_MAX = 4
#: Refusals in a row after which a rule pauses.
FAILURES_MAX = 5


class Score(models.IntegerChoices):
    """How content a requester is with the way their ticket went (满意度)."""

    DISSATISFIED = 1, pgettext_lazy("rating", "Dissatisfied")
    NEUTRAL = 2, pgettext_lazy("rating", "So-so")
    SATISFIED = 3, pgettext_lazy("rating", "Satisfied")


class RatingReason(models.TextChoices):
    """Why, in one tap; which of them are offered follows from score and type."""

    QUICK = "quick", _("Quick")
    CLEAR = "clear", _("Clearly explained")
    SOLVED = "solved", _("Solved for good")
    INFORMED = "informed", _("I always knew where it stood")
    KIND = "kind", _("Friendly")
    SLOW = "slow", _("It took too long")
    UNCLEAR = "unclear", _("I did not understand the answer")
    NOT_SOLVED = "not_solved", _("Not really solved")
    UNINFORMED = "uninformed", _("Nobody told me where it stood")
    PASSED_AROUND = "passed_around", _("Passed around")
    CAME_BACK = "came_back", _("It has come back before")
    NO_PAGE = "no_page", _("The manual should have said it")
    NO_WHY = "no_why", _("Nobody said why not")


#: Said of a good course, and of a bad one; the last are asked for one family only.
GOOD_REASONS = (
    RatingReason.QUICK, RatingReason.CLEAR, RatingReason.SOLVED, RatingReason.INFORMED,
    RatingReason.KIND,
)  # fmt: skip
BAD_REASONS = (
    RatingReason.SLOW, RatingReason.UNCLEAR, RatingReason.NOT_SOLVED, RatingReason.UNINFORMED,
    RatingReason.PASSED_AROUND,
)  # fmt: skip
FAMILY_REASONS: dict[str, RatingReason] = {
    Family.USAGE: RatingReason.NO_PAGE,
    Family.TECHNICAL: RatingReason.CAME_BACK,
    Family.REQUEST: RatingReason.NO_WHY,
}


class SameHereState(models.TextChoices):
    """How one person's "same here" stands; the ends are those of a round."""

    WAITING = "waiting", pgettext_lazy("same here", "Waiting for the fix")
    ASKED = "asked", pgettext_lazy("same here", "Asked whether it works")
    CONFIRMED = "confirmed", pgettext_lazy("same here", "It works")
    NOT_SOLVED = "not_solved", pgettext_lazy("same here", "It does not work")
    EXPIRED = "expired", pgettext_lazy("same here", "No answer")
    TAKEN_BACK = "taken_back", pgettext_lazy("same here", "Taken back")


#: States in which the person is still to hear or to answer.
SAME_HERE_OPEN = (SameHereState.WAITING, SameHereState.ASKED)


class HelpPlace(models.TextChoices):
    """Where somebody described their trouble while help was offered."""

    HOME = "home", pgettext_lazy("help session", "Help home")
    FORM = "form", pgettext_lazy("help session", "The form")
