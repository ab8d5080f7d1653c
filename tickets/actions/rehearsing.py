"""Dry runs (试运行): a rule as it is typed, over the last month, in slices of a background job."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.db import transaction

from accounts.models import User
from core import outbox
from tickets.actions.rules import RuleDraft, checked_rule, require_administrator
from tickets.choices import TrialState
from tickets.models import Rule, RuleTrial
from tickets.search.conditions import Judged, judge_stood
from tickets.search.filters import Asking
from tickets.search.rehearsal import Moment, act_in_the_way, moments_of, total_of

MONTH = dt.timedelta(days=30)
#: Events (or tickets) looked at in one query.
BATCH = 200
#: Seconds a slice of the job takes at most; its lease in the outbox is longer.
SLICE_SECONDS = 15.0
#: Hits that are listed; all are counted.
HITS_KEPT = 500
JOB = "tickets.rehearse_rule"


def start_trial(
    draft: RuleDraft, *, rule: Rule | None = None, acting_user: User, now: dt.datetime
) -> RuleTrial:
    """Ask for a dry run of `draft` over the last month. Raises BadInput as saving it would."""
    require_administrator(acting_user)
    fields = checked_rule(draft, rule.owner if rule else acting_user, now)
    with transaction.atomic():
        trial = RuleTrial.objects.create(
            rule=rule, definition=fields, asked_by=acting_user, created_at=now,
            since=now - MONTH, until=now,
            total=total_of(fields["trigger"], now - MONTH, now),
        )  # fmt: skip
        _put_slice(trial, now)
    return trial


def _put_slice(trial: RuleTrial, now: dt.datetime) -> None:
    outbox.job(
        JOB, {"trial_id": trial.pk, "cursor": trial.cursor},
        key=f"{JOB}:{trial.pk}:{trial.cursor}", now=now,
    )  # fmt: skip


def stop_trial(trial: RuleTrial, *, acting_user: User, now: dt.datetime) -> RuleTrial:
    """Leave it at what was found so far."""
    require_administrator(acting_user)
    with transaction.atomic():
        row = RuleTrial.objects.select_for_update().get(pk=trial.pk)
        if row.state in (TrialState.WAITING, TrialState.RUNNING):
            row.state, row.finished_at = TrialState.STOPPED, now
            row.save(update_fields=["state", "finished_at"])
    return row


def rehearse(trial_id: int, cursor: int, now: dt.datetime) -> None:
    """One slice from `cursor` on; a slice delivered again finds the cursor moved and ends."""
    end = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < end:
        with transaction.atomic():
            trial = RuleTrial.objects.select_for_update().filter(pk=trial_id).first()
            if trial is None or trial.state not in (TrialState.WAITING, TrialState.RUNNING):
                return
            if trial.cursor != cursor:
                return
            if not _step(trial, now):
                return
            cursor = trial.cursor
    with transaction.atomic():
        trial = RuleTrial.objects.select_for_update().get(pk=trial_id)
        if trial.state == TrialState.RUNNING and trial.cursor == cursor:
            _put_slice(trial, now)


def _step(trial: RuleTrial, now: dt.datetime) -> bool:
    """Look at one batch; False at the end."""
    rule = trial.definition
    moments, trial.cursor, looked_at = moments_of(
        rule["trigger"], trial.since, trial.until, trial.cursor, BATCH
    )
    trial.state = TrialState.RUNNING
    if not looked_at:
        trial.state, trial.finished_at, trial.done = TrialState.DONE, now, trial.total
    asking = Asking(trial.rule.owner if trial.rule else trial.asked_by, trial.until)
    judged = judge_stood(rule["conditions"], [one.stood for one in moments], asking)
    hits = [one for one in moments if _held(judged.get((one.stood.pk, one.stood.version)))]
    trial.done = min(trial.done + looked_at, trial.total)
    trial.considered += len(moments)
    trial.matched += len(hits)
    trial.hits = [*[_hit(rule["acts"], one) for one in reversed(hits)], *trial.hits][:HITS_KEPT]
    trial.save()
    return bool(looked_at)


def _held(judged: list[Judged] | None) -> bool:
    return judged is not None and all(one.held for one in judged)


def _hit(acts: list[dict[str, Any]], moment: Moment) -> dict[str, Any]:
    return {
        "ticket": moment.stood.pk,
        "version": moment.stood.version,
        "at": moment.at.isoformat(),
        "in_the_way": act_in_the_way(acts, moment.stood),
    }


__all__ = ["JOB", "rehearse", "start_trial", "stop_trial"]
