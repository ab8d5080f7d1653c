"""The filter of a list of tickets: fields, operators and values as an address says them."""

from tickets.search.filters.condition import Asking, Condition
from tickets.search.filters.kinds import Meant
from tickets.search.filters.reading import (
    NO_FILTER,
    TICKETS,
    Book,
    Chip,
    Filter,
    checked_filter,
    field_of,
    meaning_of,
    read_filter,
)
from tickets.search.filters.table import ALONE, FIELDS, GROUPS, OPERATORS, Field, fields

__all__ = [
    "ALONE",
    "FIELDS",
    "GROUPS",
    "NO_FILTER",
    "OPERATORS",
    "TICKETS",
    "Asking",
    "Book",
    "Chip",
    "Condition",
    "Field",
    "Filter",
    "Meant",
    "checked_filter",
    "field_of",
    "fields",
    "meaning_of",
    "read_filter",
]
