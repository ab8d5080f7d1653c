"""The facts of one ticket, its open spans and its days, from its log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from reports.events.counting import Counted, open_spans
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
_OVER = (Status.RESOLVED, Status.CLOSED)
_SAME = (
    "product_id", "module_id", "department_id", "team_id", "requester_id", "channel", "type",
    "impact", "priority", "status", "cause_id", "resolved_level", "bounces", "reopened_times",
    "submitted_at", "first_response_at",
)  # fmt: skip


class Derived(NamedTuple):
    """Everything stored about one ticket, as rows in the order of the columns above."""

    fact: tuple[Any, ...]
    spans: list[tuple[Any, ...]]
    days: list[tuple[Any, ...]]


def derive(
    log: TicketLog, found: Iterable[Counted], cited: Collection[int], clocks: Clocks
) -> Derived:
    """Fold a log into rows. `found`: what is counted of it; `cited`: tickets that a published
    insight cites."""
    spans = [(log.pk, start, end) for start, end in open_spans(log)]
    days = [
        (
            log.pk, company_day(moment.at), figure, 1, state["product_id"],
            state["module_id"], state["department_id"], state["type"],
        )
        for figure, moment, state in found
    ]  # fmt: skip
    values = _fact(log, cited, clocks)
    return Derived(tuple(values[name] for name in FACT_COLUMNS), spans, days)


def _fact(log: TicketLog, cited: Collection[int], clocks: Clocks) -> dict[str, Any]:
    state = log.state
    submitted, responded = state["submitted_at"], state["first_response_at"]
    turns = _turns(log)
    resolved = next((at for at, was, now in turns if now in _OVER and was not in _OVER), None)
    ended = turns[0][0] if state["status"] in (Status.CLOSED, Status.CANCELLED) else None
    is_over = state["status"] in _OVER
    team, promised = state["team_id"], state["promised_on"]
    return {
        **{name: state[name] for name in _SAME},
        "promised_on": dt.date.fromisoformat(promised) if promised else None,
        "ticket_id": log.pk,
        "source_version": log.moments[-1].version,
        "is_relay_only": is_over
        and state["resolution"] == Resolution.OUTSIDE
        and state["relayed_to_id"] is not None,
        "is_cited": log.pk in cited,
        "is_imported": log.imported,
        "last_resolved_at": resolved,
        "closed_at": ended if state["status"] == Status.CLOSED else None,
        "cancelled_at": ended if state["status"] == Status.CANCELLED else None,
        "response_working": clocks.working(team, submitted, responded) if responded else None,
        "resolution_working": clocks.working(team, submitted, resolved) if resolved else None,
        "resolution_wall": int((resolved - submitted).total_seconds()) if resolved else None,
    }


def _turns(log: TicketLog) -> list[tuple[dt.datetime, str, str]]:
    """When the status changed, from what ("" at first) to what; the newest first."""
    found: list[tuple[dt.datetime, str, str]] = []
    was = ""
    for moment in log.moments:
        now = moment.state["status"]
        if now != was:
            found.append((moment.at, was, now))
            was = now
    return found[::-1]
