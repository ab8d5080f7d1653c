"""Roll-out in part (灰度): whom a release reaches from which day, and who is reached by now."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from core import events
from core.errors import BadInput, Problem
from feedback.actions.deciding import move_later
from feedback.actions.owing import send_round
from feedback.actions.releasing import forget_people_seen
from feedback.choices import DemandStatus, ReleaseStatus, RoundKind, RoundState
from feedback.errors import WrongState
from feedback.models import Demand, Obligation, Release, RolloutPart, Round
from feedback.policies import coverage_of, require_staff
from tickets.choices import DriverState
from tickets.models import Ticket

_FIELDS = {"status", "is_partial", "everybody_from"}


def roll_out_to(
    release: Release,
    whom: Department | User,
    starts_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> RolloutPart:
    """The release reaches a department (with all below it) or a person from a day on.

    The first part makes it a release in part: nobody else is covered until they are named, or
    everybody is. Naming a part again moves its day. A release that is live keeps whom it reached.
    """
    with transaction.atomic():
        row = _take(release, acting_user, seen_version)
        today = timezone.localdate(now)
        if row.status == ReleaseStatus.RELEASED:
            _require_partial(row, today)
        _require_day("starts_on", starts_on, today)
        key = "department" if isinstance(whom, Department) else "person"
        part = RolloutPart.objects.filter(release=row, **{key: whom}).first()
        if part is not None and _is_reached(row, part, today):
            raise WrongState(
                Problem(
                    key, _("They have the release already."), _("Name somebody else."), str(whom)
                )
            )
        before = part.starts_on if part is not None else None
        part = part or RolloutPart(release=row, **{key: whom})
        part.starts_on, part.added_by, part.added_at = starts_on, acting_user, now
        part.save()
        events.change(
            row, "roll_out", actor_id=acting_user.pk, now=now, fields={"is_partial": True},
            data={f"{key}_id": whom.pk, "starts_on": starts_on, "before": before},
        )  # fmt: skip
        _follow(row, acting_user, now)
    return part


def leave_out(
    part: RolloutPart, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Release:
    """Take a part out again, before the release has reached it."""
    with transaction.atomic():
        row = _take(part.release, acting_user, seen_version)
        if _is_reached(row, part, timezone.localdate(now)):
            raise WrongState(
                Problem(
                    "part", _("They have the release already."),
                    _("Roll the release back to take it away from everybody."), str(part),
                )
            )  # fmt: skip
        data = {"department_id": part.department_id, "person_id": part.person_id}
        part.delete()
        events.change(row, "leave_out", actor_id=acting_user.pk, now=now, data=data)
        _follow(row, acting_user, now)
    return row


def roll_out_to_everybody(
    release: Release,
    starts_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Release:
    """Everybody has the release from a day on; the parts keep their own earlier days."""
    with transaction.atomic():
        row = _take(release, acting_user, seen_version)
        today = timezone.localdate(now)
        _require_partial(row, today)
        _require_day("starts_on", starts_on, today)
        events.change(
            row, "roll_out_to_everybody", actor_id=acting_user.pk, now=now,
            fields={"everybody_from": starts_on},
        )  # fmt: skip
        _follow(row, acting_user, now)
    return row


def _take(release: Release, user: User, seen_version: int | None) -> Release:
    row = events.lock(Release, release.pk)
    require_staff(row.product_id, user)
    events.check_unchanged(row, seen_version, _FIELDS)
    if row.status == ReleaseStatus.ROLLED_BACK:
        raise WrongState(
            Problem(
                "status", _("This release was rolled back."), _("Plan another release."),
                str(ReleaseStatus(row.status).label),
            )
        )  # fmt: skip
    return row


def _require_partial(row: Release, today: dt.date) -> None:
    if not row.is_partial or (row.everybody_from is not None and row.everybody_from <= today):
        raise WrongState(
            Problem(
                "release", _("This release is for everybody already."),
                _("Roll it back to take it away from everybody."), row.name,
            )
        )  # fmt: skip


def _require_day(field: str, day: dt.date, today: dt.date) -> None:
    if day < today:
        raise BadInput(
            Problem(
                field, _("This date is in the past."), _("Give a date from today on."),
                day.isoformat(),
            )
        )  # fmt: skip


def _is_reached(row: Release, part: RolloutPart, today: dt.date) -> bool:
    return row.status == ReleaseStatus.RELEASED and part.starts_on <= today


def _follow(row: Release, user: User, now: dt.datetime) -> None:
    """Before it is published the list must be seen again; after, whom it reaches is asked."""
    if row.status == ReleaseStatus.PLANNED:
        forget_people_seen(row, user, now)
    else:
        reach_people(row, now=now)


def reach_people(release: Release, *, now: dt.datetime) -> int:
    """Ask whom the roll-out has reached by now, and resolve their tickets. Returns how many.

    Safe to repeat: a round is owed once, and sent once.
    """
    with transaction.atomic():
        row = events.lock(Release, release.pk)
        coverage = coverage_of(row, timezone.localdate(now))
        locked = events.lock_many(Demand, row.demands.values_list("pk", flat=True))
        live = {
            demand.pk: demand
            for demand in locked
            if demand.status in (DemandStatus.RELEASED, DemandStatus.CLOSED)
            and demand.verified_at is not None
        }
        owed = Obligation.objects.standing().filter(demand__in=live).select_related(
            "demand", "person__department__contact", "person__successor"
        )  # fmt: skip
        waiting = {
            round_.obligation_id: round_
            for round_ in Round.objects.filter(
                kind=RoundKind.RELEASE, release=row, state=RoundState.OWED, obligation__in=owed
            ).select_related("release")
        }
        reached = 0
        for obligation in owed.order_by("pk"):
            round_ = waiting.get(obligation.pk)
            if round_ is None or not coverage.covers(obligation.person):
                continue
            round_.obligation = obligation
            send_round(round_, actor_id=None, now=now)
            _bring_tickets(live[obligation.demand_id], obligation.person, round_, now)
            reached += 1
    return reached


def _bring_tickets(demand: Demand, person: User, round_: Round, now: dt.datetime) -> None:
    for ticket in Ticket.objects.filter(driver=demand.ref, requester=person):
        move_later(
            ticket, demand, DriverState.VERIFIED, key=f"reach:{round_.pk}:ticket:{ticket.pk}",
            resolve=True, now=now,
        )  # fmt: skip
