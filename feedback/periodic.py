"""What the clock starts for rounds, releases and demands. Missed runs are caught up by the next."""

from __future__ import annotations

import datetime as dt
import logging

from celery import shared_task
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from core import outbox
from core.models import Notice, OutboxRow, UnreachableAddress
from core.worktime import WorkCalendar, add_working_days
from feedback.actions import (
    advance_round,
    bounce_round,
    expire_round,
    pass_on_round,
    reach_people,
    remind_of_round,
    score_demands,
)
from feedback.actions.answering import close_silently
from feedback.actions.raising import raise_overdue, raise_silent
from feedback.choices import ReleaseStatus, RoundChannel, RoundKind, RoundState
from feedback.models import Demand, Release, Round
from tickets.choices import DriverState, Resolution, Status
from tickets.models import Ticket

logger = logging.getLogger(__name__)

#: Working days after which an unanswered question is over (domain.md, *Demand and obligation*).
EXPIRE_AFTER_DAYS = 5
#: Working days after which it is asked again.
REMIND_AFTER_DAYS = (2, 4)
#: A mail that was taken and did not come back for so long has arrived.
MAIL_SETTLES = dt.timedelta(hours=24)
_CHANNELS = {OutboxRow.Kind.MAIL: RoundChannel.MAIL, OutboxRow.Kind.CHAT: RoundChannel.CHAT}


@shared_task(name="feedback.periodic.follow_rounds")
def follow_rounds() -> int:
    """Note what was delivered and read, pass on what people who left were to hear, ask again, and
    end questions nobody answered.
    """
    now = timezone.now()
    return (
        note_delivered(now) + note_bounced(now) + pass_on_rounds(now)
        + remind_silent(now) + expire_silent(now) + close_unasked(now)
    )  # fmt: skip


@shared_task(name="feedback.periodic.follow_releases")
def follow_releases() -> int:
    """Ask whom a release in part reaches from today on, and raise demands that wait too long."""
    now = timezone.now()
    return reach_due(now) + raise_demands(now)


def note_delivered(now: dt.datetime) -> int:
    """An in-app item counts as delivered when it was rendered to the person, a mail or chat message
    when it was taken outside and has not come back for a day; not before.
    """
    waiting = {
        row.pk: row
        for row in Round.objects.filter(
            Q(state__in=(RoundState.QUEUED, RoundState.DELIVERED))
            | Q(state=RoundState.UNREACHABLE, queued_at__isnull=False)
        ).select_related("obligation")
    }
    # Asked on the card of another question: what brought that one brought this one.
    cards: dict[int, list[Round]] = {}
    for row in waiting.values():
        cards.setdefault(row.asked_with_id or row.pk, []).append(row)
    return _note_seen(cards, now) + _note_taken(cards, now)


def _note_seen(cards: dict[int, list[Round]], now: dt.datetime) -> int:
    moved = 0
    seen = Notice.objects.filter(
        subject=Round.SUBJECT, subject_id__in=cards, seen_at__isnull=False
    ).order_by("pk")
    for subject_id, seen_at, read_at in seen.values_list("subject_id", "seen_at", "read_at"):
        for row in cards.get(subject_id or 0, ()):
            moment = read_at or seen_at
            state = RoundState.READ if read_at else RoundState.DELIVERED
            if moment is None or row.state == state:
                continue
            # A round that was passed on is told anew; what the one who left saw is no answer.
            if row.queued_at is not None and moment < row.queued_at:
                continue
            advance_round(row, state, now=now, at=max(moment, row.opened_at))
            moved += 1
    return moved


def _note_taken(cards: dict[int, list[Round]], now: dt.datetime) -> int:
    keys = {
        f"round:{pk}:{kind}:{row.told_to_id}": row
        for pk, rows in cards.items()
        for row in rows
        if row.state == RoundState.QUEUED
        for kind in _CHANNELS
    }
    taken = OutboxRow.objects.filter(
        key__in=keys, done_at__lte=now - MAIL_SETTLES, last_error="", kind__in=outbox.OUTSIDE
    )
    moved = 0
    for sent in taken:
        row = keys[sent.key]
        for along in cards[row.asked_with_id or row.pk]:
            if along.state == RoundState.QUEUED and sent.done_at is not None:
                channel = _CHANNELS[OutboxRow.Kind(sent.kind)]
                at = max(sent.done_at, along.opened_at)
                advance_round(along, RoundState.DELIVERED, now=now, at=at, channel=channel)
                moved += 1
    return moved


def note_bounced(now: dt.datetime) -> int:
    """Words for people whose address is known not to work, and whom no other channel has reached.

    The word waits for them in the app; until they meet it there, they are not told.
    """
    waiting = Round.objects.filter(state=RoundState.QUEUED, told_to__isnull=False)
    lost = waiting.annotate(address=Lower("told_to__email")).filter(
        Exists(UnreachableAddress.objects.filter(pk=OuterRef("address")))
    )
    bounced = 0
    for row in lost.select_related("obligation").order_by("pk"):
        prefix = f"round:{row.asked_with_id or row.pk}:"
        arrived = Q(done_at__isnull=False, last_error="", kind__in=outbox.OUTSIDE)
        waits = Q(done_at__isnull=True, failed_at__isnull=True)
        going = OutboxRow.objects.filter(arrived | waits, key__startswith=prefix)
        if not going.exists():
            bounce_round(row, now=now)
            bounced += 1
    return bounced


def pass_on_rounds(now: dt.datetime) -> int:
    """What people who left or whose account is off were to hear goes to who hears for them."""
    stranded = Round.objects.filter(
        Q(told_to__is_active=False) | Q(told_to__left_on__isnull=False),
        ended_at__isnull=True, queued_at__isnull=False,
    ).select_related("obligation")  # fmt: skip
    rows = list(stranded.order_by("pk"))
    for row in rows:
        pass_on_round(row, now=now)
    return len(rows)


def remind_silent(now: dt.datetime) -> int:
    """Ask again on the second and on the fourth working day."""
    calendar = WorkCalendar()
    asked = Round.objects.questions().filter(
        reminders__lt=len(REMIND_AFTER_DAYS), queued_at__lt=now - dt.timedelta(days=1),
        asked_with__isnull=True,
    )  # fmt: skip
    reminded = 0
    for row in asked.select_related("obligation").order_by("pk"):
        if row.queued_at is None or not _at_work(calendar, now):
            continue
        start, today = calendar.day_of(row.queued_at), calendar.day_of(now)
        due = sum(today >= add_working_days(calendar, start, days) for days in REMIND_AFTER_DAYS)
        if due > row.reminders:
            # A clock that stood still asks once, not once for every day it missed.
            remind_of_round(row, row.reminders + 1, now=now)
            reminded += 1
    return reminded


def _at_work(calendar: WorkCalendar, now: dt.datetime) -> bool:
    return any(start <= now < end for start, end in calendar.spans_of(calendar.day_of(now)))


def expire_silent(now: dt.datetime) -> int:
    """End release rounds that arrived and stayed unanswered for the working days."""
    calendar = WorkCalendar()
    asked = Round.objects.questions().filter(
        delivered_at__lt=now - dt.timedelta(days=EXPIRE_AFTER_DAYS)
    )
    expired = 0
    for row in asked.select_related("obligation").order_by("pk"):
        if row.delivered_at is None:
            continue
        last = add_working_days(calendar, calendar.day_of(row.delivered_at), EXPIRE_AFTER_DAYS)
        if calendar.day_of(now) > last:
            expire_round(row, now=now)
            expired += 1
    return expired


def close_unasked(now: dt.datetime) -> int:
    """Close tickets of a verified demand whose requester is not asked any more: they have left, or
    cannot be reached. Who is being asked closes theirs by the answer, or with the question.
    """
    calendar = WorkCalendar()
    running = Round.objects.questions().filter(
        obligation__person=OuterRef("requester"),
        release__demands__feedback__ticket=OuterRef("pk"),
    )
    waiting = Ticket.objects.filter(
        ~Exists(running), status=Status.RESOLVED, resolution=Resolution.FIXED,
        driver_state=DriverState.VERIFIED, imported=False,
        resolved_at__lt=now - dt.timedelta(days=EXPIRE_AFTER_DAYS),
    )  # fmt: skip
    closed = 0
    for ticket in waiting.order_by("pk"):
        if ticket.resolved_at is None:
            continue
        last = add_working_days(calendar, calendar.day_of(ticket.resolved_at), EXPIRE_AFTER_DAYS)
        if calendar.day_of(now) > last:
            closed += close_silently(ticket, now)
    return closed


def reach_due(now: dt.datetime) -> int:
    """Releases in part whose next day has come."""
    owing = Round.objects.filter(
        release=OuterRef("pk"), state=RoundState.OWED, kind=RoundKind.RELEASE
    )
    rolling = Release.objects.filter(
        Exists(owing), status=ReleaseStatus.RELEASED, is_partial=True
    ).order_by("pk")
    return sum(reach_people(release, now=now) for release in rolling)


def raise_demands(now: dt.datetime) -> int:
    """Tell who steers them of demands that are overdue or silent; once for each day that passed."""
    demands = Demand.objects.select_related("product_owner", "created_by").order_by("pk")
    raised = 0
    for demand in demands.overdue(timezone.localdate(now)):
        raise_overdue(demand, now=now)
        raised += 1
    for demand in demands.silent(now):
        raise_silent(demand, now=now)
        raised += 1
    return raised


@shared_task(name="feedback.periodic.score_demands")
def score_open_demands() -> int:
    """Score the open demands whose inputs changed; the window of four weeks moves by itself."""
    return score_demands(timezone.now())
