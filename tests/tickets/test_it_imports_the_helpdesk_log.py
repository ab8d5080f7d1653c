"""The Italian help-desk log comes in whole, and its figures equal those computed elsewhere."""

import datetime as dt
import json
import statistics
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from core import events
from core.models import Event, Notice, OutboxRow
from tests.tickets.imports import MAPPINGS, import_log, monday, real
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
Histories = dict[int, list[Event]]


def histories() -> Histories:
    found: Histories = {}
    for event in Event.objects.filter(subject="ticket").order_by("subject_id", "version"):
        found.setdefault(event.subject_id, []).append(event)
    return found


def moves_to(history: list[Event], status: str) -> list[dt.datetime]:
    return [e.occurred_at for e in history if e.changes.get("status", ["", ""])[1] == status]


def assert_spread(truth: dict[str, Any], hours: list[float]) -> None:
    cuts = statistics.quantiles(hours, n=100, method="inclusive")
    assert truth["n"] == len(hours)
    assert statistics.fmean(hours) == pytest.approx(truth["mean_h"], abs=1e-4)
    assert statistics.median(hours) == pytest.approx(truth["median_h"], abs=1e-4)
    for percent in (75, 90, 95):
        assert cuts[percent - 1] == pytest.approx(truth[f"p{percent}_h"], abs=1e-4)
    assert max(hours) == pytest.approx(truth["max_h"], abs=1e-4)


def between(start: dt.datetime, end: dt.datetime) -> float:
    return (end - start).total_seconds() / 3600


def test_its_weeks_and_durations_equal_the_independent_figures() -> None:
    truth = json.loads(real("helpdesk_italian/ground_truth.json").read_text())

    import_log(real("helpdesk_italian/helpdesk.csv.gz"), MAPPINGS / "helpdesk_italian.toml")

    zone = ZoneInfo(settings.TIME_ZONE)
    found = histories()
    created: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    whole, to_closed, to_resolved = [], [], []
    for history in found.values():
        start = history[0].occurred_at
        created[monday(start.astimezone(zone))] += 1
        whole.append(between(start, history[-1].occurred_at))
        if ends := moves_to(history, "closed"):
            closed[monday(ends[-1].astimezone(zone))] += 1
            to_closed.append(between(start, ends[-1]))
        if ends := moves_to(history, "resolved"):
            to_resolved.append(between(start, ends[0]))

    weeks = truth["weekly"]
    assert len(found) == truth["cases"]
    assert {week: (created[week], closed[week]) for week in weeks} == {
        week: (figures["created"], figures["closed"]) for week, figures in weeks.items()
    }
    assert created.total() == truth["cases"]
    assert closed.total() == truth["cases"] - truth["cases_never_closed"]
    assert_spread(truth["duration_first_to_last_event"], whole)
    assert_spread(truth["duration_first_event_to_last_closed"], to_closed)
    assert_spread(truth["duration_first_event_to_first_resolve"], to_resolved)


def test_it_comes_in_whole_and_quietly() -> None:
    told = import_log(real("helpdesk_italian/helpdesk.csv.gz"), MAPPINGS / "helpdesk_italian.toml")

    assert "21348 rows, 4580 tickets: 4580 new" in told
    lines = Event.objects.filter(subject="ticket").values_list("subject_id", "data__line")
    assert len(set(lines)) == 21348
    assert not OutboxRow.objects.exists()
    assert not Notice.objects.exists()
    assert not Ticket.objects.exclude(response_due_at=None, resolution_due_at=None).exists()
    assert set(Ticket.objects.values_list("level", flat=True)) == {None}
    assert set(Event.objects.filter(subject="ticket").values_list("imported", flat=True)) == {True}
    sample = Ticket.objects.order_by("-version")[:40]
    assert [events.unfolded(ticket) for ticket in sample] == [{}] * 40
