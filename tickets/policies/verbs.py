"""Who may do what to a ticket in which status: one table of verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import Rights, rights_of
from catalog.choices import PermissionRole
from core.errors import NotAllowed, Problem
from tickets.choices import UNRESOLVED, Status
from tickets.errors import WrongState
from tickets.models import Ticket


class Who(StrEnum):
    """How a person stands to a ticket."""

    REQUESTER = "requester"
    AGENT = "agent"
    OUTSIDE = "outside"
    OWNER = "owner"
    MANAGER = "manager"
    WATCHER = "watcher"
    #: A colleague of the desk or an owner whom staff added to ask for help: reads notes too.
    HELPER = "helper"


def stands_as(
    ticket: Ticket,
    user: User,
    rights: Rights | None = None,
    watchers: Mapping[int, int] | None = None,
) -> frozenset[Who]:
    """Everything this person is to this ticket.

    `watchers` (person → who added them) is asked of the database when it is not given.
    """
    rights = rights or rights_of(user)
    found = set()
    if ticket.requester_id == user.pk:
        found.add(Who.REQUESTER)
    path = ticket.department.path if ticket.department is not None else ""
    if rights.covers(PermissionRole.AGENT, ticket.product_id, path) and (
        not ticket.confidential or ticket.assignee_id == user.pk
    ):
        found.add(Who.AGENT)
    if rights.covers(PermissionRole.MANAGER, ticket.product_id, path):
        found.add(Who.MANAGER)
    if ticket.relayed_to_id is not None and ticket.relayed_to_id in rights.team_ids:
        found.add(Who.OUTSIDE)
    if ticket.cause is not None and ticket.cause.owner_id == user.pk:
        found.add(Who.OWNER)
    # Asked of the database only for who is nothing else here.
    if not found:
        if watchers is None:
            watchers = dict(
                ticket.watchers.filter(user_id=user.pk).values_list("user_id", "added_by_id")
            )
        if user.pk in watchers:
            found.add(Who.WATCHER)
            # Whom the requester lets in reads what the requester reads.
            if watchers[user.pk] not in (ticket.requester_id, user.pk) and may_help(rights):
                found.add(Who.HELPER)
    return frozenset(found)


def may_help(rights: Rights) -> bool:
    """Whether this person may read notes where staff added them: staff anywhere, and owners."""
    return rights.is_staff or rights.is_owner


@dataclass(frozen=True)
class VerbRule:
    """From which statuses, and by whom, a verb may be used."""

    statuses: frozenset[str]
    who: frozenset[Who]


_STAFF = frozenset({Who.AGENT, Who.MANAGER})
_ALL = frozenset(Status.values)
_WORKING = frozenset(UNRESOLVED)

VERBS: dict[str, VerbRule] = {
    "edit": VerbRule(_ALL - {Status.CANCELLED}, _STAFF),
    "comment": VerbRule(_ALL, frozenset(Who)),
    "note": VerbRule(_ALL, _STAFF | {Who.OUTSIDE, Who.OWNER, Who.HELPER}),
    "tick": VerbRule(_WORKING, _STAFF | {Who.OUTSIDE, Who.OWNER}),
    "watch": VerbRule(_ALL, _STAFF | {Who.REQUESTER}),
    "claim": VerbRule(_WORKING, frozenset({Who.AGENT})),
    "assign": VerbRule(_WORKING, _STAFF),
    "transfer": VerbRule(_WORKING, _STAFF),
    "ask": VerbRule(
        frozenset({Status.NEW, Status.OPEN, Status.ON_HOLD}), _STAFF | {Who.OUTSIDE, Who.OWNER}
    ),
    "relay": VerbRule(frozenset({Status.NEW, Status.OPEN}), _STAFF),
    "return_relay": VerbRule(frozenset({Status.ON_HOLD, Status.PENDING}), frozenset({Who.OUTSIDE})),
    "deliver_relay": VerbRule(frozenset({Status.ON_HOLD, Status.PENDING}), _STAFF | {Who.OUTSIDE}),
    "move_up": VerbRule(frozenset({Status.NEW, Status.OPEN}), _STAFF),
    "return": VerbRule(frozenset({Status.OPEN, Status.ON_HOLD}), _STAFF),
    "link_cause": VerbRule(_WORKING, _STAFF),
    "push": VerbRule(frozenset({Status.NEW, Status.OPEN}), _STAFF),
    "drive": VerbRule(frozenset({Status.NEW, Status.OPEN}), _STAFF),
    "resolve": VerbRule(_WORKING, _STAFF),
    "confirm": VerbRule(frozenset({Status.RESOLVED}), frozenset({Who.REQUESTER})),
    "rate": VerbRule(frozenset({Status.CLOSED}), frozenset({Who.REQUESTER})),
    "reopen": VerbRule(frozenset({Status.RESOLVED, Status.CLOSED}), _STAFF | {Who.REQUESTER}),
    "withdraw": VerbRule(frozenset({*UNRESOLVED, Status.RESOLVED}), frozenset({Who.REQUESTER})),
    "reject": VerbRule(frozenset({*UNRESOLVED, Status.RESOLVED}), _STAFF),
    "merge": VerbRule(frozenset({*UNRESOLVED, Status.RESOLVED}), _STAFF),
    "link": VerbRule(_ALL, _STAFF),
    "split": VerbRule(_ALL - {Status.CANCELLED}, frozenset({Who.AGENT})),
    #: Only one's own acts are undone; `actions.undo_act` looks at who did them.
    "undo": VerbRule(_ALL, frozenset(Who)),
    "restore": VerbRule(frozenset({Status.CANCELLED}), _STAFF | {Who.REQUESTER}),
}


def allowed_verbs(ticket: Ticket, user: User, rights: Rights | None = None) -> frozenset[str]:
    """The verbs this person may use on this ticket now."""
    standing = stands_as(ticket, user, rights)
    return frozenset(
        verb
        for verb, rule in VERBS.items()
        if ticket.status in rule.statuses and standing & rule.who
    )


def require_verb(ticket: Ticket, verb: str, user: User | None) -> None:
    """Refuse a person who may never use this verb here, then a status that forbids it.

    `user` None is the system itself (auto-confirm, a demand's release).
    """
    rule = VERBS[verb]
    if user is not None and not stands_as(ticket, user) & rule.who:
        raise NotAllowed(
            Problem("", _("Your role does not allow this."), _("Ask an agent of the product."))
        )
    if ticket.status not in rule.statuses:
        raise WrongState(
            Problem(
                "status",
                _("The ticket's present status does not allow this."),
                _("Reload the page to see what can be done now."),
                str(Status(ticket.status).label),
            )
        )
