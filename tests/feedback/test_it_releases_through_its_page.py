"""Releases: the gate as a check-list, who will be told, publishing and rolling back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.formkeys import FIELD, new_form_key
from feedback.models import Release, Round
from opsdesk.demo.cast import Cast
from tests.feedback import loop

ClientOf = Callable[[User], Client]


@pytest.fixture
def earlier() -> dt.datetime:
    return timezone.now() - dt.timedelta(hours=2)


def post(client: Client, name: str, /, *args: int, **data: Any) -> Any:
    return client.post(reverse(name, args=args), {FIELD: new_form_key(), **data})


GATE: dict[str, dict[str, Any]] = {
    "pages_note": {"pages_note": "更新了《主管视图》"},
    "announcement": {"announcement": "主管能看到现任下属"},
    "measures": {"measures_nothing": "on"},
}


def test_the_gate_is_filled_in_place_and_published(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.collected(cast, earlier)
    loop.tested(cast, earlier, demand)
    staff = client_of(cast.linzhixia)
    crm = cast.products["crm"]
    post(staff, "release_new", product=crm.pk, name="5.8", planned_on="")
    release = Release.objects.get()
    assert post(staff, "release_carry", release.pk, demands=[demand.pk]).status_code == 302
    assert release.demands.get() == demand
    for row, data in GATE.items():
        assert post(staff, "release_publish", release.pk).status_code == 422
        assert post(staff, "release_gate", release.pk, row=row, **data).status_code == 302
    page = staff.get(reverse("release_see_people", args=[release.pk])).content.decode()
    assert cast.wangke.name in page
    assert post(staff, "release_publish", release.pk).status_code == 422
    assert post(staff, "release_see_people", release.pk).status_code == 302
    assert post(staff, "release_publish", release.pk).status_code == 302
    release.refresh_from_db()
    assert (release.status, release.people_seen_by) == ("released", cast.linzhixia)
    assert not Round.objects.filter(kind="release").exists()
    assert post(client_of(cast.zhoumin), "demand_verify", demand.pk).status_code == 302
    shown = staff.get(reverse("release", args=[release.pk])).content.decode()
    assert cast.wangke.name in shown
    assert cast.zhoumin.name in shown


def test_the_page_names_what_publishing_lacks(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    release = loop.planned(cast, earlier, loop.collected(cast, earlier))
    page = client_of(cast.linzhixia).get(reverse("release", args=[release.pk]))
    assert [row.key for row in page.context["open_rows"]] == [
        "pages_note", "announcement", "measures", "people_seen",
    ]  # fmt: skip
    assert not page.context["may_publish"]
    refused = post(client_of(cast.linzhixia), "release_publish", release.pk)
    for row in page.context["open_rows"]:
        assert str(row.remedy) in refused.content.decode()


def test_who_cannot_be_reached_is_on_the_list(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    release = loop.planned(cast, earlier, loop.collected(cast, earlier))
    url = reverse("release", args=[release.pk])
    before = client_of(cast.linzhixia).get(url)
    assert (before.context["reached_count"], before.context["unreachable"]) == (1, [])
    User.objects.filter(pk=cast.wangke.pk).update(left_on=earlier.date())
    after = client_of(cast.linzhixia).get(url)
    assert after.context["reached_count"] == 0
    assert [told.person for told in after.context["unreachable"]] == [cast.wangke]
    User.objects.filter(pk=cast.wangke.pk).update(successor=cast.emma)
    passed = client_of(cast.linzhixia).get(url)
    assert [told.recipient for told in passed.context["passed_on"]] == [cast.emma]


def test_a_release_is_rolled_back_with_a_reason(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    demand = loop.asked(cast, earlier, loop.collected(cast, earlier))
    assert demand.release is not None
    refused = post(client_of(cast.linzhixia), "release_roll_back", demand.release.pk, reason="")
    assert refused.status_code == 422
    staff = client_of(cast.linzhixia)
    assert (
        post(staff, "release_roll_back", demand.release.pk, reason="审批页报错").status_code == 302
    )
    demand.refresh_from_db()
    assert demand.status == "in_development"
    assert (
        post(staff, "release_roll_back", Release.objects.get().pk, reason="又").status_code == 422
    )


def test_a_demand_is_taken_out(cast: Cast, earlier: dt.datetime, client_of: ClientOf) -> None:
    demand = loop.collected(cast, earlier)
    release = loop.planned(cast, earlier, demand)
    assert (
        post(client_of(cast.wangke), "release_take_out", release.pk, demand.pk).status_code == 404
    )
    assert release.demands.count() == 1
    staff = client_of(cast.linzhixia)
    assert post(staff, "release_take_out", release.pk, demand.pk).status_code == 302
    assert release.demands.count() == 0


@pytest.mark.parametrize("name", ["releases", "insights"])
def test_plans_are_for_staff(cast: Cast, client_of: ClientOf, name: str) -> None:
    assert client_of(cast.linzhixia).get(reverse(name)).status_code == 200
    assert client_of(cast.wangke).get(reverse(name)).status_code == 403


def test_a_name_is_used_once_per_product(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    crm = cast.products["crm"]
    staff = client_of(cast.linzhixia)
    first = post(staff, "release_new", product=crm.pk, name="5.8")
    second = post(staff, "release_new", product=crm.pk, name="5.8")
    assert (first.status_code, second.status_code) == (302, 422)
    assert list(second.context["form"].errors) == ["name"]
    assert Release.objects.count() == 1


def test_the_list_is_seen_again_when_a_demand_joins(
    cast: Cast, earlier: dt.datetime, client_of: ClientOf
) -> None:
    release = loop.planned(cast, earlier, loop.collected(cast, earlier))
    joins = loop.tested(cast, earlier, loop.collected(cast, earlier, "导出客户清单"))
    staff = client_of(cast.linzhixia)
    for row, data in GATE.items():
        post(staff, "release_gate", release.pk, row=row, **data)
    post(staff, "release_see_people", release.pk)
    url = reverse("release", args=[release.pk])
    assert staff.get(url).context["may_publish"]
    assert post(staff, "release_carry", release.pk, demands=[joins.pk]).status_code == 302
    assert [row.key for row in staff.get(url).context["open_rows"]] == ["people_seen"]
    assert post(staff, "release_publish", release.pk).status_code == 422
    post(staff, "release_see_people", release.pk)
    assert post(staff, "release_publish", release.pk).status_code == 302
