"""The only writers of facts, roll-ups, snapshots and what people add to a report."""

from reports.actions.editing import agree_action, edit_conclusion, end_action
from reports.actions.facts import follow_touched, rebuild_facts, recompute_tickets
from reports.actions.snapshots import (
    correct_snapshot,
    make_due_snapshots,
    make_snapshot,
    order_snapshot,
)

__all__ = [
    "agree_action",
    "correct_snapshot",
    "edit_conclusion",
    "end_action",
    "follow_touched",
    "make_due_snapshots",
    "make_snapshot",
    "order_snapshot",
    "rebuild_facts",
    "recompute_tickets",
]
