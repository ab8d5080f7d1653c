"""Tickets, causes, the conversation about them, and what the desk keeps for its people."""

from tickets.models.asking import AskedInWeek, Rating
from tickets.models.automation import HOURLY_CAP, Rule, RuleRun, RuleTrial
from tickets.models.bulk import BulkItem, BulkRun
from tickets.models.bursts import Burst, BurstDismissal, UsualRate
from tickets.models.causes import Cause
from tickets.models.conversation import Attachment, Comment
from tickets.models.drafts import Draft, DraftFile, SubmitDraft, SubmitDraftFile
from tickets.models.guided import Skip
from tickets.models.helping import HelpSession, SelfService
from tickets.models.incoming import ChatPerson, ChatRobot, IncomingMessage
from tickets.models.macros import Macro
from tickets.models.mailboxes import Mailbox
from tickets.models.procedures import Procedure, ProcedureStep, StepTick
from tickets.models.pushing import Decline, OwnerLink, OwnerLinkUse, PushItem, PushMessage
from tickets.models.relations import HandOver, TicketLink, Watcher
from tickets.models.same_here import SameHere
from tickets.models.saved_views import SavedView, Tag
from tickets.models.service import DueRun, ServicePolicy, Target
from tickets.models.similar import WordCount
from tickets.models.tickets import EVERY_QUEUE, Ticket
from tickets.models.undoing import FormerText
from tickets.models.widget import WidgetSecret, WidgetSession, WidgetSite

__all__ = [
    "EVERY_QUEUE",
    "HOURLY_CAP",
    "AskedInWeek",
    "Attachment",
    "BulkItem",
    "BulkRun",
    "Burst",
    "BurstDismissal",
    "Cause",
    "ChatPerson",
    "ChatRobot",
    "Comment",
    "Decline",
    "Draft",
    "DraftFile",
    "DueRun",
    "FormerText",
    "HandOver",
    "HelpSession",
    "IncomingMessage",
    "Macro",
    "Mailbox",
    "OwnerLink",
    "OwnerLinkUse",
    "Procedure",
    "ProcedureStep",
    "PushItem",
    "PushMessage",
    "Rating",
    "Rule",
    "RuleRun",
    "RuleTrial",
    "SameHere",
    "SavedView",
    "SelfService",
    "ServicePolicy",
    "Skip",
    "StepTick",
    "SubmitDraft",
    "SubmitDraftFile",
    "Tag",
    "Target",
    "Ticket",
    "TicketLink",
    "UsualRate",
    "Watcher",
    "WidgetSecret",
    "WidgetSession",
    "WidgetSite",
    "WordCount",
]
