"""Demands that wait too long are raised with who steers them, once per day that passed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from core import outbox
from feedback.access import recipient_of
from feedback.models import Demand, Round
from feedback.querysets import SILENT_DAYS


def raise_overdue(demand: Demand, *, now: dt.datetime) -> None:
    """Its planned day, its day to look again, or the days to try it have passed."""
    passed = demand.deferred_until if demand.deferred_until else demand.planned_on
    if demand.released_at is not None:
        passed = timezone.localdate(demand.released_at)
    _raise(demand, "overdue", f"{passed:%Y%m%d}" if passed else "", {}, now)


def raise_silent(demand: Demand, *, now: dt.datetime) -> None:
    """Nobody who waits for it was sent a word for long; raised again after as long a time."""
    last = Round.objects.about(demand).aggregate(last=Max("opened_at"))["last"]
    days = (now - (last or demand.created_at)).days
    _raise(demand, "silent", f"{(last or demand.created_at):%Y%m%d}:{days // SILENT_DAYS}",
           {"days": days}, now)  # fmt: skip


def _raise(demand: Demand, kind: str, since: str, more: dict[str, Any], now: dt.datetime) -> None:
    recipient = _steering(demand)
    if recipient is None:
        return
    params = {
        "ref": demand.ref, "demand_id": demand.pk, "title": demand.title,
        "status": demand.status, "planned_on": demand.planned_on, **more,
    }  # fmt: skip
    outbox.notify(
        recipient.pk, f"demand.{kind}", params, key=f"raise:{demand.pk}:{kind}:{since}", now=now,
        subject=Demand.SUBJECT, subject_id=demand.pk,
    )  # fmt: skip


def _steering(demand: Demand) -> User | None:
    """Its product owner, else who opened it; of who left, their successor."""
    for person in (demand.product_owner, demand.created_by):
        if person is not None and (heard := recipient_of(person)) is not None:
            return heard
    return None
