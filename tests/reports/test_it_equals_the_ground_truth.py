"""Facts of the Italian help-desk log equal figures that were computed elsewhere."""

from __future__ import annotations

import datetime as dt
import json
import statistics
from collections import Counter

import pytest
from django.db.models import Max
from django.utils import timezone

from reports.actions import follow_touched, make_snapshot
from reports.models import OpenSpan, TicketFact
from reports.policies.verifying import CHECKS
from reports.policies.weeks import Week
from tests.tickets.imports import MAPPINGS, import_log, real

pytestmark = pytest.mark.django_db


def test_weeks_and_durations() -> None:
    truth = json.loads(real("helpdesk_italian/ground_truth.json").read_text())
    import_log(real("helpdesk_italian/helpdesk.csv.gz"), MAPPINGS / "helpdesk_italian.toml")
    now = timezone.now()
    while follow_touched(now):
        pass
    facts = list(TicketFact.objects.all())
    created = Counter(Week.of(fact.submitted_at).monday.isoformat() for fact in facts)
    # The log cancels nothing, so a ticket's last open time ends where it was last closed.
    ends = OpenSpan.objects.exclude(ends_at=None).values_list("ticket_id")
    last_closed = dict(ends.annotate(last=Max("ends_at")))
    closed = Counter(Week.of(moment).monday.isoformat() for moment in last_closed.values())
    assert len(facts) == truth["cases"]
    assert {week: (created[week], closed[week]) for week in truth["weekly"]} == {
        week: (figures["created"], figures["closed"]) for week, figures in truth["weekly"].items()
    }
    start = {fact.ticket_id: fact.submitted_at for fact in facts}
    hours = [(last - start[pk]).total_seconds() / 3600 for pk, last in last_closed.items()]
    expected = truth["duration_first_event_to_last_closed"]
    assert statistics.fmean(hours) == pytest.approx(expected["mean_h"], abs=1e-4)
    assert statistics.median(hours) == pytest.approx(expected["median_h"], abs=1e-4)
    reopened = truth["reopen"]["A_work_after_first_resolve_cases"]
    assert sum(fact.reopened_times > 0 for fact in facts) == reopened
    week = Week.of_day(dt.date(2012, 3, 5))
    snapshot = make_snapshot(week, now)
    assert snapshot.figures["created"]["value"] == created[week.monday.isoformat()]
    for name, check in CHECKS.items():
        assert list(check()) == [], name
