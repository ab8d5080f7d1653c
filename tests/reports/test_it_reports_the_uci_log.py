"""The whole UCI incident log through the importer, and the report of each of its weeks."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections import Counter
from collections.abc import Callable
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Max, Min
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from opsdesk.demo.cast import Cast
from reports.actions import follow_touched, make_snapshot
from reports.choices import DEFINITION_VERSION, FIGURES
from reports.models import OpenSpan, Snapshot, TicketFact
from reports.policies.summary import identity_gap
from reports.policies.weeks import Week
from tests.tickets.imports import MAPPINGS, import_log, real

LOG = "uci_incident/incident_event_log.csv.gz"


def opened_by_week() -> Counter[str]:
    """Incidents per week by the log's own opening times, its clock taken as the company's."""
    with gzip.open(real(LOG), "rt", encoding="utf-8", newline="") as stream:
        opened = {row["number"]: row["opened_at"] for row in csv.DictReader(stream)}
    zone = ZoneInfo(settings.TIME_ZONE)
    return Counter(
        Week.of(dt.datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=zone)).name
        for text in opened.values()
    )


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.timeout(3600)
def test_every_week_has_its_report(cast: Cast, client_of: Callable[[User], Client]) -> None:
    expected = opened_by_week()
    import_log(real(LOG), MAPPINGS / "uci_incident.toml")
    now = timezone.now()
    while follow_touched(now):
        pass
    assert TicketFact.objects.count() == sum(expected.values()) == 24_918
    first = TicketFact.objects.aggregate(first=Min("submitted_at"))["first"]
    last = OpenSpan.objects.aggregate(last=Max("ends_at"))["last"]
    week, created = Week.of(first), Counter[str]()
    while week.starts_at <= last:
        created[week.name] = assert_its_report(make_snapshot(week, now))
        week = week.shift(1)
    assert +created == expected
    assert Snapshot.objects.count() == len(created)
    stated = client_of(cast.gaoyuan).get(reverse("api_report", args=["2016-W17"])).json()
    assert stated["figures"]["created"] == expected["2016-W17"]
    assert set(stated["definitions"]) == set(FIGURES)
    assert all(stated["definitions"].values())


def assert_its_report(snapshot: Snapshot) -> int:
    """Its figures are out as JSON, and its sum holds in the whole and in every part."""
    out = StringIO()
    call_command("weekly_report", "--week", snapshot.period, "--format", "json", stdout=out)
    found = json.loads(out.getvalue())
    assert (found["week"], found["definition_version"]) == (snapshot.period, DEFINITION_VERSION)
    assert identity_gap(lambda name: int(found["figures"][name])) == 0
    for dimension in ("product", "module", "department", "type"):
        for part in found["breakdowns"][dimension]:
            gap = identity_gap(lambda name, part=part: int(part.get(name, 0)))  # type: ignore[misc]
            assert gap == 0, (snapshot.period, dimension, part["name"])
    return int(found["figures"]["created"])
