"""Facts of the Italian help-desk log equal figures that were computed elsewhere."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import statistics
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import pytest
from django.db.models import Max
from django.utils import timezone

from reports.access import Part, ReportScope
from reports.actions import follow_touched, make_snapshot
from reports.events.counting import visits
from reports.events.reading import TicketLog, read_logs
from reports.models import OpenSpan, TicketFact
from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import Grain
from reports.policies.explore.flow import Wait, read_waits
from reports.policies.verifying import CHECKS
from reports.policies.weeks import Week
from tests.tickets.imports import MAPPINGS, import_log, real
from tickets.choices import Status
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LOG = "helpdesk_italian/helpdesk.csv.gz"
MAPPING = MAPPINGS / "helpdesk_italian.toml"
EVERYTHING = ReportScope((Part(None, "", True),))
HOUR = 3600


def test_all_of_it() -> None:
    """One import for everything, because it takes longest."""
    truth = json.loads(real("helpdesk_italian/ground_truth.json").read_text())
    import_log(real(LOG), MAPPING)
    now = timezone.now()
    while follow_touched(now):
        pass
    facts = list(TicketFact.objects.all())
    # The log cancels nothing, so a ticket's last open time ends where it was last closed.
    ends = OpenSpan.objects.exclude(ends_at=None).values_list("ticket_id")
    last_closed = dict(ends.annotate(last=Max("ends_at")))
    reopened = truth["reopen"]["A_work_after_first_resolve_cases"]
    assert len(facts) == truth["cases"]
    assert sum(fact.reopened_times > 0 for fact in facts) == reopened == 152
    logs = list(read_logs(Ticket.objects.values_list("pk", flat=True)))
    assert_weeks(truth, facts, last_closed)
    assert_durations(truth, facts, last_closed, logs)
    assert_share_of_time_per_step(truth, logs)
    worst = assert_bottlenecks(now)
    assert_reports(truth, facts, worst, now)
    for name, check in CHECKS.items():
        assert list(check()) == [], name


def assert_weeks(
    truth: dict[str, Any], facts: list[TicketFact], last_closed: dict[int, dt.datetime]
) -> None:
    """Created, closed and open of all 208 weeks."""
    created = Counter(Week.of(fact.submitted_at).monday.isoformat() for fact in facts)
    closed = Counter(Week.of(moment).monday.isoformat() for moment in last_closed.values())
    assert len(facts) - len(last_closed) == truth["cases_never_closed"]
    found, standing = {}, 0
    for week in truth["weekly"]:
        gone = closed[week]
        standing += created[week] - gone
        found[week] = {
            "created": created[week], "closed": gone, "backlog_open_at_week_end": standing,
        }  # fmt: skip
    assert found == truth["weekly"]


def assert_durations(
    truth: dict[str, Any], facts: list[TicketFact], last_closed: dict[int, dt.datetime],
    logs: list[TicketLog],
) -> None:  # fmt: skip
    start = {fact.ticket_id: fact.submitted_at for fact in facts}
    assert_spread(
        [last - start[pk] for pk, last in last_closed.items()],
        truth["duration_first_event_to_last_closed"],
    )
    resolved = {
        log.pk: next(m.at for m in log.moments if m.state["status"] == Status.RESOLVED)
        for log in logs
        if any(moment.state["status"] == Status.RESOLVED for moment in log.moments)
    }
    assert_spread(
        [at - start[pk] for pk, at in resolved.items()],
        truth["duration_first_event_to_first_resolve"],
    )


def assert_spread(found: list[dt.timedelta], expected: dict[str, float]) -> None:
    hours = [length.total_seconds() / HOUR for length in found]
    assert len(hours) == expected["n"]
    assert statistics.fmean(hours) == pytest.approx(expected["mean_h"], abs=1e-4)
    assert statistics.median(hours) == pytest.approx(expected["median_h"], abs=1e-4)


def assert_share_of_time_per_step(truth: dict[str, Any], logs: list[TicketLog]) -> None:
    """The log's own time per activity equals the truth; the same time under the statuses its
    activities mean equals that of the product's visits."""
    activities: dict[str, float] = defaultdict(float)
    meant: dict[str, float] = defaultdict(float)
    mapping = tomllib.loads(MAPPING.read_text())["status"]
    for events in _cases():
        status = Status.NEW.value
        for (moment, activity), (until, _next) in pairwise(events):
            hours = (until - moment).total_seconds() / HOUR
            activities[activity] += hours
            status = mapping["values"].get(activity, status)
            meant[status] += hours
    total = sum(activities.values())
    for activity, expected in truth["time_in_state"].items():
        assert activities[activity] == pytest.approx(expected["total_h"], abs=1e-3), activity
        share = activities[activity] / total
        assert share == pytest.approx(expected["share_of_all_time"], abs=1e-6), activity
    spent: dict[str, float] = defaultdict(float)
    for log in logs:
        for stay in visits(log):
            end = stay.end or log.moments[-1].at
            spent[stay.state["status"]] += (end - stay.start).total_seconds() / HOUR
    # What a closed ticket waited for is no step; the log has three such waits.
    meant.pop(Status.CLOSED)
    assert dict(spent) == pytest.approx(dict(meant), rel=1e-3)


def _cases() -> Iterator[list[tuple[dt.datetime, str]]]:
    """The events of each case, in the order of the log."""
    with gzip.open(real(LOG), "rt", encoding="utf-8", newline="") as stream:
        rows: Iterable[dict[str, str]] = list(csv.DictReader(stream))
    for _case, events in groupby(rows, key=itemgetter("Case ID")):
        yield [
            (
                dt.datetime.strptime(f"{row['Complete Timestamp']}+0800", "%Y/%m/%d %H:%M:%S.%f%z"),
                row["Activity"],
            )
            for row in events
        ]


def assert_bottlenecks(now: dt.datetime) -> Wait:
    """Over the four years most time was spent waiting for the user, which is no bottleneck; the
    worst of what staff held is the work of the largest group."""
    asked = Asked(dt.date(2010, 1, 1), dt.date(2014, 1, 31), Grain.MONTH, now)
    waits = read_waits(asked, EVERYTHING)
    assert waits[0].by_requester
    assert waits[0].parts[0] == Status.RESOLVED
    worst = next(wait for wait in waits if not wait.by_requester)
    status, _level, holder, team = worst.parts
    assert (status, holder) == (Status.OPEN, "team")
    busiest = Counter(Ticket.objects.values_list("team_id", flat=True)).most_common(1)[0][0]
    assert team == str(busiest)
    return worst


def assert_reports(
    truth: dict[str, Any], facts: list[TicketFact], worst: Wait, now: dt.datetime
) -> None:
    """A snapshot of a busy week, and its list of slow steps."""
    week = Week.of_day(dt.date(2012, 3, 5))
    expected = truth["weekly"][week.monday.isoformat()]
    figures = make_snapshot(week, now).figures
    assert figures["created"]["value"] == expected["created"]
    assert figures["open_at_end"]["value"] == expected["backlog_open_at_week_end"]
    steps = {name: figure["value"] for name, figure in figures.items() if name.startswith("step_")}
    held = {name: waited for name, waited in steps.items() if "_requester_" not in name}
    assert max(held, key=lambda name: held[name]) == worst.step
    assert max(steps.values()) > max(held.values())
