"""Due times of many tickets reckoned anew: after a change of a policy or a calendar.

A run walks the open tickets by id in small locked steps, each step a transaction and each
follow-up an outbox row: it can be left, repeated and come back to, and shows how far it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from accounts.models import User
from core import events, outbox
from tickets import sla
from tickets.models import DueRun, Ticket

RUN_JOB = "tickets.reckon_due_times"
#: Tickets locked at once, and the steps of one job: well within an outbox lease.
STEP = 200
STEPS_A_JOB = 20
#: A run waits so long for its job before the clock takes it up.
_PATIENCE = dt.timedelta(minutes=2)


def start_due_run(
    reason: str, what: str, *, key: str, acting_user: User | None, now: dt.datetime
) -> DueRun:
    """Have a worker reckon every open ticket anew; once per `key`."""
    run, is_new = DueRun.objects.get_or_create(
        key=key,
        defaults={
            "reason": reason, "what": what, "started_by": acting_user, "created_at": now,
            "total": sla.open_tickets().count(),
        },
    )  # fmt: skip
    if is_new:
        outbox.job(RUN_JOB, {"run_id": run.pk}, key=f"due_run:{run.pk}:0", now=now)
    return run


def continue_due_run(run_id: int, *, now: dt.datetime) -> DueRun:
    """Some steps of a run; asks for the next job where tickets are left. Safe to run twice."""
    for _step in range(STEPS_A_JOB):
        with transaction.atomic():
            run = DueRun.objects.select_for_update().get(pk=run_id)
            if run.finished_at is not None:
                return run
            pks = list(
                sla.open_tickets().filter(pk__gt=run.cursor).order_by("pk")
                .values_list("pk", flat=True)[:STEP]
            )  # fmt: skip
            changed = reckon_again(pks)
            run.done = F("done") + len(pks)
            run.changed = F("changed") + changed
            run.cursor = pks[-1] if pks else run.cursor
            run.finished_at = now if len(pks) < STEP else None
            run.save()
            run.refresh_from_db()
            if run.finished_at is not None:
                return run
    outbox.job(RUN_JOB, {"run_id": run_id}, key=f"due_run:{run_id}:{run.cursor}", now=now)
    return run


@transaction.atomic
def reckon_again(pks: Iterable[int]) -> int:
    """Reckon the due times of these tickets as they stand now. Returns how many changed."""
    rows = events.lock_many(Ticket, pks)
    reckoner = sla.Reckoner()
    changed = []
    for ticket, due in reckoner.of_many(rows):
        before = sla.DueTimes(*(getattr(ticket, name) for name in sla.DUE_COLUMNS))
        columns = sla.columns(due, ticket)
        if before == due and ticket.sla_next_at == columns["sla_next_at"]:
            continue
        for name, value in columns.items():
            setattr(ticket, name, value)
        changed.append(ticket)
    Ticket.objects.bulk_update(changed, [*sla.DUE_FIELDS, "sla_next_at"])
    return len(changed)


def reckon_provisional(*, now: dt.datetime) -> int:
    """Reckon what led through years without published holidays: they may be known by now."""
    waiting = sla.open_tickets().filter(due_provisional=True).order_by("pk")
    changed, last = 0, 0
    while pks := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:STEP]):
        changed += reckon_again(pks)
        last = pks[-1]
    return changed


def resume_due_runs(*, now: dt.datetime) -> int:
    """Go on with runs nothing works on: those an upgrade asked for, or whose job is lost."""
    still = DueRun.objects.filter(finished_at__isnull=True, created_at__lt=now - _PATIENCE)
    for run_id in still.order_by("pk").values_list("pk", flat=True):
        continue_due_run(run_id, now=now)
    return still.count()
