"""The explore pages count a week as its report does, by every place a ticket can be in."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest

from opsdesk.demo.cast import Cast
from reports.access import Part, ReportScope
from reports.actions import rebuild_facts
from reports.choices import BACKLOG_SIGN
from reports.models import TicketDay
from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import SUMMED, Grain
from reports.policies.explore.reading import by_value, read_backlog, read_sums
from reports.policies.periods import period_named
from reports.policies.report import compute_report
from reports.policies.summary import FLOW, identity_gap
from reports.policies.ticket_rows import INSTANT
from tests.reports.histories import written

pytestmark = pytest.mark.django_db
PLACES = ("product", "module", "type", "department")
WHOLE = ReportScope((Part(None, "", True),))
#: The second week of March 2022, the one after, and the month both are in.
PERIODS = {"2022-W10": Grain.WEEK, "2022-W11": Grain.WEEK, "2022-03": Grain.MONTH}


@pytest.fixture
def told(cast: Cast, now: dt.datetime) -> Cast:
    """Tickets told what they are at once, on the same evening, the day after, twice, or never;
    some of them move between modules, departments and products."""
    visits = cast.modules["visits"].pk
    south = cast.departments["south"].pk
    bug: dict[str, Any] = {"type": "bug", "module_id": visits}
    how_to: dict[str, Any] = {"type": "how_to"}
    for name, submitted, steps in (
        ("evening", "03-07 09:00", [("03-07 23:59", bug), ("03-09 10:00", {"status": "resolved"})]),
        ("midnight", "03-07 09:00", [("03-08 00:00", bug), ("03-16 10:00", how_to)]),
        ("changed twice", "03-08 09:00", [("03-08 10:00", how_to), ("03-08 11:00", bug)]),
        ("after the week", "03-13 20:00", [("03-14 09:00", how_to)]),
        ("never", "03-10 09:00", [("03-11 09:00", {"status": "resolved"})]),
        ("moved", "03-09 09:00", [
            ("03-09 10:00", bug), ("03-15 10:00", {"department_id": south}),
            ("03-16 10:00", {"status": "resolved"}), ("03-17 09:00", {"status": "open"}),
        ]),
        ("of another product", "03-09 09:00", [
            ("03-09 11:00", {"product_id": cast.products["erp"].pk, "module_id": None}),
        ]),
    ):  # fmt: skip
        written(cast, name, submitted, steps, now=now)
    rebuild_facts(now)
    return cast


def test_each_place_counts_as_in_the_report(told: Cast, now: dt.datetime) -> None:
    compared = 0
    flow = [figure for figure in FLOW if figure in SUMMED]
    assert {"created", "resolved", "reopened", "moved_in", "moved_out"} <= set(flow)
    for (name, grain), place in product(PERIODS.items(), PLACES):
        period = period_named(name)
        said = compute_report(period, now).breakdowns[place]
        asked = Asked(period.first, period.last, grain, now)
        found = read_sums(asked, WHOLE, flow, split=place)
        assert set(BACKLOG_SIGN) <= set(flow)
        for figure in flow:
            shown = {key: sums.rows for key, sums in by_value(found, figure).items()}
            counted = {key: _value(part.get(figure)) for key, part in said.items()}
            assert shown == {key: n for key, n in counted.items() if n}, (name, place, figure)
            compared += len(shown)
        standing = read_backlog(asked, WHOLE, split=place)
        ends = {key: _value(part.get("unresolved_at_end")) for key, part in said.items()}
        assert {key: n for (_start, key), n in standing.items() if n} == {
            key: n for key, n in ends.items() if n
        }, (name, place)
        for part in said.values():
            assert identity_gap(lambda figure, part=part: _value(part.get(figure))) == 0  # type: ignore[misc]
    assert compared > 60


def test_the_first_day_tells_what_was_created(told: Cast, now: dt.datetime) -> None:
    week = period_named("2022-W10")
    by_type = compute_report(week, now).breakdowns["type"]
    created = {key: part["created"] for key, part in by_type.items() if part["created"]}
    # In the evening is the first day, at midnight it is over; the first word given counts.
    assert created == {"bug": 2, "how_to": 1, "": 4}
    days = TicketDay.objects.filter(figure="created", day__gte=week.first, day__lte=week.last)
    assert sorted(days.values_list("type", flat=True)) == ["", "", "", "", "bug", "bug", "how_to"]
    # As known before the week was over and long after: the same.
    early = compute_report(week, now).breakdowns["type"]
    late = compute_report(week, now + dt.timedelta(days=400) - INSTANT).breakdowns["type"]
    assert early == late


def _value(figure: object) -> int:
    """By product a figure has its n, elsewhere it is a number."""
    if isinstance(figure, dict):
        return int(figure["value"] or 0)
    return int(str(figure or 0))
