"""Who may decide about demands, which moves exist, and what a release's gate still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import Rights, rights_of
from catalog.choices import PermissionRole
from core.errors import NotAllowed, Problem
from feedback.choices import MOVES, DemandStatus
from feedback.errors import WrongState
from feedback.models import Demand, Obligation, Release
from tickets.choices import DriverState

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

STAFF_ROLES = (PermissionRole.AGENT, PermissionRole.MANAGER)


def is_staff_of(product_id: int, user: User, rights: Rights | None = None) -> bool:
    """Product operations or a manager of the product."""
    rights = rights or rights_of(user)
    return any(rights.covers(role, product_id) for role in STAFF_ROLES)


def may_steer(demand: Demand, user: User) -> bool:
    """Decide, schedule, develop: staff of the product and the demand's product owner."""
    return demand.product_owner_id == user.pk or is_staff_of(demand.product_id, user)


def require_staff(product_id: int, user: User) -> None:
    if not is_staff_of(product_id, user):
        raise NotAllowed(
            Problem(
                "", _("Your role does not allow this."), _("Ask product operations of the product.")
            )
        )


def require_steer(demand: Demand, user: User) -> None:
    if not may_steer(demand, user):
        raise NotAllowed(
            Problem(
                "", _("Your role does not allow this."),
                _("Ask product operations or the product owner."),
            )
        )  # fmt: skip


def require_move(demand: Demand, status: str) -> None:
    """Refuse a move outside the table, naming the statuses that can follow."""
    if status in MOVES[demand.status]:
        return
    following = [str(DemandStatus(name).label) for name in sorted(MOVES[demand.status])]
    raise WrongState(
        Problem(
            "status",
            _("The demand's present status does not allow this."),
            _("It can become: %(statuses)s.") % {"statuses": ", ".join(following) or "–"},
            str(DemandStatus(demand.status).label),
        )
    )


def driver_state_of(demand: Demand) -> str:
    """What the tickets of a demand are told about it now."""
    if demand.status in (DemandStatus.RELEASED, DemandStatus.CLOSED):
        return DriverState.VERIFIED if demand.verified_at is not None else DriverState.RELEASED
    if demand.status == DemandStatus.DECLINED:
        return DriverState.DECLINED
    return DriverState.PENDING


def allowed_moves(demand: Demand, user: User) -> frozenset[str]:
    """The statuses this person may bring the demand to now."""
    return MOVES[demand.status] if may_steer(demand, user) else frozenset()


@dataclass(frozen=True)
class GateRow:
    """One row of the release gate. `key` is the field that fills it."""

    key: str
    label: StrPromise
    done: bool
    missing: StrPromise
    remedy: StrPromise


def gate_of(release: Release) -> list[GateRow]:
    """The gate of a release; one query, for people who asked since the list was seen."""
    return [
        GateRow(
            "pages_note", _("Manuals"), bool(release.pages_note or release.pages_unchanged),
            _("It is not said which manual pages changed."),
            _("Name the updated pages, or say that none changes."),
        ),
        GateRow(
            "announcement", _("Announcement"), bool(release.announcement),
            _("The announcement text is missing."), _("Say what it is and whom it concerns."),
        ),
        GateRow(
            "measures", _("What to measure"), bool(release.measures or release.measures_nothing),
            _("It is not said what to measure."),
            _("Name the events, or say that nothing needs measuring."),
        ),
        GateRow(
            "people_seen", _("Who will be told"), _people_seen(release),
            _("The list of who will be told was not seen, or has grown since."),
            _("Look through the list and confirm it."),
        ),
    ]  # fmt: skip


def _people_seen(release: Release) -> bool:
    if release.people_seen_at is None:
        return False
    return not Obligation.objects.filter(
        demand__release=release, created_at__gt=release.people_seen_at
    ).exists()
