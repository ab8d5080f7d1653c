"""Tickets, causes, the conversation about them, and what the desk keeps for its people."""

from tickets.models.causes import Cause
from tickets.models.conversation import Attachment, Comment
from tickets.models.relations import HandOver, TicketLink, Watcher
from tickets.models.service import ServiceTarget
from tickets.models.tickets import Ticket

__all__ = [
    "Attachment",
    "Cause",
    "Comment",
    "HandOver",
    "ServiceTarget",
    "Ticket",
    "TicketLink",
    "Watcher",
]
