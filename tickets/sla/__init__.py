"""Service levels: which policy holds, when its targets fall due, and how the clock ran."""

from tickets.sla.choosing import Choice, Misfit, choose, policies_in_force
from tickets.sla.many import Reckoner, open_tickets
from tickets.sla.reckoning import (
    CLOCK_FIELDS,
    DUE_COLUMNS,
    DUE_FIELDS,
    NO_CLOCK,
    DueTimes,
    Facts,
    columns,
    company_day,
    due_times,
)

__all__ = [
    "CLOCK_FIELDS",
    "DUE_COLUMNS",
    "DUE_FIELDS",
    "NO_CLOCK",
    "Choice",
    "DueTimes",
    "Facts",
    "Misfit",
    "Reckoner",
    "choose",
    "columns",
    "company_day",
    "due_times",
    "open_tickets",
    "policies_in_force",
]
