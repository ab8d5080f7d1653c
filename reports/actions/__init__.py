"""The only writers of facts, roll-ups and snapshots."""

from reports.actions.facts import follow_touched, rebuild_facts, recompute_tickets
from reports.actions.snapshots import (
    correct_snapshot,
    make_due_snapshots,
    make_snapshot,
    order_snapshot,
)

__all__ = [
    "correct_snapshot",
    "follow_touched",
    "make_due_snapshots",
    "make_snapshot",
    "order_snapshot",
    "rebuild_facts",
    "recompute_tickets",
]
