"""The score of a demand: its parts, its formula's versions, and that nothing it needs is missed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, NotAllowed, StaleWrite
from feedback.actions import DemandDraft, add_feedback, create_demand, decline_demand
from feedback.actions.scoring import (
    FormulaDraft,
    change_formula,
    current_formula,
    draft_of,
    score_demands,
)
from feedback.models import Demand, DemandScore, ScoreFormula
from feedback.policies.scoring import Inputs, Weights, cap_of, score_all, weight_of
from opsdesk.demo.cast import Cast

pytestmark = pytest.mark.django_db


def collected(cast: Cast, now: dt.datetime, title: str = "批量导入联系人") -> Demand:
    draft = DemandDraft(title=title, product=cast.products["crm"], kind="improvement")
    return create_demand(draft, acting_user=cast.linzhixia, now=now)


def said(
    cast: Cast, demand: Demand, person: str, now: dt.datetime, importance: int = 1,
    hours: str | None = None,
) -> None:  # fmt: skip
    add_feedback(
        product=demand.product, person=getattr(cast, person), words="每次都要手工改",
        source="chat", importance=importance, demand=demand, acting_user=cast.linzhixia, now=now,
        hours_per_week=Decimal(hours) if hours else None,
    )  # fmt: skip


def parts(demand: Demand) -> tuple[Decimal, Decimal, Decimal]:
    row = DemandScore.objects.get(demand=demand)
    return row.people, row.tickets, row.hours


def test_a_hand_worked_score() -> None:
    """Weights 50, 30, 20; four demands; the third is the largest everywhere."""
    weights = Weights(people=50, tickets=30, hours=20, cap_percentile=100)
    demands = {
        1: Inputs(Decimal(3), 0, Decimal(0)),
        2: Inputs(Decimal(6), 1, Decimal(2), Decimal("0.4")),
        3: Inputs(Decimal(12), 4, Decimal(8), Decimal(4)),
        4: Inputs(),
    }
    scored = score_all(demands, weights)
    assert [(one.people, one.tickets, one.hours) for one in scored.values()] == [
        (Decimal("25.0"), Decimal("0.0"), Decimal("0.0")),
        (Decimal("50.0"), Decimal("25.0"), Decimal("25.0")),
        (Decimal("100.0"), Decimal("100.0"), Decimal("100.0")),
        (Decimal("0.0"), Decimal("0.0"), Decimal("0.0")),
    ]
    # 0.5·25; 0.5·50 + 0.3·25 + 0.2·25, and two fifths of a day divide nothing; 100 ÷ 4.
    assert [one.value for one in scored.values()] == [
        Decimal("12.5"), Decimal("37.5"), Decimal("100.0"), Decimal("0.0")
    ]  # fmt: skip
    assert [one.score for one in scored.values()] == [
        Decimal("12.5"), Decimal("37.5"), Decimal("25.0"), Decimal("0.0")
    ]  # fmt: skip


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60), st.integers(50, 100))
def test_the_cap_leaves_the_asked_share_below_full_marks(raw: list[int], percentile: int) -> None:
    cap = cap_of(raw, percentile)
    above_zero = [value for value in raw if value > 0]
    if not above_zero:
        assert cap == 0
        return
    assert sum(value <= cap for value in above_zero) * 100 >= percentile * len(above_zero)
    assert sum(value < cap for value in above_zero) * 100 < percentile * len(above_zero)


def test_the_nearest_department_above_says_what_a_person_counts() -> None:
    weights = {"1": 2.0, "4": 0.5}
    assert weight_of("/1/", weights) == 2
    assert weight_of("/1/4/9/", weights) == Decimal("0.5")
    assert weight_of("/7/", weights) == 1


def test_a_score_follows_whatever_it_is_reckoned_from(cast: Cast, now: dt.datetime) -> None:
    big, small = collected(cast, now), collected(cast, now, "导出时记住所选列")
    said(cast, big, "wangke", now, importance=3, hours="4.0")
    said(cast, small, "liuyang", now)
    score_demands(now)
    assert parts(big) == (Decimal("100.0"), Decimal("0.0"), Decimal("100.0"))
    assert parts(small) == (Decimal("33.3"), Decimal("0.0"), Decimal("0.0"))
    big.refresh_from_db()
    assert big.score == DemandScore.objects.get(demand=big).score == Decimal("70.0")

    # The same person again is one person; somebody else is one more.
    said(cast, small, "liuyang", now, importance=2)
    said(cast, small, "zhaoyi", now, importance=1)
    assert score_demands(now) == 1
    assert parts(small)[0] == Decimal("100.0")
    assert score_demands(now) == 0, "what did not change is not written again"

    # What was decided against is no longer measured, and measures nobody else.
    decline_demand(big, "先不做", acting_user=cast.linzhixia, now=now)
    said(cast, small, "emma", now, hours="1.0")
    score_demands(now)
    assert DemandScore.objects.get(demand=small).hours == Decimal("100.0")
    assert DemandScore.objects.get(demand=big).value == Decimal("70.0")


def test_a_new_formula_is_a_new_version_and_scores_everything_anew(
    cast: Cast, now: dt.datetime
) -> None:
    demand, other = collected(cast, now), collected(cast, now, "导出时记住所选列")
    said(cast, demand, "wangke", now, importance=2)
    said(cast, other, "zhaoyi", now, importance=3)
    score_demands(now)
    first = current_formula(now)
    department = cast.wangke.department
    assert department is not None
    draft = FormulaDraft(100, 0, 0, 100, {str(department.pk): 3.0}, "销售优先")
    second = change_formula(draft, acting_user=cast.chenlu, now=now, seen_number=first.number)
    assert (second.number, second.note) == (first.number + 1, "销售优先")
    score_demands(now)
    row = DemandScore.objects.select_related("formula").get(demand=demand)
    assert (row.formula, row.people_raw, row.score) == (second, Decimal("6.00"), Decimal("100.0"))
    assert DemandScore.objects.get(demand=other).score == Decimal("50.0")

    with pytest.raises(StaleWrite):
        change_formula(draft, acting_user=cast.chenlu, now=now, seen_number=first.number)
    with pytest.raises(NotAllowed):
        change_formula(draft, acting_user=cast.linzhixia, now=now)
    with pytest.raises(BadInput) as refused:
        change_formula(FormulaDraft(0, 0, 0, 95), acting_user=cast.chenlu, now=now)
    assert refused.value.problems[0].field == "people_weight"
    assert ScoreFormula.objects.count() == 2
    assert draft_of(current_formula(now)).weights == draft.weights


def test_the_settings_show_what_moves_before_they_save(cast: Cast, now: dt.datetime) -> None:
    demand = collected(cast, now)
    said(cast, demand, "wangke", now, importance=3)
    score_demands(now)
    client = Client()
    client.force_login(cast.chenlu)
    sent = {
        "people_weight": "80", "tickets_weight": "10", "hours_weight": "10",
        "cap_percentile": "90", "version": "1",
    }  # fmt: skip
    shown = client.post("/settings/scores/", sent)
    assert demand.title in shown.content.decode()
    assert ScoreFormula.objects.count() == 1
    saved = client.post("/settings/scores/", {**sent, "seen": "1"})
    assert saved.status_code == 302
    assert current_formula(now).people_weight == 80
    refused = client.post("/settings/scores/", {**sent, "people_weight": "120"})
    assert refused.status_code == 422


def test_two_demands_stand_side_by_side(cast: Cast, now: dt.datetime) -> None:
    one, other = collected(cast, now), collected(cast, now, "导出时记住所选列")
    said(cast, one, "wangke", now, importance=3)
    said(cast, other, "liuyang", now)
    score_demands(now)
    client = Client()
    client.force_login(cast.linzhixia)
    page = client.get(f"/demands/compare/?a={one.ref}&b={other.pk}").content.decode()
    assert one.title in page
    assert other.title in page
    assert "33" in page
    missing = client.get("/demands/compare/?a=D-999999&b=x").content.decode()
    assert "D-999999" in missing
    client.force_login(cast.wangke)
    assert client.get(f"/demands/compare/?a={one.ref}&b={other.pk}").status_code == 403
    assert client.get(f"/demands/{one.pk}/score/").status_code in (403, 404)
