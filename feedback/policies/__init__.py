"""Who may do what to a demand and when, whom a release reaches, and what its gate lacks."""

from feedback.policies.coverage import Coverage, coverage_of
from feedback.policies.gate import GateRow, gate_of
from feedback.policies.moves import MERGES_INTO, MOVES, Who, driver_state_of, may, require
from feedback.policies.rights import (
    STAFF_ROLES,
    is_owed,
    is_staff_of,
    may_steer,
    require_staff,
    require_steer,
    verifies,
)

__all__ = [
    "MERGES_INTO",
    "MOVES",
    "STAFF_ROLES",
    "Coverage",
    "GateRow",
    "Who",
    "coverage_of",
    "driver_state_of",
    "gate_of",
    "is_owed",
    "is_staff_of",
    "may",
    "may_steer",
    "require",
    "require_staff",
    "require_steer",
    "verifies",
]
