"""What a rule would have done: the moments of a time past at which it would have been considered.

Events give the moments and, folded up to there, the ticket as it stood. Nothing is written; the
acts' own effects are not carried on, so each moment is judged on what really happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.access import calendar_of
from core.events import fold
from core.models import Event
from core.worktime import NoWorkingTime, WorkCalendar, add_working, working_seconds
from tickets.choices import UNRESOLVED, CommentKind, Trigger
from tickets.models import Ticket
from tickets.policies.triggers import WATCHED, sets_off
from tickets.policies.verbs import VERBS
from tickets.search.conditions import Stood

#: Acts and the verb whose guard they meet first.
_VERB_OF = {
    "reply": "comment", "assign_by": "assign", "add_tag": "tag", "remove_tag": "tag",
    "tell": "note", "return": "return",
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """A ticket at a moment the rule would have been considered."""

    at: dt.datetime
    stood: Stood


def is_by_event(trigger: Mapping[str, Any]) -> bool:
    return trigger["kind"] in _EVENTS


def moments_of(
    trigger: Mapping[str, Any], since: dt.datetime, until: dt.datetime, after: int, limit: int
) -> tuple[list[Moment], int, int]:
    """The moments of the next `limit` events (or tickets) after the cursor `after`.

    Returns them, the new cursor and how many events or tickets were looked at; 0 is the end.
    """
    if is_by_event(trigger):
        return _of_events(trigger, since, until, after, limit)
    return _of_time(trigger, since, until, after, limit)


def total_of(trigger: Mapping[str, Any], since: dt.datetime, until: dt.datetime) -> int:
    """How many events or tickets there are to look at."""
    if is_by_event(trigger):
        return _events(trigger, since, until).count()
    return _lived(since, until).count()


def _events(trigger: Mapping[str, Any], since: dt.datetime, until: dt.datetime) -> QuerySet[Event]:
    return Event.objects.filter(
        _EVENTS[trigger["kind"]](trigger),
        subject=Ticket.SUBJECT, occurred_at__gte=since, occurred_at__lt=until, imported=False,
    )  # fmt: skip


def _of_events(
    trigger: Mapping[str, Any], since: dt.datetime, until: dt.datetime, after: int, limit: int
) -> tuple[list[Moment], int, int]:
    found = list(_events(trigger, since, until).filter(pk__gt=after).order_by("pk")[:limit])
    if not found:
        return [], after, 0
    pks = {event.subject_id for event in found}
    tickets = dict(
        Ticket.objects.filter(pk__in=pks, imported=False).values_list("pk", "requester_id")
    )
    histories = _histories(list(tickets))
    moments = [
        Moment(event.occurred_at, _stood(event.subject_id, histories, event.version))
        for event in found
        if event.subject_id in tickets and sets_off(trigger, event, tickets[event.subject_id])
    ]
    return moments, found[-1].pk, len(found)


def _histories(pks: Sequence[int]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {pk: [] for pk in pks}
    rows = Event.objects.filter(subject=Ticket.SUBJECT, subject_id__in=pks)
    for event in rows.order_by("subject_id", "version"):
        found[event.subject_id].append(event)
    return found


def _stood(pk: int, histories: Mapping[int, list[Event]], version: int) -> Stood:
    upto = [event for event in histories[pk] if event.version <= version]
    return Stood(pk, version, fold(Ticket, upto))


def _lived(since: dt.datetime, until: dt.datetime) -> QuerySet[Ticket]:
    """Tickets that were there in the period: not ended before it, not begun after it."""
    ended = Q(closed_at__lt=since) | Q(cancelled_at__lt=since)
    return Ticket.objects.filter(imported=False, submitted_at__lt=until).exclude(
        ended & Q(status__in=("closed", "cancelled"))
    )


def _of_time(
    trigger: Mapping[str, Any], since: dt.datetime, until: dt.datetime, after: int, limit: int
) -> tuple[list[Moment], int, int]:
    rows = _lived(since, until).filter(pk__gt=after).select_related("team__calendar")
    batch = list(rows.order_by("pk")[:limit])
    if not batch:
        return [], after, 0
    histories = _histories([ticket.pk for ticket in batch])
    moments = []
    for ticket in batch:
        calendar = calendar_of(ticket.team) if ticket.team is not None else WorkCalendar()
        for at in _CLOCKS[trigger["kind"]](trigger, ticket, histories[ticket.pk], calendar):
            if since <= at < until:
                version = max(
                    (e.version for e in histories[ticket.pk] if e.occurred_at <= at), default=1
                )
                moments.append(Moment(at, _stood(ticket.pk, histories, version)))
    return moments, batch[-1].pk, len(batch)


_Clock = Callable[[Mapping[str, Any], Ticket, list[Event], WorkCalendar], Iterator[dt.datetime]]


def _in_status(
    trigger: Mapping[str, Any], ticket: Ticket, events: list[Event], calendar: WorkCalendar
) -> Iterator[dt.datetime]:
    """Each visit of the status that lasted long enough."""
    entered: dt.datetime | None = None
    for event in events:
        # A submission leaves `new` to the default, so it stands in no change.
        after = "new" if event.verb == "submit" else event.changes.get("status", (None, None))[1]
        if after is None:
            continue
        if entered is not None:
            yield from _reached(entered, trigger["hours"], event.occurred_at, calendar)
        entered = event.occurred_at if after == trigger["status"] else None
    if entered is not None:
        yield from _reached(entered, trigger["hours"], None, calendar)


def _silent(
    trigger: Mapping[str, Any], ticket: Ticket, events: list[Event], calendar: WorkCalendar
) -> Iterator[dt.datetime]:
    """Each pause between public replies (or until it was resolved) that lasted long enough."""
    last: dt.datetime | None = ticket.submitted_at
    for event in events:
        status = event.changes.get("status", (None, None))[1]
        spoke = event.data.get("kind") == CommentKind.PUBLIC and event.actor_id is not None
        if not spoke and status is None:
            continue
        ended = status is not None and status not in UNRESOLVED
        if last is not None and (spoke or ended):
            yield from _reached(last, trigger["hours"], event.occurred_at, calendar)
        if ended:
            last = None
        elif spoke or last is None:
            last = event.occurred_at
    if last is not None:
        yield from _reached(last, trigger["hours"], None, calendar)


def _reached(
    since: dt.datetime, hours: int, until: dt.datetime | None, calendar: WorkCalendar
) -> Iterator[dt.datetime]:
    try:
        at = add_working(calendar, since, hours * 3600)
    except NoWorkingTime:
        return
    if until is None or at < until:
        yield at


def _before_due(
    trigger: Mapping[str, Any], ticket: Ticket, events: list[Event], calendar: WorkCalendar
) -> Iterator[dt.datetime]:
    """Against the due time of today: what it was before is not recorded."""
    due = ticket.resolution_due_at
    if due is None:
        return
    left = working_seconds(calendar, ticket.submitted_at, due) - trigger["hours"] * 3600
    at = add_working(calendar, ticket.submitted_at, max(left, 0))
    ended = ticket.resolved_at or ticket.cancelled_at
    if ended is None or at < ended:
        yield at


_CLOCKS: dict[str, _Clock] = {
    Trigger.IN_STATUS: _in_status,
    Trigger.SILENT: _silent,
    Trigger.BEFORE_DUE: _before_due,
}
_SPOKEN = Q(data__kind=CommentKind.PUBLIC)
_EVENTS: dict[str, Callable[[Mapping[str, Any]], Q]] = {
    Trigger.SUBMITTED: lambda trigger: Q(verb="submit"),
    Trigger.CHANGED: lambda trigger: Q(changes__has_key=WATCHED[trigger["field"]]),
    Trigger.STATUS: lambda trigger: Q(changes__has_key="status") & ~Q(verb="submit"),
    Trigger.LEVEL: lambda trigger: Q(changes__has_key="level") & ~Q(verb="submit"),
    Trigger.REQUESTER_REPLIED: lambda trigger: _SPOKEN,
    Trigger.AGENT_REPLIED: lambda trigger: _SPOKEN,
    Trigger.RETURNED: lambda trigger: Q(verb__in=("return", "decline")),
    Trigger.REOPENED: lambda trigger: Q(verb="reopen"),
    Trigger.SLA_WARNED: lambda trigger: Q(verb="sla_warned"),
    Trigger.SLA_BREACHED: lambda trigger: Q(verb="sla_breached"),
}


def act_in_the_way(acts: Sequence[Mapping[str, Any]], stood: Stood) -> str:
    """The verb of the first act the ticket's status then would have refused; "" when none."""
    status = stood.columns["status"]
    for act in acts:
        rule = VERBS.get(_VERB_OF.get(act["verb"], act["verb"]))
        if rule is not None and status not in rule.statuses:
            return str(act["verb"])
        if act["verb"] == "assign_by" and stood.columns["assignee_id"] is not None:
            return "assign_by"
    return ""
