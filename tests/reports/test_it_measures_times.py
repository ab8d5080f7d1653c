"""Percentiles from histograms are exact: what cells say is what their rows say, however the rows
came and went."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.worktime import percentile
from opsdesk.demo.cast import Cast
from reports.access import EVERYTHING, Part, ReportScope
from reports.actions.exploring import replace_ticket_rows, sum_up_cells
from reports.models import LiveCell, LiveRow
from reports.policies.explore import times
from reports.policies.explore.asking import Asked, moment_of
from reports.policies.explore.backlog import BANDS, read_ages
from reports.policies.explore.bands import (
    EDGES,
    Histogram,
    Place,
    band_of,
    between,
    histogram_of,
    only_second_of,
)
from reports.policies.explore.cells import BANDED, SUMMED, Grain
from reports.policies.explore.live import Live, band_in
from reports.policies.explore.reading import count_rows, read_sums, rows_of
from reports.policies.verifying import CHECKS

HOUR = 3600
#: Durations as they come: nothing, whole shifts, anything; a clock that stepped back.
DURATIONS = st.one_of(
    st.sampled_from([0, HOUR, 8 * HOUR, 24 * HOUR, -5, EDGES[-1], 1 << 40]),
    st.integers(0, 40 * HOUR),
    st.integers(-10, 1 << 33),
)
FIRST, LAST = dt.date(2025, 11, 3), dt.date(2026, 2, 15)
NOW = moment_of(LAST) + dt.timedelta(hours=30)


@settings(max_examples=150, deadline=None)
@given(st.lists(DURATIONS, min_size=1, max_size=60), st.sampled_from([0.0, 0.5, 0.9, 1.0]))
def test_a_histogram_knows_every_place(seconds: list[int], share: float) -> None:
    histogram = Histogram(sum(histogram_of(band_of(each)) for each in seconds))
    in_order = sorted(seconds)
    assert histogram.total == len(seconds)

    def at(place: Place) -> int:
        of_band = [each for each in in_order if band_of(each) == place.band]
        only = only_second_of(place.band)
        assert only is None or set(of_band) == {only}
        return of_band[place.before]

    assert [at(histogram.place_of(number)) for number in range(len(seconds))] == in_order
    low, high = (at(place) for place in histogram.places_of(share))
    assert between(share, len(seconds), low, high) == percentile(seconds, share)


def made(dice: random.Random, cast: Cast, pk: int) -> Iterator[Live]:
    """Rows as of one ticket, with dimensions and durations by the dice."""
    products, modules = list(cast.products.values()), list(cast.modules.values())
    departments = list(cast.departments.values())
    at = moment_of(FIRST) + dt.timedelta(seconds=dice.randrange(60 * 24 * HOUR))
    dimensions: dict[str, Any] = {
        "product_id": dice.choice(products[:2]).pk,
        "module_id": dice.choice([None, *(module.pk for module in modules[:3])]),
        "department_id": dice.choice([None, *(each.pk for each in departments[:3])]),
        "type": dice.choice(["", "bug", "how_to"]), "level": dice.choice([None, 1, 2, 3]),
        "channel": dice.choice(["form", "chat"]), "team_id": dice.choice([None, 1, 2]),
        "person_id": dice.choice([None, 7, 8]), "confidential": dice.random() < 0.2,
        "cause_id": dice.choice([None, 3, 4]),
    }  # fmt: skip
    for figure in ("created", "solved_first_time", *sorted(BANDED), "cause", "unresolved"):
        if figure == "unresolved":
            at = NOW - dt.timedelta(days=dice.random() ** 3 * 120)
        seconds = None
        if figure in BANDED or figure == "cause":
            seconds = dice.choice([0, HOUR, 8 * HOUR, dice.randrange(10 * HOUR), dice.randrange(
                1 << dice.randrange(2, 24))])  # fmt: skip
        step = dice.choice(["step_open_1_team_1", "step_pending_1_requester_0"])
        yield Live(
            subject="ticket", subject_id=pk, figure=figure, at=at, seconds=seconds, reason="",
            amount=1 if figure in ("created", "unresolved") else dice.randrange(2),
            band=band_in(figure, seconds), step=step if figure == "waited" else "", **dimensions,
        )  # fmt: skip
        at += dt.timedelta(seconds=dice.randrange(5 * 24 * HOUR))


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """Written in two goes, so that rows have come, stayed and gone."""
    dice = random.Random(11)
    for pks in (range(1, 150), range(80, 210)):
        rows = [row for pk in pks for row in made(dice, cast, pk)]
        with transaction.atomic():
            replace_ticket_rows(list(pks), rows)
    return cast


def scopes(cast: Cast) -> list[ReportScope]:
    crm, erp = cast.products["crm"].pk, cast.products["erp"].pk
    path = next(iter(cast.departments.values())).path
    return [
        EVERYTHING,
        ReportScope((Part(None, "", False),)),
        ReportScope((Part(crm, "", True), Part(erp, "", False))),
        ReportScope((Part(None, path, True),)),
    ]


def kept() -> list[tuple[object, ...]]:
    return sorted((tuple(row.values())[1:] for row in LiveCell.objects.values()), key=str)


def test_cells_measure_what_rows_measure(filled: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        Asked(FIRST, LAST, grain, NOW, filters)
        for grain in (Grain.WEEK, Grain.QUARTER)
        for filters in ({}, {"product": str(filled.products["crm"].pk)}, {"type": "bug"})
    ]
    by_rows = 0

    def read_rows(*words: object) -> object:
        nonlocal by_rows
        by_rows += 1
        return from_rows(*words)  # type: ignore[arg-type]

    from_rows = times._from_rows
    monkeypatch.setattr(times, "_from_rows", read_rows)
    compared = questions = 0
    for question, scope, figure in product(asked, scopes(filled), sorted(BANDED)):
        for split in ("", *(set(SUMMED[figure]) & {"product", "module", "level", "step"})):
            found = times.read_times(question, scope, figure, split=split)
            assert found == from_rows(question, scope, figure, split), (question, figure, split)
            compared += len(found)
            questions += 1
    assert compared > 800
    # Two dimensions at once are read from the rows; most of what was asked is not.
    assert 0 < by_rows < questions / 2


def test_sums_are_the_same_however_made(filled: Cast) -> None:
    """By increments, in one statement, and by the migration of a house with history."""
    assert list(CHECKS["live cells equal their rows"]()) == []
    before = kept()
    assert len(before) > 2000
    sum_up_cells()
    assert kept() == before
    migration = import_module("reports.migrations.0006_bands")
    LiveRow.objects.update(band=None)
    with connection.schema_editor() as editor:
        migration._empty(None, editor)
        assert len(kept()) < len(before)
        migration._fill(None, editor)
    assert kept() == before
    row = LiveRow.objects.filter(figure="resolution").first()
    assert row is not None
    LiveRow.objects.filter(pk=row.pk).update(seconds=(row.seconds or 0) + 10 * HOUR)
    assert list(CHECKS["live cells equal their rows"]()) != []


def test_a_list_is_as_long_as_said(filled: Cast) -> None:
    """Whole weeks from the cells, the days around them from the rows."""
    days = [FIRST + dt.timedelta(days=n) for n in (0, 1, 6, 7, 30, 33, 103, 104, 120)]
    compared = 0
    for first, last in product(days, days):
        for figure, scope in product(("created", "solved_first_time", "waited"), scopes(filled)):
            asked = Asked(first, last, Grain.DAY, NOW)
            if first > last:
                continue
            rows = rows_of(asked, scope, figure)
            said = count_rows(asked, scope, figure)
            assert said == (rows.count(), rows.filter(amount=1).count()), (asked, figure)
            compared += said.rows > 0
    assert compared > 200


def test_two_dimensions_are_kept_together(filled: Cast) -> None:
    module = str(filled.modules["visits"].pk)
    for filters, split in (({"module": module}, "type"), ({"type": "bug"}, "module"),
                           ({"type": "bug", "module": module}, "")):  # fmt: skip
        asked = Asked(FIRST, LAST, Grain.WEEK, NOW, filters)
        found = read_sums(asked, EVERYTHING, ["created"], split=split)
        shown = Counter[str]()
        for (_figure, _start, value), each in found.items():
            shown[value] += each.rows
        name = {"type": "type", "module": "module_id"}.get(split, "figure")
        rows = rows_of(asked, EVERYTHING, "created").values_list(name, flat=True)
        counted = Counter("" if split == "" or row is None else str(row) for row in rows)
        assert shown == counted
        assert sum(counted.values()) > 5


def test_ages_are_counted_once_for_each_place(filled: Cast) -> None:
    splits = ("step", "product", "level", "type", "department", "channel")
    asked = Asked(FIRST, LAST, Grain.WEEK, NOW)
    ages = read_ages(asked, EVERYTHING, splits)
    rows = list(LiveRow.objects.filter(figure="unresolved"))
    columns = ("step", "product_id", "level", "type", "department_id", "channel")
    assert {band for bands in ages["level"].values() for band in bands} >= {1, 3, 5, 6}
    for split, column in zip(splits, columns, strict=True):
        counted = Counter(
            ("" if (value := getattr(row, column)) is None else str(value),
             sum(row.at <= NOW - dt.timedelta(days=days) for days in BANDS))
            for row in rows
        )  # fmt: skip
        assert {
            (value, band): n for value, bands in ages[split].items() for band, n in bands.items()
        } == counted
