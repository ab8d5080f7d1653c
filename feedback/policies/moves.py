"""The one table of what may be done to a demand: from which statuses, to which, and by whom.

The actions, the pages, the API and the refusals read it; nothing else says where a verb is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import NotAllowed, Problem
from feedback.choices import DemandStatus
from feedback.errors import WrongState
from feedback.models import Demand
from feedback.policies.rights import is_owed, is_staff_of, may_steer, verifies
from tickets.choices import DriverState

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

S = DemandStatus


class Who(Enum):
    """Who makes a move."""

    STEER = "steer"  # staff of the product and the demand's product owner
    STAFF = "staff"  # staff of the product
    VERIFIER = "verifier"  # members of product operations, by name
    OWED = "owed"  # also whoever is owed word


_MAY: dict[Who, Callable[[Demand, User], bool]] = {
    Who.STEER: may_steer,
    Who.STAFF: lambda demand, user: is_staff_of(demand.product_id, user),
    Who.VERIFIER: verifies,
    Who.OWED: lambda demand, user: may_steer(demand, user) or is_owed(demand, user),
}
_REMEDY: dict[Who, StrPromise] = {
    Who.STEER: _("Ask product operations or the product owner."),
    Who.STAFF: _("Ask product operations of the product."),
    Who.VERIFIER: _("Ask a member of product operations to try it in production."),
    Who.OWED: _("Ask product operations or the product owner."),
}


@dataclass(frozen=True)
class Move:
    """One verb. `to` None: the status stays, or is what it was before (an undo)."""

    sources: frozenset[str]
    to: DemandStatus | None
    who: Who = Who.STEER


_UNDECIDED = frozenset({S.COLLECTED, S.EVALUATING})
_BUILDING = frozenset({S.SCHEDULED, S.IN_DEVELOPMENT, S.TESTING})
_RUNNING = _UNDECIDED | _BUILDING | {S.ACCEPTED}
_LIVE = frozenset(S.values) - {S.MERGED}

MOVES: dict[str, Move] = {
    "evaluate": Move(frozenset({S.COLLECTED, S.DEFERRED}), S.EVALUATING),
    "accept": Move(_UNDECIDED, S.ACCEPTED),
    "decline": Move(_UNDECIDED, S.DECLINED),
    "defer": Move(_UNDECIDED, S.DEFERRED),
    "appeal": Move(frozenset({S.DECLINED}), S.EVALUATING, Who.OWED),
    "schedule": Move(frozenset({S.ACCEPTED}), S.SCHEDULED),
    "date": Move(_BUILDING, None),
    "develop": Move(frozenset({S.SCHEDULED, S.ROLLED_BACK}), S.IN_DEVELOPMENT),
    "test": Move(frozenset({S.IN_DEVELOPMENT}), S.TESTING),
    "back_to_development": Move(frozenset({S.TESTING}), S.IN_DEVELOPMENT),
    "carry": Move(_BUILDING | {S.ACCEPTED}, None, Who.STAFF),
    "release": Move(frozenset({S.TESTING}), S.RELEASED, Who.STAFF),
    "verify": Move(frozenset({S.RELEASED}), None, Who.VERIFIER),
    "fail": Move(frozenset({S.RELEASED}), S.IN_DEVELOPMENT, Who.VERIFIER),
    "roll_back": Move(frozenset({S.RELEASED, S.CLOSED}), S.ROLLED_BACK, Who.STAFF),
    # Somebody says that it is not solved, or meets the defect again.
    "reopen": Move(frozenset({S.RELEASED, S.CLOSED}), S.IN_DEVELOPMENT, Who.OWED),
    "recur": Move(frozenset({S.RELEASED, S.CLOSED}), S.IN_DEVELOPMENT, Who.STAFF),
    "close": Move(frozenset({S.RELEASED}), S.CLOSED),
    "progress": Move(_RUNNING | {S.DEFERRED, S.RELEASED}, None),
    "quote": Move(_LIVE, None, Who.STAFF),
    "merge": Move(_RUNNING | {S.DEFERRED}, S.MERGED, Who.STAFF),
    "unmerge": Move(frozenset({S.MERGED}), None, Who.STAFF),
    "split": Move(_RUNNING | {S.DEFERRED}, None, Who.STAFF),
    "undo_split": Move(_RUNNING | {S.DEFERRED}, S.MERGED, Who.STAFF),
}  # fmt: skip

#: Into a demand of these others are merged: it has people to be told how it goes on.
MERGES_INTO = _RUNNING | {S.DEFERRED, S.RELEASED}


def may(verb: str, demand: Demand, user: User) -> bool:
    """Whether this person may do this to the demand as it is now."""
    move = MOVES[verb]
    return demand.status in move.sources and _stands(verb, demand) and _MAY[move.who](demand, user)


def _stands(verb: str, demand: Demand) -> bool:
    """What a status alone does not say: a released demand is verified, or it is not."""
    if verb in ("verify", "fail"):
        return demand.verified_at is None
    if verb == "undo_split":
        return demand.split_from_id is not None
    return verb != "close" or demand.verified_at is not None


def require(verb: str, demand: Demand, user: User | None) -> None:
    """Refuse whoever may not, and what the status does not allow. `user` None is the system.

    Raises `NotAllowed`, `WrongState`; the latter names what can be done instead.
    """
    move = MOVES[verb]
    if user is not None and not _MAY[move.who](demand, user):
        raise NotAllowed(
            Problem("", _("Your role does not allow this."), _REMEDY[move.who], user.name)
        )
    if demand.status in move.sources and _stands(verb, demand):
        return
    if demand.status in move.sources:
        raise WrongState(_UNFIT[verb](demand))
    raise WrongState(
        Problem(
            "status",
            _("The demand's present status does not allow this."),
            _("It can become: %(statuses)s.") % {"statuses": following(demand.status)},
            str(S(demand.status).label),
        )
    )


def _verified_already(demand: Demand) -> Problem:
    return Problem(
        "status", _("Only a released demand that nobody verified yet is verified."),
        _("Reload the page."), str(S(demand.status).label),
    )  # fmt: skip


def _not_verified(demand: Demand) -> Problem:
    return Problem(
        "status", _("Nobody has verified it in production yet."),
        _("Verify it first; then its people are asked, and the result can be reviewed."),
        str(S(demand.status).label),
    )  # fmt: skip


def _not_split(demand: Demand) -> Problem:
    return Problem(
        "status", _("This demand was not split off another one."),
        _("Merge it instead, if it says the same."), demand.ref,
    )  # fmt: skip


_UNFIT: dict[str, Callable[[Demand], Problem]] = {
    "verify": _verified_already,
    "fail": _verified_already,
    "close": _not_verified,
    "undo_split": _not_split,
}


def following(status: str) -> str:
    """The names of the statuses that can follow, for a refusal; "–" at an end."""
    found = {move.to for move in MOVES.values() if status in move.sources and move.to is not None}
    return ", ".join(str(S(name).label) for name in S.values if name in found) or "–"


def driver_state_of(demand: Demand) -> str:
    """What the tickets of a demand are told about it now, of people whom the release covers."""
    if demand.status in (S.RELEASED, S.CLOSED):
        return DriverState.VERIFIED if demand.verified_at is not None else DriverState.RELEASED
    if demand.status == S.DECLINED:
        return DriverState.DECLINED
    return DriverState.PENDING
