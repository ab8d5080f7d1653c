"""The facts of one ticket, its open spans and its days, from its log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from reports.events.counting import counted, open_spans
from reports.events.reading import TicketLog
from reports.policies.clocks import Clocks
from reports.policies.weeks import company_day
from tickets.choices import Resolution, Status

FACT_COLUMNS = (
    "ticket_id", "source_version", "product_id", "module_id", "department_id", "team_id",
    "requester_id", "channel", "type", "impact", "priority", "status", "cause_id",
    "resolved_level", "is_relay_only", "is_cited", "is_imported", "bounces", "reopened_times",
    "promised_on", "submitted_at", "first_response_at", "last_resolved_at", "closed_at",
    "cancelled_at", "response_working", "resolution_working", "resolution_wall",
)  # fmt: skip
SPAN_COLUMNS = ("ticket_id", "starts_at", "ends_at")
DAY_COLUMNS = (
    "ticket_id", "day", "figure", "amount", "product_id", "module_id", "department_id", "type",
)  # fmt: skip
_SAME = (
    "product_id", "module_id", "department_id", "team_id", "requester_id", "channel", "type",
    "impact", "priority", "status", "cause_id", "resolved_level", "bounces", "reopened_times",
    "promised_on", "submitted_at", "first_response_at",
)  # fmt: skip


class Derived(NamedTuple):
    """Everything stored about one ticket, as rows in the order of the columns above."""

    fact: tuple[Any, ...]
    spans: list[tuple[Any, ...]]
    days: list[tuple[Any, ...]]


def derive(log: TicketLog, cited: Collection[int], clocks: Clocks) -> Derived:
    """Fold a log into rows. `cited`: tickets that a published insight cites."""
    spans = [(log.pk, start, end) for start, end in open_spans(log)]
    days = [
        (
            log.pk, company_day(moment.at), str(figure), 1, state["product_id"],
            state["module_id"], state["department_id"], state["type"],
        )
        for figure, moment, state in counted(log)
    ]  # fmt: skip
    values = _fact(log, cited, clocks)
    return Derived(tuple(values[name] for name in FACT_COLUMNS), spans, days)


def _fact(log: TicketLog, cited: Collection[int], clocks: Clocks) -> dict[str, Any]:
    state = log.state
    submitted, responded = state["submitted_at"], state["first_response_at"]
    resolved = _last(log, (Status.RESOLVED, Status.CLOSED), first_of_run=True)
    is_over = state["status"] in (Status.RESOLVED, Status.CLOSED)
    team = state["team_id"]
    return {
        **{name: state[name] for name in _SAME},
        "ticket_id": log.pk,
        "source_version": log.moments[-1].version,
        "is_relay_only": is_over
        and state["resolution"] == Resolution.OUTSIDE
        and state["relayed_to_id"] is not None,
        "is_cited": log.pk in cited,
        "is_imported": log.imported,
        "last_resolved_at": resolved,
        "closed_at": _last(log, (Status.CLOSED,)) if state["status"] == Status.CLOSED else None,
        "cancelled_at": _last(log, (Status.CANCELLED,))
        if state["status"] == Status.CANCELLED
        else None,
        "response_working": clocks.working(team, submitted, responded) if responded else None,
        "resolution_working": clocks.working(team, submitted, resolved) if resolved else None,
        "resolution_wall": int((resolved - submitted).total_seconds()) if resolved else None,
    }


def _last(
    log: TicketLog, statuses: tuple[str, ...], *, first_of_run: bool = False
) -> dt.datetime | None:
    """When the ticket last came into one of `statuses` (from outside them, or at all)."""
    found, was = None, ""
    for moment in log.moments:
        now = moment.state["status"]
        if now in statuses and now != was and not (first_of_run and was in statuses):
            found = moment.at
        was = now
    return found
