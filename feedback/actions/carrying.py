"""Merge and split: words and obligations go to another demand with provenance, and come back.

Words (`FeedbackItem`) belong to one demand at a time. Where the words of a person go, what they
are owed goes too: their obligation moves, or joins the one they have there already; nobody is ever
owed twice by one demand, and no round is lost. A `Carry` keeps what went where.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.changes import checked_text
from core.errors import BadInput, Problem
from core.searchkey import search_key
from feedback.actions.answering import recur
from feedback.actions.deciding import move_later
from feedback.actions.owing import open_round
from feedback.actions.releasing import forget_people_seen
from feedback.actions.voices import bring_voices
from feedback.choices import (
    CarryKind,
    DemandStatus,
    ObligationReason,
    ReleaseStatus,
    RoundKind,
)
from feedback.errors import WrongState
from feedback.models import (
    CarriedObligation,
    Carry,
    Demand,
    FeedbackItem,
    Obligation,
    Release,
    Round,
)
from feedback.policies import MERGES_INTO, coverage_of, driver_state_of, require
from tickets.actions import change_driver
from tickets.choices import DriverState
from tickets.models import Ticket

#: A merge or a split is taken back within so many days (domain.md, invariant 2).
UNDO_DAYS = 30
#: Who is owed for these reasons has words with the demand.
_BY_WORDS = (ObligationReason.ASKED, ObligationReason.TICKET)
#: What a child begins as: its people were told so of the demand it comes from.
_CHILD_STATUS = {DemandStatus.TESTING: DemandStatus.IN_DEVELOPMENT}


# ---- merge --------------------------------------------------------------------------------------


def merge_demand(
    demand: Demand,
    into: Demand,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """`demand` goes on in `into` with its people, their words and its tickets; they are told.

    Words that came after the release of a defect say that it is back: it is open again.
    """
    with transaction.atomic():
        row, target = _take_both(demand, into, acting_user, now)
        events.check_unchanged(row, seen_version, {"status", "merged_into_id"})
        require("merge", row, acting_user)
        _require_target(row, target)
        carry = _carry(CarryKind.MERGE, row, target, acting_user, now)
        _merge(row, target, carry, acting_user, now)
    return row


def _merge(row: Demand, target: Demand, carry: Carry, user: User, now: dt.datetime) -> None:
    words = list(row.feedback.select_related("person__department").order_by("pk"))
    _bring_words(carry, words)
    moved = [
        _carry_obligation(carry, obligation, target, False, user, now)
        for obligation in _standing(row)
    ]
    events.change(
        row, "merge", actor_id=user.pk, now=now,
        fields={
            "status": DemandStatus.MERGED, "merged_into_id": target.pk, "release_id": None,
        },
        data={"carry_id": carry.pk},
    )  # fmt: skip
    events.change(
        target, "merged_in", actor_id=user.pk, now=now,
        data={"carry_id": carry.pk, "demand_id": row.pk, "people": len(moved)},
    )  # fmt: skip
    _recur_with(target, words, user, now)
    _bring_tickets(Ticket.objects.filter(driver=row.ref), row, target, user, now)
    bring_voices(row, target, {obligation.person_id for obligation in moved}, now=now)
    for obligation in moved:
        _tell_moved(obligation, row, user, now)


def _require_target(row: Demand, target: Demand) -> None:
    if row.pk == target.pk:
        raise BadInput(
            Problem(
                "into", _("A demand is not merged into itself."), _("Choose another one."),
                target.ref,
            )
        )  # fmt: skip
    if row.product_id != target.product_id:
        raise BadInput(
            Problem(
                "into", _("This demand belongs to another product."),
                _("Choose a demand of the same product."), target.ref,
            )
        )  # fmt: skip
    if target.status not in MERGES_INTO:
        raise WrongState(
            Problem(
                "into", _("Nothing goes on in this demand: it is over."),
                _("Choose a demand that is under way."),
                f"{target.ref} {DemandStatus(target.status).label}",
            )
        )  # fmt: skip


def _recur_with(target: Demand, words: list[FeedbackItem], user: User, now: dt.datetime) -> None:
    """Who asked before the release asked for it; who asks after it has met the defect again."""
    released = target.released_at
    for item in words:
        late = released is not None and item.created_at > released
        if late and recur(target, item.person, acting_user=user, now=now):
            return


def unmerge_demand(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """The demand stands by itself again: its words, people and tickets come back with all that
    they heard meanwhile. What people gave to the other demand in between stays there.
    """
    require("unmerge", demand, acting_user)
    with transaction.atomic():
        carry = _last_carry(demand, CarryKind.MERGE, source=demand)
        row, target = _take_both(demand, carry.target, acting_user, now)
        require("unmerge", row, acting_user)
        events.check_unchanged(row, seen_version, {"status", "merged_into_id"})
        _require_fresh(carry, now)
        if target.status == DemandStatus.MERGED:
            raise WrongState(
                Problem(
                    "status", _("The demand it was merged into was merged itself."),
                    _("Take that merge back first."), target.ref,
                )
            )  # fmt: skip
        words = _give_back_words(carry, row, target)
        back = [
            obligation
            for kept in carry.people.select_related("before", "after").order_by("pk")
            if (obligation := _give_back(carry, kept, row, target, acting_user, now)) is not None
        ]
        _restore(row, carry, acting_user, now)
        events.change(
            target, "unmerged", actor_id=acting_user.pk, now=now,
            data={"carry_id": carry.pk, "demand_id": row.pk, "people": len(back)},
        )  # fmt: skip
        tickets = [item.ticket_id for item in words if item.ticket_id is not None]
        given = Ticket.objects.filter(driver=target.ref, pk__in=tickets)
        _bring_tickets(given, target, row, acting_user, now)
        bring_voices(target, row, {obligation.person_id for obligation in back}, now=now)
        for obligation in back:
            _tell_moved(obligation, target, acting_user, now)
    return row


def _restore(row: Demand, carry: Carry, user: User, now: dt.datetime) -> None:
    """Status and release as they were before the merge, the release while it is still planned."""
    merged = events.history(Demand.SUBJECT, row.pk).filter(data__carry_id=carry.pk).get()
    release_id = merged.changes.get("release_id", (None, None))[0]
    planned = Release.objects.filter(pk=release_id, status=ReleaseStatus.PLANNED)
    events.change(
        row, "unmerge", actor_id=user.pk, now=now,
        fields={
            "status": merged.changes["status"][0], "merged_into_id": None,
            "release_id": release_id if planned.exists() else None,
        },
        data={"carry_id": carry.pk},
    )  # fmt: skip
    _mark_undone(carry, user, now)


def _give_back_words(carry: Carry, row: Demand, target: Demand) -> list[FeedbackItem]:
    """What is still with the target; what a later split took further stays where it went."""
    words = list(carry.words.filter(demand=target).order_by("pk"))
    for item in words:
        item.demand = row
        item.brought_from = None if item.brought_from_id == row.pk else item.brought_from
        item.save(update_fields=["demand", "brought_from"])
    return words


def _give_back(
    carry: Carry,
    kept: CarriedObligation,
    row: Demand,
    target: Demand,
    user: User,
    now: dt.datetime,
) -> Obligation | None:
    """The person is owed from `row` again, and from `target` while they have words there."""
    before, after = events.lock(Obligation, kept.before_id), kept.after
    has_words = FeedbackItem.objects.filter(person_id=before.person_id)
    gave_words = carry.words.filter(person_id=before.person_id).exists()
    if gave_words and not has_words.filter(demand=row).exists():
        return None
    said: dict[str, Any] = {"actor_id": user.pk, "now": now, "data": {"carry_id": carry.pk}}
    stays = has_words.filter(demand=target).exists()
    if before.pk != after.pk:
        events.change(before, "part", fields={"joined_to_id": None}, **said)
        other = events.lock(Obligation, after.pk)
        is_there = other.demand_id == target.pk and other.joined_to_id is None
        # Their own words there have gone elsewhere since: nothing is owed to them there.
        if is_there and not stays and other.reason in _BY_WORDS:
            events.change(other, "join", fields={"joined_to_id": before.pk}, **said)
    elif before.joined_to_id is not None or before.demand_id == target.pk:
        stood_there = before.joined_to_id is None
        back = {"demand_id": row.pk, "joined_to_id": None}
        events.change(before, "carry", fields=back, **said)
        if stays and stood_there:
            _stay_behind(before, target, kept.last_round, user, now)
    else:
        # It went further with later words of theirs; what they said here is owed by itself.
        return _new_obligation(before, row, carry, user, now)
    before.demand = row
    return before


def _stay_behind(
    before: Obligation, target: Demand, last_round: int, user: User, now: dt.datetime
) -> None:
    """Their newer words keep them owed there; what was told meanwhile was told of there."""
    other = Obligation(
        demand=target, person_id=before.person_id, reason=before.reason, created_at=now
    )
    events.create(other, "owe", actor_id=user.pk, now=now, data={"from_id": before.pk})
    for round_ in Round.objects.filter(obligation=before, pk__gt=last_round).order_by("pk"):
        locked = events.lock(Round, round_.pk)
        events.change(
            locked, "carry", actor_id=user.pk, now=now, fields={"obligation_id": other.pk}
        )


# ---- split --------------------------------------------------------------------------------------


def split_demand(
    demand: Demand,
    words: Iterable[FeedbackItem],
    title: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Demand:
    """Some of the words become a demand of their own, as far as this one; their people are told.

    Returns the child. Who has words in both is owed from both.
    """
    title = checked_text("title", title, maximum=160)
    chosen = {item.pk for item in words}
    with transaction.atomic():
        row = _take_one(demand, acting_user, now)
        events.check_unchanged(row, seen_version, {"status"})
        require("split", row, acting_user)
        items = list(row.feedback.filter(pk__in=chosen).order_by("pk"))
        if not items or len(items) != len(chosen):
            raise BadInput(
                Problem(
                    "words", _("Choose words that stand with this demand."),
                    _("Choose at least one of them."),
                    ", ".join(str(pk) for pk in sorted(chosen - {item.pk for item in items})),
                )
            )  # fmt: skip
        child = _child_of(row, title, acting_user, now)
        carry = _carry(CarryKind.SPLIT, row, child, acting_user, now)
        _bring_words(carry, items)
        moved = _carry_people(carry, items, row, child, acting_user, now)
        events.change(
            row, "split", actor_id=acting_user.pk, now=now,
            data={"carry_id": carry.pk, "demand_id": child.pk, "people": len(moved)},
        )  # fmt: skip
        tickets = [item.ticket_id for item in items if item.ticket_id is not None]
        given = Ticket.objects.filter(driver=row.ref, pk__in=tickets)
        _bring_tickets(given, row, child, acting_user, now)
        still = set(row.feedback.values_list("person_id", flat=True))
        gone = {obligation.person_id for obligation in moved} - still
        bring_voices(row, child, gone, now=now)
        for obligation in moved:
            _tell_moved(obligation, row, acting_user, now)
    return child


def _child_of(row: Demand, title: str, user: User, now: dt.datetime) -> Demand:
    child = Demand(
        title=title, problem=row.problem, proposal=row.proposal, kind=row.kind,
        initiated_by=row.initiated_by, product=row.product, module=row.module,
        product_owner=row.product_owner, split_from=row, decision_reason=row.decision_reason,
        deferred_until=row.deferred_until, planned_on=row.planned_on,
        status=_CHILD_STATUS.get(DemandStatus(row.status), row.status),
        created_at=now, created_by=user,
    )  # fmt: skip
    events.create(child, "split_off", actor_id=user.pk, now=now, data={"demand_id": row.pk})
    key = search_key(child.ref, title, child.problem, child.proposal)
    Demand.objects.filter(pk=child.pk).update(search_key=key)
    return child


def _carry_people(
    carry: Carry,
    items: list[FeedbackItem],
    row: Demand,
    child: Demand,
    user: User,
    now: dt.datetime,
) -> list[Obligation]:
    people = {item.person_id for item in items}
    staying = set(row.feedback.filter(person__in=people).values_list("person_id", flat=True))
    return [
        _carry_obligation(carry, obligation, child, obligation.person_id in staying, user, now)
        for obligation in _standing(row)
        if obligation.person_id in people
    ]


def undo_split(
    demand: Demand, *, acting_user: User, now: dt.datetime, seen_version: int | None = None
) -> Demand:
    """The child goes back into the demand it was split from, with all it was given since.

    Returns the demand it came from.
    """
    require("undo_split", demand, acting_user)
    with transaction.atomic():
        split = _last_carry(demand, CarryKind.SPLIT, target=demand)
        row, parent = _take_both(demand, split.source, acting_user, now)
        events.check_unchanged(row, seen_version, {"status", "merged_into_id"})
        require("undo_split", row, acting_user)
        _require_fresh(split, now)
        _require_target(row, parent)
        carry = _carry(CarryKind.MERGE, row, parent, acting_user, now)
        _merge(row, parent, carry, acting_user, now)
        _mark_undone(split, acting_user, now)
    return parent


# ---- what both share ----------------------------------------------------------------------------


def _take_both(
    demand: Demand, other: Demand, user: User, now: dt.datetime
) -> tuple[Demand, Demand]:
    """Both, locked after the planned releases they are in, whose people change."""
    ids = {demand.release_id, other.release_id}
    for pk in sorted(pk for pk in ids if pk is not None):
        forget_people_seen(events.lock(Release, pk), user, now)
    locked = {row.pk: row for row in events.lock_many(Demand, {demand.pk, other.pk})}
    return locked[demand.pk], locked[other.pk]


def _take_one(demand: Demand, user: User, now: dt.datetime) -> Demand:
    return _take_both(demand, demand, user, now)[0]


def _carry(kind: str, source: Demand, target: Demand, user: User, now: dt.datetime) -> Carry:
    return Carry.objects.create(kind=kind, source=source, target=target, made_by=user, made_at=now)


def _last_carry(demand: Demand, kind: str, **ends: Demand) -> Carry:
    found = (
        Carry.objects.filter(kind=kind, undone_at__isnull=True, **ends)
        .select_related("source", "target")
        .order_by("-pk")
        .first()
    )
    if found is None:
        raise WrongState(
            Problem(
                "status", _("There is nothing to take back here."),
                _("Reload the page to see what can be done now."), demand.ref,
            )
        )  # fmt: skip
    return found


def _require_fresh(carry: Carry, now: dt.datetime) -> None:
    if now - carry.made_at > dt.timedelta(days=UNDO_DAYS):
        raise WrongState(
            Problem(
                "status", _("This was more than 30 days ago."),
                _("Split the words off, or merge the demands anew."),
                timezone.localdate(carry.made_at).isoformat(),
            )
        )  # fmt: skip


def _mark_undone(carry: Carry, user: User, now: dt.datetime) -> None:
    carry.undone_by, carry.undone_at = user, now
    carry.save(update_fields=["undone_by", "undone_at"])


def _standing(demand: Demand) -> list[Obligation]:
    return list(
        Obligation.objects.standing()
        .filter(demand=demand)
        .select_related("person__department__contact", "person__successor")
        .order_by("pk")
    )


def _bring_words(carry: Carry, items: list[FeedbackItem]) -> None:
    pks = [item.pk for item in items]
    FeedbackItem.objects.filter(pk__in=pks).update(
        demand=carry.target, brought_from=Coalesce(F("brought_from"), carry.source_id)
    )
    carry.words.set(pks)


def _carry_obligation(
    carry: Carry,
    before: Obligation,
    target: Demand,
    stays: bool,
    user: User,
    now: dt.datetime,
) -> Obligation:
    """What the person is owed goes along; `stays`: they are owed where they were as well."""
    there = Obligation.objects.standing().filter(demand=target, person=before.person_id).first()
    said: dict[str, Any] = {"actor_id": user.pk, "now": now, "data": {"carry_id": carry.pk}}
    if there is None and stays:
        after = _new_obligation(before, target, carry, user, now)
    elif there is None:
        events.change(before, "carry", fields={"demand_id": target.pk}, **said)
        after = before
        after.demand = target
    else:
        after = there
        if not stays:
            events.change(before, "join", fields={"joined_to_id": there.pk}, **said)
    newest = Round.objects.filter(obligation=after).aggregate(newest=Max("pk"))["newest"]
    CarriedObligation.objects.create(
        carry=carry, before=before, after=after, last_round=newest or 0
    )
    return after


def _new_obligation(
    like: Obligation, demand: Demand, carry: Carry, user: User, now: dt.datetime
) -> Obligation:
    row = Obligation(demand=demand, person=like.person, reason=like.reason, created_at=now)
    data = {"carry_id": carry.pk, "from_id": like.pk}
    events.create(row, "owe", actor_id=user.pk, now=now, data=data)
    return row


def _bring_tickets(
    tickets: Iterable[Ticket], source: Demand, target: Demand, user: User, now: dt.datetime
) -> None:
    """Tickets that waited for one demand wait for the other, and are where it is."""
    state = driver_state_of(target)
    coverage = coverage_of(target.release, timezone.localdate(now))
    for ticket in list(tickets):
        waits = state == DriverState.VERIFIED and not coverage.covers(ticket.requester)
        theirs = DriverState.RELEASED if waits else state
        row = change_driver(ticket, source.ref, target.ref, theirs, acting_user=user, now=now)
        if theirs == DriverState.VERIFIED and row.is_unresolved:
            key = f"brought:{row.version}:ticket:{row.pk}"
            move_later(row, target, theirs, key=key, resolve=True, now=now)


def _tell_moved(obligation: Obligation, source: Demand, user: User, now: dt.datetime) -> None:
    """They hear where it goes on; where it is live already they are asked whether it works."""
    demand = obligation.demand
    came_from = {"from_ref": source.ref, "from_title": source.title}
    if demand.release is not None and demand.verified_at is not None:
        open_round(
            obligation, RoundKind.RELEASE, release=demand.release, acting_user=user, now=now,
            more=came_from,
        )  # fmt: skip
        return
    open_round(obligation, RoundKind.MOVED, acting_user=user, now=now, more=came_from)
