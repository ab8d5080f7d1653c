"""Targets are set per figure and week; a report keeps what it was judged by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from core.errors import BadInput, NotAllowed, StaleWrite
from core.events import unfolded
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.access import scope_of
from reports.actions import correct_snapshot, make_snapshot, set_target
from reports.models import FigureTarget, Snapshot
from reports.policies.agreeing import disagreement
from reports.policies.periods import Month
from reports.policies.report import compute_report
from reports.policies.targets import missed_by, targets_of, targets_on
from reports.policies.weeks import Week
from reports.rendering.headlines import headline
from reports.rendering.sheet import sheet_of, sheet_of_snapshot

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 9)
WEEK = Week.of_day(MONDAY)
HOUR = dt.timedelta(hours=1)
ClientOf = Callable[[User], Client]
EDIT = "/settings/targets/told_rate/"
AUDIT = "/settings/audit/"


@pytest.fixture
def during() -> dt.datetime:
    """A moment of the worked week."""
    return WEEK.starts_at + dt.timedelta(days=1)


def test_a_target_holds_from_its_week_on_and_the_newest_wins(
    cast: Cast, during: dt.datetime
) -> None:
    by: dict[str, Any] = {"acting_user": cast.gaoyuan, "now": during}
    set_target("told_rate", 0.98, WEEK.shift(2), **by)
    set_target("relay_only", 0.1, WEEK, **by)
    assert targets_on(WEEK.first)["told_rate"] == 0.95
    assert targets_on(WEEK.shift(2).first)["told_rate"] == 0.98
    assert "relay_only" not in targets_on(WEEK.shift(-1).first)
    # Decided anew for an earlier week: that is what holds in the later one, too.
    set_target("told_rate", None, WEEK.shift(1), **by)
    for weeks in (1, 2, 9):
        assert "told_rate" not in targets_on(WEEK.shift(weeks).first)
    assert list(FigureTarget.objects.to_come(WEEK.first).values_list("number", flat=True)) == [2]
    for row in FigureTarget.objects.all():
        assert not unfolded(row)
    assert [row.made_by for row in FigureTarget.objects.all()] == [cast.gaoyuan] * 3


def test_the_audit_log_says_who_set_what(
    cast: Cast, during: dt.datetime, client_of: ClientOf
) -> None:
    set_target("told_rate", 0.98, WEEK, acting_user=cast.gaoyuan, now=during)
    (shown,) = client_of(cast.admin).get(AUDIT, {"noun": "figure_target"}).context["rows"]
    assert (shown.who, shown.verb) == (cast.gaoyuan.name, "设定")
    label = FigureTarget.objects.get(figure="told_rate")
    assert shown.name == str(label)
    assert "0.98" in [after for _label, _before, after in shown.changes]


def test_a_report_is_judged_by_what_held_and_keeps_it(
    cast: Cast, now: dt.datetime, during: dt.datetime
) -> None:
    play_worked_week(cast, MONDAY)
    set_target("relay_only", 0.05, WEEK, acting_user=cast.gaoyuan, now=during)
    set_target("unresolved_at_end", 0, WEEK, acting_user=cast.gaoyuan, now=during)
    snapshot = make_snapshot(WEEK, now)
    assert snapshot.figures["relay_only"]["target"] == 0.05
    unresolved = headline(sheet_of_snapshot(snapshot), "unresolved_at_end")
    assert unresolved is not None
    assert (unresolved.is_short, "≤ 0" in unresolved.against) == (True, True)
    before = Snapshot.objects.values().get(pk=snapshot.pk)
    # After the week: what is set now holds for weeks to come alone, however late it is recomputed.
    set_target("relay_only", 0.5, Week.of(now), acting_user=cast.gaoyuan, now=now)
    set_target("unresolved_at_end", None, Week.of(now), acting_user=cast.gaoyuan, now=now)
    assert Snapshot.objects.values().get(pk=snapshot.pk) == before
    assert disagreement(snapshot, compute_report(WEEK, snapshot.as_of)) == []
    again = correct_snapshot(snapshot, now + HOUR)
    assert again.figures["relay_only"]["target"] == 0.05
    assert again.figures["unresolved_at_end"]["target"] == 0


def test_only_weeks_that_are_not_over_and_values_that_can_be_reached(
    cast: Cast, during: dt.datetime
) -> None:
    by: dict[str, Any] = {"acting_user": cast.gaoyuan, "now": during}
    set_target("response_on_time", 1, WEEK, **by)
    wrong = [
        ("response_on_time", 0.9, WEEK.shift(-1), "from_week"),
        ("response_on_time", 0.9, WEEK.shift(60), "from_week"),
        ("response_on_time", 1.01, WEEK, "value"),
        ("response_on_time", 0.0, WEEK, "value"),
        ("relay_only", 1.0, WEEK, "value"),
        ("first_response", 0.0, WEEK, "value"),
        ("bounces", 2.5, WEEK, "value"),
        ("created", 5, WEEK, "figure"),
        ("no-such-figure", 5, WEEK, "figure"),
    ]
    for figure, value, week, field in wrong:
        with pytest.raises(BadInput) as refused:
            set_target(figure, value, week, **by)
        assert refused.value.problems[0].field == field, figure
    assert FigureTarget.objects.count() == 1


def test_two_people_never_set_it_past_each_other(cast: Cast, during: dt.datetime) -> None:
    by: dict[str, Any] = {"acting_user": cast.gaoyuan, "now": during}
    first = set_target("told_rate", 0.9, WEEK, seen_number=0, **by)
    set_target("told_rate", 0.91, WEEK, seen_number=first.number, **by)
    with pytest.raises(StaleWrite):
        set_target("told_rate", 0.92, WEEK, seen_number=first.number, **by)
    assert targets_on(WEEK.first)["told_rate"] == 0.91


def test_counts_of_a_week_judge_no_month_and_no_part(
    cast: Cast, now: dt.datetime, during: dt.datetime
) -> None:
    early = dt.datetime.combine(dt.date(2026, 9, 1), dt.time(12), during.tzinfo)
    for figure, value in (("bounces", 3), ("over_7_days", 5), ("first_response", 7200)):
        set_target(figure, value, Week.of(early), acting_user=cast.gaoyuan, now=early)
    assert {"bounces", "over_7_days", "first_response"} <= set(targets_of(WEEK))
    assert set(targets_of(Month.of_day(MONDAY))) == set(targets_of(WEEK)) - {"bounces"}
    play_worked_week(cast, MONDAY)
    snapshot = make_snapshot(WEEK, now)
    reader, erp = cast.zhaoyi, cast.products["erp"]
    grant_role(reader, PermissionRole.ANALYST, acting_user=cast.admin, now=now, product=erp)
    part = sheet_of(snapshot, scope_of(User.objects.get(pk=reader.pk))).figures
    assert part["first_response"]["target"] == snapshot.figures["first_response"]["target"] == 7200
    assert "target" in snapshot.figures["over_7_days"]
    assert "target" not in part["over_7_days"]


@pytest.mark.parametrize(
    ("figure", "value", "target", "missed"),
    [
        ("told_rate", 0.5, 1.0, 0.5),
        ("told_rate", 1.0, 0.95, 0.0),
        ("relay_only", 0.3, 0.2, 0.5),
        ("relay_only", 0.1, 0.2, 0.0),
        ("demands_silent", 3, 0, 3.0),
        ("demands_silent", 0, 0, 0.0),
        ("told_rate", None, 0.95, 0.0),
    ],
)
def test_the_wrong_side_is_the_figures_own(
    figure: str, value: float | None, target: float, missed: float
) -> None:
    assert missed_by(figure, {"value": value, "target": target}) == pytest.approx(missed)


def test_a_manager_of_everything_sets_it_and_a_manager_of_a_part_does_not(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    part, crm = cast.zhaoyi, cast.products["crm"]
    grant_role(part, PermissionRole.MANAGER, acting_user=cast.admin, now=now, product=crm)
    part = User.objects.get(pk=part.pk)
    week = Week.of(now).shift(1)
    sent = {"value": "97.5", "from_week": week.name, "note": "董事会要求", "number": "0"}
    assert client_of(part).post(EDIT, sent).status_code == 403
    with pytest.raises(NotAllowed):
        set_target("told_rate", 0.975, week, acting_user=part, now=now)
    assert not FigureTarget.objects.exists()
    manager = client_of(cast.gaoyuan)
    assert manager.post(EDIT, sent).status_code == 302
    made = FigureTarget.objects.get()
    assert (made.value, made.from_day, made.note) == (0.975, week.first, "董事会要求")
    page = manager.get("/settings/targets/").content.decode()
    assert "≥ 95%" in page
    assert "≥ 97.5%" in page
    refused = manager.post(EDIT, {**sent, "value": "120", "number": "1"})
    assert refused.status_code == 422
    assert FigureTarget.objects.count() == 1
    assert manager.post(EDIT, sent).status_code == 409
