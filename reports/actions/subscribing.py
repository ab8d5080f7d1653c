"""Who gets each new report, and sending it: once to each, what they may see, never a stale one."""

from __future__ import annotations

import datetime as dt
from zlib import crc32

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.channels.routing import outside_key
from core.errors import BadInput, Problem
from core.models import Notice, OutboxRow
from reports.access import scope_of
from reports.actions.alarms import tell_failure
from reports.choices import DeliveryState, PeriodKind
from reports.models import Delivery, Snapshot, Subscription
from reports.policies.periods import last_complete

#: Reports leave in the morning of the first day after; each person's within the quarter of an hour.
MORNING = dt.time(8)
JITTER_SECONDS = 15 * 60
#: Hours after the morning by which a report has to be there; then who answers is told.
LATE = dt.timedelta(hours=2)
#: How long a delivery is followed: the outbox gives up long before.
FOLLOWED = dt.timedelta(days=14)


def subscribe(person: User, kind: str, *, acting_user: User, now: dt.datetime) -> Subscription:
    """Each new report of the kind goes to the person. Again changes nothing.

    Raises BadInput for somebody who reads no reports.
    """
    try:
        scope_of(person)
    except PermissionDenied:
        raise BadInput(
            Problem(
                "person", _("This person may not read reports."),
                _("Give them a role that does, or choose somebody else."), person.name,
            )
        ) from None  # fmt: skip
    if kind not in PeriodKind:
        raise BadInput(
            Problem(
                "kind", _("There are no such reports."), ", ".join(PeriodKind.values), kind
            )
        )  # fmt: skip
    with transaction.atomic():
        known = Subscription.objects.filter(person=person, kind=kind).first()
        if known is None:
            made = Subscription(person=person, kind=kind)
            events.create(made, "subscribe", actor_id=acting_user.pk, now=now)
            return made
        return _set(known, "subscribe", True, acting_user, now)


def unsubscribe(subscription: Subscription, *, acting_user: User, now: dt.datetime) -> Subscription:
    """No further report of the kind goes to the person. Again changes nothing."""
    with transaction.atomic():
        return _set(subscription, "unsubscribe", False, acting_user, now)


def _set(
    subscription: Subscription, verb: str, active: bool, acting_user: User, now: dt.datetime
) -> Subscription:
    row = events.lock(Subscription, subscription.pk)
    if row.is_active != active:
        fields = {"is_active": active}
        events.change(row, verb, actor_id=acting_user.pk, now=now, fields=fields)
    return row


def send_due_reports(now: dt.datetime) -> int:
    """The newest report of each kind to each subscriber who has not got it. Returns how many.

    Only the report of the period that has just ended leaves: while it is missing nothing is sent
    in its place, and who answers for the reports is told.
    """
    sent = 0
    for kind in PeriodKind:
        period = last_complete(kind, now)
        morning = timezone.make_aware(
            dt.datetime.combine(period.last + dt.timedelta(days=1), MORNING)
        )
        subscriptions = Subscription.objects.filter(kind=kind, is_active=True)
        if now < morning or not subscriptions.exists():
            continue
        snapshot = Snapshot.objects.in_force().of_periods([period.name]).first()
        if snapshot is None:
            if now >= morning + LATE:
                tell_failure(period.name, "compute", now)
            continue
        waiting = subscriptions.exclude(person__report_deliveries__snapshot=snapshot)
        for subscription in waiting.filter(person__is_active=True).select_related("person"):
            delay = crc32(f"{snapshot.pk}:{subscription.person_id}".encode()) % JITTER_SECONDS
            if now >= morning + dt.timedelta(seconds=delay):
                sent += _send(snapshot, subscription.person, now)
    return sent


def _send(snapshot: Snapshot, person: User, now: dt.datetime) -> int:
    """0 for somebody who may not read reports any more, or who has it already."""
    try:
        scope_of(person)
    except PermissionDenied:
        return 0
    with transaction.atomic():
        delivery, is_new = Delivery.objects.get_or_create(
            snapshot=snapshot, person=person, defaults={"sent_at": now}
        )
        if is_new:
            outbox.notify(
                person.pk, "report.ready", {"period": snapshot.period}, key=delivery.key, now=now,
                subject="snapshot", subject_id=snapshot.pk,
            )  # fmt: skip
    return int(is_new)


def follow_deliveries(now: dt.datetime) -> int:
    """Write down how far each report got; a failure is told to who answers for the reports."""
    open_ones = Delivery.objects.filter(sent_at__gte=now - FOLLOWED).select_related("snapshot")
    changed = 0
    for delivery in open_ones.exclude(in_app="done", mail__in=("", "done"), chat__in=("", "done")):
        states = _states(delivery)
        if any(getattr(delivery, name) != state for name, state in states.items()):
            changed += Delivery.objects.filter(pk=delivery.pk).update(**states)
            if DeliveryState.FAILED in states.values():
                tell_failure(delivery.snapshot.period, "send", now)
    return changed


def _states(delivery: Delivery) -> dict[str, str]:
    """What the inbox and the outbox say of it now."""
    notice_key = f"{delivery.key}:{delivery.person_id}"
    keys = {outside_key(notice_key, kind): kind for kind in outbox.OUTSIDE}
    rows = {row.key: row for row in OutboxRow.objects.filter(key__in=[*keys, notice_key])}
    states = {"in_app": _state(rows.get(notice_key)) or delivery.in_app}
    if Notice.objects.filter(key=notice_key).exists():
        states["in_app"] = DeliveryState.DONE
    for key, kind in keys.items():
        states[kind.value] = _state(rows.get(key)) or getattr(delivery, kind.value)
    return states


def _state(row: OutboxRow | None) -> str:
    """A mail without a mail server to go to has failed as well: nobody will get it."""
    if row is None:
        return ""
    if row.failed_at is not None or row.parked_at is not None:
        return DeliveryState.FAILED
    if row.done_at is None:
        return DeliveryState.WAITING
    return DeliveryState.SKIPPED if row.last_error else DeliveryState.DONE


def mark_report_read(snapshot: Snapshot, *, acting_user: User, now: dt.datetime) -> None:
    """A subscriber has opened what was sent to them."""
    waiting = Delivery.objects.filter(snapshot=snapshot, person=acting_user, read_at=None)
    waiting.update(read_at=now)
