"""Rows of self-service (自助解决率): one per session of the cohort whose seven days are over.

Counted (amount 1): an explicit "this solved it" that stood at the end of the report, and no ticket
or "same here" of that person on that product from the session's start until seven days after.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from core.events import fold
from core.models import Event
from reports.policies.rows import Row
from tickets.choices import SameHereState
from tickets.models import HelpSession, SameHere, SelfService, Ticket
from tickets.querysets import SELF_SERVICE_WINDOW

#: What a session's row is about; no page of its own, the list stands for itself.
SUBJECT = "help_session"
#: A person on a product.
_Asker = tuple[int, int]


def help_rows(
    since: dt.datetime, until: dt.datetime, ends_at: dt.datetime, as_of: dt.datetime | None = None
) -> Iterator[Row]:
    """Sessions begun from `since` to `until`, as they stood at `ends_at` and was known `as_of`."""
    sessions = list(
        HelpSession.objects.filter(is_shown=True, started_at__gte=since, started_at__lt=until)
        .exclude(product=None)
        .order_by("pk")
    )
    if not sessions:
        return
    said = _said({session.pk for session in sessions}, ends_at, as_of)
    asked = _asked({session.person_id for session in sessions}, since, ends_at, as_of)
    for session in sessions:
        word = said.get(session.pk)
        product_id: int = word["product_id"] if word else session.product_id or 0
        solved_at = dt.datetime.fromisoformat(word["solved_at"]) if word else None
        over = (solved_at or session.started_at) + SELF_SERVICE_WINDOW
        if over > ends_at:
            continue
        times = asked[session.person_id, product_id]
        followed = any(session.started_at <= at < over for at in times)
        yield Row(
            "self_service", SUBJECT, session.pk, session.started_at,
            int(solved_at is not None and not followed), product_id,
            department_id=session.department_id,
        )  # fmt: skip


def _events(subject: str, ends_at: dt.datetime, as_of: dt.datetime | None) -> Any:
    found = Event.objects.filter(subject=subject, occurred_at__lt=ends_at)
    return found if as_of is None else found.filter(recorded_at__lte=as_of)


def _folds(
    model: Any, pks: set[int], ends_at: dt.datetime, as_of: dt.datetime | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = _events(model.SUBJECT, ends_at, as_of).filter(subject_id__in=pks)
    found = rows.order_by("subject_id", "version")
    for pk, history in groupby(found, key=attrgetter("subject_id")):
        yield pk, fold(model, history)


def _said(
    session_ids: set[int], ends_at: dt.datetime, as_of: dt.datetime | None
) -> dict[int, dict[str, Any]]:
    """The words that stood then, by session."""
    rows = SelfService.objects.filter(session_id__in=session_ids)
    pks = set(rows.values_list("pk", flat=True))
    return {
        state["session_id"]: state
        for _pk, state in _folds(SelfService, pks, ends_at, as_of)
        if state["taken_back_at"] is None
    }


def _asked(
    people: set[int], since: dt.datetime, ends_at: dt.datetime, as_of: dt.datetime | None
) -> dict[_Asker, list[dt.datetime]]:
    """When each of the people asked about which product: the product as it was known then."""
    found: dict[_Asker, list[dt.datetime]] = defaultdict(list)
    tickets = Ticket.objects.filter(
        requester_id__in=people, submitted_at__gte=since, submitted_at__lt=ends_at
    )
    times = {pk: (who, at) for pk, who, at in tickets.values_list("pk", "requester_id",
                                                                  "submitted_at")}  # fmt: skip
    for pk, state in _folds(Ticket, set(times), ends_at, as_of):
        who, at = times[pk]
        found[who, state["product_id"]].append(at)
    voices = SameHere.objects.filter(
        person_id__in=people, said_at__gte=since, said_at__lt=ends_at
    ).select_related("cause", "ticket")
    # As of the end: what is taken back later was said.
    for voice in voices.exclude(state=SameHereState.TAKEN_BACK, answered_at__lt=ends_at):
        about = voice.cause or voice.ticket
        if about is not None:
            found[voice.person_id, about.product_id].append(voice.said_at)
    return found
