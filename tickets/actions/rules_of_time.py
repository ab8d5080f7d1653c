"""What the clock does for rules: look for tickets that waited long enough, and forget old runs."""

from __future__ import annotations

import datetime as dt
import logging

from tickets.actions.automating import Occasion, run_rule
from tickets.choices import BY_TIME, RunOutcome
from tickets.models import Rule, RuleRun, RuleTrial
from tickets.search.waiting import waiting_for

logger = logging.getLogger(__name__)

KEEP_UNMATCHED = dt.timedelta(days=30)
KEEP_RUNS = dt.timedelta(days=400)
KEEP_TRIALS = dt.timedelta(days=90)
_BATCH = 500


def consider_time(now: dt.datetime) -> int:
    """Run the active rules of time, in order, each once per wait. Returns how many acted."""
    acted = 0
    for rule in Rule.objects.active().filter(trigger_kind__in=BY_TIME):
        batch: list[tuple[int, str]] = []
        for hit in waiting_for(rule.trigger, now):
            batch.append(hit)
            if len(batch) == _BATCH:
                acted += _run(rule, batch, now)
                batch = []
        acted += _run(rule, batch, now)
    return acted


def _run(rule: Rule, hits: list[tuple[int, str]], now: dt.datetime) -> int:
    """Those of `hits` the rule had no turn on yet; one query finds them."""
    had = set(
        RuleRun.objects.filter(
            rule=rule, ticket__in=[pk for pk, _key in hits], occasion__in={key for _pk, key in hits}
        ).values_list("ticket_id", "occasion")
    )
    acted = 0
    for pk, key in hits:
        if (pk, key) in had:
            continue
        try:
            run = run_rule(rule, pk, Occasion(key), now=now)
        except Exception:
            # The next sweep tries again; one ticket must not hold up the others.
            logger.exception("rule %s failed on OPS-%s", rule.pk, pk)
            continue
        acted += run is not None and run.outcome == RunOutcome.ACTED
    return acted


def forget_old_runs(now: dt.datetime) -> int:
    """Runs and dry runs nobody looks for any more. Returns how many rows."""
    idle, _rows = RuleRun.objects.filter(
        outcome=RunOutcome.NOT_MATCHED, at__lt=now - KEEP_UNMATCHED
    ).delete()
    old, _rows = RuleRun.objects.filter(at__lt=now - KEEP_RUNS).delete()
    trials, _rows = RuleTrial.objects.filter(created_at__lt=now - KEEP_TRIALS).delete()
    return idle + old + trials
