"""Releases: bundle demands, fill the gate, publish, verify, roll back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from core import events
from core.changes import checked_text
from core.errors import BadInput, Problem
from feedback.actions.answering import reopen
from feedback.actions.deciding import move, take_demand, tell_tickets
from feedback.actions.owing import (
    ROLLED_BACK,
    end_untold,
    open_round,
    open_rounds,
    take_back,
    was_told,
)
from feedback.choices import DemandStatus, ReleaseStatus, RoundKind, RoundState
from feedback.errors import GateUnmet, WrongState
from feedback.models import Demand, Release, Round
from feedback.policies import gate_of, require, require_staff
from tickets.choices import DriverState

#: What `fill_gate` accepts.
GATE_FIELDS = (
    "planned_on", "pages_note", "pages_unchanged", "announcement", "measures", "measures_nothing",
)  # fmt: skip


def create_release(
    product: Product,
    name: str,
    *,
    planned_on: dt.date | None = None,
    acting_user: User,
    now: dt.datetime,
) -> Release:
    """A version of a product that will carry demands."""
    name = checked_text("name", name, maximum=80)
    require_staff(product.pk, acting_user)
    if Release.objects.filter(product=product, name=name).exists():
        raise BadInput(
            Problem(
                "name", _("This product has a release of that name already."),
                _("Choose another name."), name,
            )
        )  # fmt: skip
    release = Release(product=product, name=name, planned_on=planned_on, created_at=now)
    events.create(release, "create", actor_id=acting_user.pk, now=now)
    return release


def _take_release(
    release: Release, user: User, status: str, seen_version: int | None, *fields: str
) -> Release:
    row = events.lock(Release, release.pk)
    require_staff(row.product_id, user)
    events.check_unchanged(row, seen_version, {"status", *fields})
    if row.status != status:
        raise WrongState(
            Problem(
                "status", _("The release's present status does not allow this."),
                _("Reload the page to see what can be done now."),
                str(ReleaseStatus(row.status).label),
            )
        )  # fmt: skip
    return row


def put_in_release(
    demand: Demand, release: Release | None, *, acting_user: User, now: dt.datetime
) -> Demand:
    """Let a planned release carry the demand, or take it out of one (`release` None)."""
    with transaction.atomic():
        # Releases before demands: publishing takes them in this order too.
        ids = {demand.release_id, release.pk if release else None}
        for pk in sorted(pk for pk in ids if pk is not None):
            forget_people_seen(events.lock(Release, pk), acting_user, now)
        row = take_demand(demand, acting_user, "carry", None)
        if release is not None:
            locked = _take_release(release, acting_user, ReleaseStatus.PLANNED, None)
            if locked.product_id != row.product_id:
                raise BadInput(
                    Problem(
                        "release", _("This release is of another product."),
                        _("Choose a release of the demand's product."), locked.name,
                    )
                )  # fmt: skip
        events.change(
            row, "put_in_release", actor_id=acting_user.pk, now=now,
            fields={"release_id": release.pk if release else None},
        )  # fmt: skip
    return row


def forget_people_seen(row: Release, user: User, now: dt.datetime) -> None:
    """Other people than were seen: the list of the locked release has to be looked at again."""
    if row.status == ReleaseStatus.PLANNED and row.people_seen_at is not None:
        events.change(
            row, "people_changed", actor_id=user.pk, now=now,
            fields={"people_seen_by_id": None, "people_seen_at": None},
        )  # fmt: skip


def fill_gate(
    release: Release,
    fields: Mapping[str, Any],
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Release:
    """Write rows of the gate: pages, announcement, what to measure."""
    unknown = [name for name in fields if name not in GATE_FIELDS]
    if unknown:
        raise BadInput(
            *(Problem(name, _("This field cannot be changed here."), ", ".join(GATE_FIELDS))
              for name in unknown)
        )  # fmt: skip
    values = {k: v.strip() if isinstance(v, str) else v for k, v in fields.items()}
    with transaction.atomic():
        row = _take_release(release, acting_user, ReleaseStatus.PLANNED, seen_version, *values)
        events.change(row, "fill_gate", actor_id=acting_user.pk, now=now, fields=values)
    return row


def see_people(release: Release, *, acting_user: User, now: dt.datetime) -> Release:
    """The acting person has seen who will be told, how, and who cannot be reached."""
    with transaction.atomic():
        row = _take_release(release, acting_user, ReleaseStatus.PLANNED, None)
        events.change(
            row, "see_people", actor_id=acting_user.pk, now=now,
            fields={"people_seen_by_id": acting_user.pk, "people_seen_at": now},
        )  # fmt: skip
    return row


def publish_release(
    release: Release, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Release:
    """Through the gate: its demands are released; people are asked once each is verified."""
    with transaction.atomic():
        row = _take_release(release, acting_user, ReleaseStatus.PLANNED, seen_version)
        open_rows = [gate_row for gate_row in gate_of(row) if not gate_row.done]
        if open_rows:
            raise GateUnmet(open_rows)
        demands = events.lock_many(Demand, row.demands.values_list("pk", flat=True))
        if not demands:
            raise BadInput(
                Problem("demands", _("The release carries no demand."), _("Put demands into it."))
            )
        for demand in demands:
            require("release", demand, acting_user)
            event = move(demand, "release", user=acting_user, now=now, released_at=now)
            tell_tickets(demand, DriverState.RELEASED, event, now=now)
        events.change(
            row, "publish", actor_id=acting_user.pk, now=now,
            fields={"status": ReleaseStatus.RELEASED, "released_at": now},
        )  # fmt: skip
    return row


def verify_demand(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """Acceptance in production by a named person of product operations.

    Only now are the people asked whom the roll-out has reached, and their tickets resolved.
    """
    with transaction.atomic():
        row = take_demand(demand, acting_user, "verify", seen_version)
        event = move(
            row, "verify", user=acting_user, now=now, verified_by_id=acting_user.pk, verified_at=now
        )
        open_rounds(row, RoundKind.RELEASE, release=row.release, acting_user=acting_user, now=now)
        tell_tickets(row, DriverState.VERIFIED, event, now=now, resolve=True)
    return row


def fail_demand(
    demand: Demand,
    words: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """Acceptance in production failed (验收不通过): built again, before anybody was asked."""
    words = checked_text("words", words)
    with transaction.atomic():
        row = take_demand(demand, acting_user, "fail", seen_version)
        reopen(row, "fail", {}, acting_user=acting_user, now=now, data={"words": words})
    return row


def roll_back_release(
    release: Release,
    reason: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Release:
    """Take a release back: everyone told hears it, their tickets open, demands are built again."""
    reason = checked_text("reason", reason, maximum=2000)
    with transaction.atomic():
        row = _take_release(release, acting_user, ReleaseStatus.RELEASED, seen_version)
        demands = events.lock_many(Demand, row.demands.values_list("pk", flat=True))
        for demand in demands:
            _roll_back(demand, reason, acting_user, now)
        _tell_back(row, reason, acting_user, now)
        events.change(
            row, "roll_back", actor_id=acting_user.pk, now=now,
            fields={"status": ReleaseStatus.ROLLED_BACK, "rolled_back_at": now},
        )  # fmt: skip
    return row


def _roll_back(demand: Demand, reason: str, user: User, now: dt.datetime) -> None:
    """One demand goes back: through 已回滚 into development, and its tickets open again."""
    require("roll_back", demand, user)
    event = move(demand, "roll_back", user=user, now=now)
    tell_tickets(demand, DriverState.PENDING, event, now=now, reopen=reason)
    events.change(
        demand, "develop", actor_id=user.pk, now=now,
        fields={
            "status": DemandStatus.IN_DEVELOPMENT, "release_id": None, "released_at": None,
            "verified_by_id": None, "verified_at": None,
        },
    )  # fmt: skip


def _tell_back(release: Release, reason: str, user: User, now: dt.datetime) -> None:
    """Exactly those who were told of the release hear it; what was on its way is stopped.

    Also of demands that were reopened since: whoever said that it works loses it as well.
    """
    asked = Round.objects.filter(kind=RoundKind.RELEASE, release=release).select_related(
        "obligation__demand", "obligation__person__department__contact",
        "obligation__person__successor", "obligation__joined_to__demand",
        "obligation__joined_to__person__department__contact",
        "obligation__joined_to__person__successor",
    )  # fmt: skip
    for round_ in asked.order_by("pk"):
        if round_.ended_at is None:
            take_back(round_, now=now)
        if was_told(round_):
            obligation = round_.obligation.joined_to or round_.obligation
            open_round(obligation, RoundKind.ROLLBACK, reason=reason, acting_user=user, now=now)
        if round_.ended_at is None:
            end_untold(round_, RoundState.WAIVED, ROLLED_BACK, actor_id=user.pk, now=now)
