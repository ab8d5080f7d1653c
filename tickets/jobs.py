"""What a worker does for tickets when an outbox row names it; each is safe to run twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tickets.actions import bursting, voices
from tickets.actions.bulk import continue_in_background
from tickets.actions.known_issues import tell_everybody
from tickets.actions.reckoning import continue_due_run
from tickets.actions.rehearsing import rehearse
from tickets.models import BulkRun, Cause


def go_on_with_bulk_run(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """The next batch of a bulk run; nothing where it was stopped or is over."""
    run = BulkRun.objects.select_related("started_by").get(pk=payload["run_id"])
    continue_in_background(run, int(payload["part"]), now=now)


def rehearse_rule(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """One slice of a dry run."""
    rehearse(payload["trial_id"], payload["cursor"], now)


def attach_to_cause(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """A ticket of a burst joins the known issue and hears the workaround."""
    bursting.attach_to_cause(payload["cause_id"], payload["ticket_id"], payload["user_id"], now)


def reply_to_all(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """One of the replies to all tickets of a cause."""
    bursting.reply_to_one(
        payload["ticket_id"], payload["user_id"], payload["body"], payload["key"], now
    )


def reckon_due_times(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Some steps of a run over all open tickets; it asks for its next job itself."""
    continue_due_run(payload["run_id"], now=now)


def tell_known_issue(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Tell the requesters of a known issue's tickets what they can do meanwhile."""
    cause = Cause.objects.filter(pk=payload["cause_id"]).first()
    if cause is not None:
        tell_everybody(cause, now=now)


def ask_same_heres(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Ask everybody who said "same here" of a cause, or of a ticket, whether it works."""
    voices.ask_same_heres(now, **{key: int(value) for key, value in payload.items()})
