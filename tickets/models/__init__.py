"""Tickets, causes, the conversation about them, and what the desk keeps for its people."""

from tickets.models.causes import Cause
from tickets.models.conversation import Attachment, Comment
from tickets.models.drafts import Draft, DraftFile
from tickets.models.macros import Macro
from tickets.models.procedures import Procedure, ProcedureStep, StepTick
from tickets.models.relations import HandOver, TicketLink, Watcher
from tickets.models.saved_views import SavedView, Tag
from tickets.models.service import ServiceTarget
from tickets.models.tickets import Ticket

__all__ = [
    "Attachment",
    "Cause",
    "Comment",
    "Draft",
    "DraftFile",
    "HandOver",
    "Macro",
    "Procedure",
    "ProcedureStep",
    "SavedView",
    "ServiceTarget",
    "StepTick",
    "Tag",
    "Ticket",
    "TicketLink",
    "Watcher",
]
