"""Rows of satisfaction: what requesters said, and how many of those who could have said it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from core.events import fold
from reports.policies.loop_rows import Known
from reports.policies.rows import Row, ticket_row
from tickets.choices import Score
from tickets.models import Rating, Ticket


def rating_rows(known: Known, closed: Iterable[Row]) -> list[Row]:
    """`satisfaction`: ratings given in the period, as they stood at its end (amount 1: satisfied).
    `rating_response`: tickets closed in it that are not imported; amount 1 where rated by then.

    `closed`: the rows of tickets confirmed or closed by silence in the period.
    """
    ended = {row.subject_id: row for row in closed}
    said = {event.subject_id for event in known.inside(Rating.SUBJECT)}
    of_ended = Rating.objects.filter(ticket_id__in=ended).values_list("pk", flat=True)
    histories = known.histories(Rating.SUBJECT, {*said, *of_ended})
    states = {pk: fold(Rating, history) for pk, history in histories.items()}
    rated = {state["ticket_id"] for state in states.values()}
    new = [states[pk] for pk in sorted(said) if pk in states]
    places = known.histories(Ticket.SUBJECT, [state["ticket_id"] for state in new])
    return [
        *(_said(state, fold(Ticket, places[state["ticket_id"]])) for state in new),
        *(
            row._replace(figure="rating_response", amount=int(pk in rated))
            for pk, row in ended.items()
        ),
    ]


def _said(state: dict[str, Any], ticket: dict[str, Any]) -> Row:
    reason = "dissatisfied" if state["score"] == Score.DISSATISFIED else ""
    return ticket_row(
        "satisfaction", state["ticket_id"], dt.datetime.fromisoformat(state["rated_at"]), ticket,
        amount=int(state["score"] == Score.SATISFIED), reason=reason,
    )  # fmt: skip
