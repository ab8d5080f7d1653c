"""The beats every action of tickets shares: take the row, record the change, announce it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from core import events, outbox
from core.models import Event
from core.prepared import Prepared
from core.searchkey import search_key
from tickets import sla
from tickets.choices import Resolution
from tickets.models import FormerText, Rule, Ticket
from tickets.notifications import followers, tell, visible_name
from tickets.policies import require_verb
from tickets.policies.triggers import triggers_of
from tickets.sla.closing import closing_day

#: What the contract reads: a move is stale when one of these changed since it was read.
CONTRACT_FIELDS = (
    "type", "product_id", "module_id", "module_not_sure", "impact", "team_id", "answer_page_id",
    "answer_gap", "suspected_module_id", "suspected_category", "suspected_cause", "evidence",
    "cause_id", "quote", "scenario", "frequency", "driver", "driver_state",
)  # fmt: skip
#: Related rows that guards must read after the lock.
_CHANGING = frozenset({"cause", "merged_into"})
#: A demand tells its dates itself; an undo tells once that something was taken back.
_TELLS_NO_DATE = frozenset({"driver", "undo"})
#: Under this name a return keeps what its hand-over said before.
HAND_OVER_NOTE = "hand_over_note"
_SEARCHED_FIELDS = frozenset({"title", "description"})
#: What is kept of a resolved ticket's silence (tickets.sla.closing); every other status ends it.
_NOT_SILENT: dict[str, Any] = {"silent_from": None, "answer_owed": False, "closes_on": None}


def take(
    ticket: Ticket,
    verb: str,
    user: User | None,
    seen_version: int | None,
    fields: Iterable[str],
) -> Ticket:
    """The ticket, locked, after the guards: may this person, in this status, on what they read."""
    row = events.lock(Ticket, ticket.pk)
    _keep_related(row, ticket)
    require_verb(row, verb, user)
    events.check_unchanged(row, seen_version, {"status", "level", *fields})
    return row


def _keep_related(row: Ticket, ticket: Ticket) -> None:
    """Give the locked row the related rows that were read with `ticket` and are still its own.

    Joining them all once more would be half the cost of an act. The cause is left out: its state
    is what guards look at, and it changes under a lock of its own.
    """
    known = ticket._state.fields_cache
    for field in Ticket._meta.concrete_fields:
        if field.name not in known or field.name in _CHANGING:
            continue
        if getattr(row, field.attname) == getattr(ticket, field.attname):
            row._state.fields_cache[field.name] = known[field.name]


def save(
    ticket: Ticket,
    verb: str,
    *,
    user: User | None,
    now: dt.datetime,
    fields: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
    told_elsewhere: bool = False,
) -> Event:
    """Record the change, keep due times and search key in step, tell whoever sees a new name.

    `reason` is told to the requester in words; the event keeps its hash only.
    """
    fields = dict(fields or {})
    data = dict(data or {})
    if "status" in fields:
        fields |= _silence_ends(ticket, fields)
    if reason:
        data["reason"] = events.sealed(ticket.salt, reason)
    before = visible_name(ticket.status, ticket.resolution)
    _keep_former_texts(ticket, fields, now)
    derived: dict[str, Any] = {"updated_at": now}
    event = events.change(
        ticket, verb, actor_id=user.pk if user else None, now=now, fields=fields, derived=derived,
        data=data,
    )  # fmt: skip
    _refresh(ticket, event)
    announce_to_rules(ticket, event, now=now)
    if "status" in event.changes and not told_elsewhere:
        announce_status(ticket, event, before, user=user, now=now, reason=reason)
    # The dates of a demand are told by the demand, to everybody who asked, once.
    promised = "promised_on" in event.changes and ticket.promised_on is not None
    if promised and verb not in _TELLS_NO_DATE:
        tell(
            ticket, event, "promised", {ticket.requester_id}, now=now,
            promised_on=events.plain(ticket.promised_on),
        )  # fmt: skip
    return event


def _silence_ends(ticket: Ticket, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of the silence is set, or about to be (an undo that puts it back), and must not be."""
    return {
        name: value
        for name, value in _NOT_SILENT.items()
        if fields.get(name) or getattr(ticket, name)
    }


def _keep_former_texts(ticket: Ticket, fields: Mapping[str, Any], now: dt.datetime) -> None:
    """The event will hold only a hash of a personal text: an undo needs the words before it."""
    for name in Ticket.SEALED_FIELDS & fields.keys():
        if (text := getattr(ticket, name)) and text != fields[name]:
            keep_former(ticket, name, text, now)


def keep_former(ticket: Ticket, field: str, text: str, now: dt.datetime) -> None:
    """Keep a text that the next event of the locked `ticket` replaces."""
    FormerText.objects.create(
        ticket=ticket, version=ticket.version + 1, field=field, text=text, created_at=now
    )


def _refresh(ticket: Ticket, event: Event) -> None:
    """Columns that follow from the change; recomputed, not recorded."""
    derived: dict[str, Any] = {}
    if sla.CLOCK_FIELDS & event.changes.keys():
        derived |= sla.columns(sla.due_times(ticket), ticket)
    if _SEARCHED_FIELDS & event.changes.keys():
        derived["search_key"] = key_of(ticket)
    if derived:
        for name, value in derived.items():
            setattr(ticket, name, value)
        ticket.save(update_fields=list(derived))


def key_of(ticket: Ticket) -> str:
    """What search finds the ticket by: its reference, title and description."""
    return search_key(ticket.ref, ticket.title, ticket.description)


def announce_status(
    ticket: Ticket,
    event: Event,
    before: str,
    *,
    user: User | None,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Tell requester and watchers when the name they see changed (not the one who did it)."""
    if visible_name(ticket.status, ticket.resolution) == before:
        return
    said = {"status": ticket.status, "resolution": ticket.resolution, "reason": reason}
    but = user.pk if user else None
    others = followers(ticket) - {ticket.requester_id}
    tell(ticket, event, "status", others, now=now, but=but, **said)
    # Only the requester answers, so only they read until when.
    day = closing_day(ticket, now) if ticket.resolution != Resolution.MOVED_TO_DEMAND else None
    if day is not None:
        said["closes_on"] = day.isoformat()
    tell(ticket, event, "status", {ticket.requester_id}, now=now, but=but, **said)


def announce_to_rules(ticket: Ticket, event: Event, *, now: dt.datetime) -> None:
    """Hand the event to the automation rules, when an active one waits for such an event."""
    if ticket.imported:
        return
    kinds = triggers_of(event, ticket.requester_id)
    if kinds and _rules_for(tuple(sorted(kinds))):
        outbox.news(
            "ticket.event", {"ticket_id": ticket.pk, "version": event.version},
            key=f"rules:ticket:{ticket.pk}:{event.version}", now=now,
        )  # fmt: skip


@Prepared
def _rules_for(kinds: tuple[str, ...]) -> QuerySet[Rule, int]:
    """An active rule that waits for one of these."""
    waiting = Rule.objects.active().filter(trigger_kind__in=kinds)
    return waiting.order_by().values_list("pk", flat=True)[:1]


def send_news(ticket: Ticket, event: Event, name: str, *, now: dt.datetime, **more: Any) -> None:
    """Tell the apps above, once per event."""
    if not ticket.imported:
        outbox.news(
            f"ticket.{name}",
            {"ticket_id": ticket.pk, **more},
            key=f"news:ticket:{ticket.pk}:{event.version}:{name}",
            now=now,
        )
