"""The only writers of facts, roll-ups, snapshots and what people add to a report."""

from reports.actions.editing import agree_action, edit_conclusion, end_action
from reports.actions.facts import follow_touched, recompute_tickets
from reports.actions.outlooks import make_due_outlook, make_outlook
from reports.actions.rebuilding import rebuild_facts
from reports.actions.snapshots import (
    correct_snapshot,
    make_due_snapshots,
    make_snapshot,
    order_snapshot,
)
from reports.actions.subscribing import (
    follow_deliveries,
    mark_report_read,
    send_due_reports,
    subscribe,
    unsubscribe,
)
from reports.actions.targeting import set_target

__all__ = [
    "agree_action",
    "correct_snapshot",
    "edit_conclusion",
    "end_action",
    "follow_deliveries",
    "follow_touched",
    "make_due_outlook",
    "make_due_snapshots",
    "make_outlook",
    "make_snapshot",
    "mark_report_read",
    "order_snapshot",
    "rebuild_facts",
    "recompute_tickets",
    "send_due_reports",
    "set_target",
    "subscribe",
    "unsubscribe",
]
