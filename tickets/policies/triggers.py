"""When a rule is considered: which triggers an event of a ticket sets off, and what they ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, Problem
from core.models import Event
from tickets.choices import BY_TIME, UNFINISHED, CommentKind, Level, Status, Trigger

#: Fields whose change a rule may wait for: the name people use → the column of the event.
WATCHED: dict[str, str] = {
    "product": "product_id", "module": "module_id", "type": "type", "impact": "impact",
    "urgency": "urgency", "priority": "priority", "team": "team_id", "assignee": "assignee_id",
    "cause": "cause_id", "bounces": "bounces", "driver_state": "driver_state",
    "promised_on": "promised_on", "confidential": "confidential", "tags": "tags",
}  # fmt: skip
HOURS_MAX = 2000
_CLOCK = {"sla_warned": Trigger.SLA_WARNED, "sla_breached": Trigger.SLA_BREACHED}
_RETURNS = frozenset({"return", "decline"})


@dataclass(frozen=True)
class Asks:
    """What a trigger has to be told besides its kind: a name and how it is checked."""

    wrong: Callable[[Any], bool]
    message: Any
    remedy: Callable[[], str]
    required: bool = True


def _hours_wrong(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= HOURS_MAX


_HOURS = Asks(_hours_wrong, _("This is no number of working hours."), lambda: f"1 – {HOURS_MAX}")
_STATUS = Asks(
    lambda value: value not in Status.values,
    _("This value is not one of the choices."),
    lambda: ", ".join(Status.values),
)
#: Statuses a clock can wait in: a ticket that has ended waits for nothing.
_WAITING = Asks(
    lambda value: value not in UNFINISHED,
    _("This value is not one of the choices."),
    lambda: ", ".join(UNFINISHED),
)
_LEVEL = Asks(
    lambda value: isinstance(value, bool) or value not in Level.values,
    _("This value is not one of the choices."),
    lambda: "1, 2, 3, 4",
)
_FIELD = Asks(
    lambda value: value not in WATCHED,
    _("This value is not one of the choices."),
    lambda: ", ".join(WATCHED),
)
#: Parameters of each kind that has any.
ASKS: dict[str, dict[str, Asks]] = {
    Trigger.CHANGED: {"field": _FIELD},
    Trigger.STATUS: {"status": _STATUS},
    Trigger.LEVEL: {"level": _LEVEL},
    Trigger.IN_STATUS: {"status": _WAITING, "hours": _HOURS},
    Trigger.SILENT: {"hours": _HOURS},
    Trigger.BEFORE_DUE: {"hours": _HOURS},
}


def check_trigger(trigger: Any) -> dict[str, Any]:
    """`trigger` as it is kept. Raises BadInput naming each wrong parameter."""
    if not isinstance(trigger, Mapping) or trigger.get("kind") not in Trigger.values:
        found = trigger.get("kind", "") if isinstance(trigger, Mapping) else trigger
        raise BadInput(
            Problem("trigger", _("Choose when the rule runs."), ", ".join(Trigger.values),
                    str(found))
        )  # fmt: skip
    asked = ASKS.get(trigger["kind"], {})
    problems = [
        Problem(f"trigger_{name}", asks.message, asks.remedy(), str(trigger.get(name, "")))
        for name, asks in asked.items()
        if asks.wrong(trigger.get(name))
    ] + [
        Problem("trigger", _("This trigger takes no such parameter."), ", ".join(asked) or "–",
                str(name))
        for name in trigger
        if name != "kind" and name not in asked
    ]  # fmt: skip
    if problems:
        raise BadInput(*problems)
    return {"kind": trigger["kind"], **{name: trigger[name] for name in asked}}


def triggers_of(event: Event, requester_id: int) -> frozenset[str]:
    """The kinds of trigger an event of a ticket sets off."""
    found: set[str] = set()
    if event.verb == "submit":
        return frozenset({Trigger.SUBMITTED})
    if any(column in event.changes for column in WATCHED.values()):
        found.add(Trigger.CHANGED)
    if "status" in event.changes:
        found.add(Trigger.STATUS)
    if "level" in event.changes:
        found.add(Trigger.LEVEL)
    if event.verb in _RETURNS:
        found.add(Trigger.RETURNED)
    if event.verb == "reopen":
        found.add(Trigger.REOPENED)
    if event.verb in _CLOCK:
        found.add(_CLOCK[event.verb])
    if event.data.get("kind") == CommentKind.PUBLIC and event.actor_id is not None:
        by_requester = event.actor_id == requester_id
        found.add(Trigger.REQUESTER_REPLIED if by_requester else Trigger.AGENT_REPLIED)
    return frozenset(found)


def sets_off(trigger: Mapping[str, Any], event: Event, requester_id: int) -> bool:
    """Whether this very event is what the trigger waits for."""
    kind = trigger["kind"]
    if kind in BY_TIME or kind not in triggers_of(event, requester_id):
        return False
    if kind == Trigger.CHANGED:
        return WATCHED[trigger["field"]] in event.changes
    if kind in (Trigger.STATUS, Trigger.LEVEL):
        return bool(event.changes[kind][1] == trigger[kind])
    return True


def chain_of(event: Event) -> tuple[tuple[int, ...], str]:
    """The rules whose acts, one after another, led to this event, and what it began with."""
    rule = event.data.get("rule")
    if not isinstance(rule, Mapping):
        return (), ""
    return tuple(int(pk) for pk in rule.get("chain", ())), str(rule.get("root", ""))
