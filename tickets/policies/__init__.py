"""Who may do what to a ticket, and what its contract still lacks.

Pure functions of a loaded ticket: no query of their own but for foreign keys that the caller
should have selected.
"""

from tickets.policies.contract import (
    CONTRACT_ROWS,
    DUE_AT_THE_END,
    ContractRow,
    RowState,
    applies,
    contract_of,
    level_reached,
    missing_rows,
    require_move_up,
    rows_due_at_resolve,
)
from tickets.policies.steps import Followed, procedure_of, required_steps
from tickets.policies.verbs import (
    VERBS,
    VerbRule,
    Who,
    allowed_verbs,
    may_help,
    require_verb,
    stands_as,
)

__all__ = [
    "CONTRACT_ROWS",
    "DUE_AT_THE_END",
    "VERBS",
    "ContractRow",
    "Followed",
    "RowState",
    "VerbRule",
    "Who",
    "allowed_verbs",
    "applies",
    "contract_of",
    "level_reached",
    "may_help",
    "missing_rows",
    "procedure_of",
    "require_move_up",
    "require_verb",
    "required_steps",
    "rows_due_at_resolve",
    "stands_as",
]
