"""The cells of the demand table: what each takes, what is refused and why, and one undo for all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from catalog.models import Module
from core.events import unfolded
from core.models import Event
from feedback.actions import accept_demand, create_release, edit_cells, undo_edit
from feedback.actions.editing import EDITABLE, Cell, Outcome
from feedback.models import Demand, Release, Round, TableEdit
from feedback.search.columns import COLUMNS
from opsdesk.demo.cast import Cast
from tests.feedback import loop

ClientOf = Callable[[User], Client]


@pytest.fixture
def earlier() -> dt.datetime:
    return timezone.localtime() - dt.timedelta(hours=2)


@pytest.fixture
def demand(cast: Cast, earlier: dt.datetime) -> Demand:
    return loop.collected(cast, earlier)


def act(
    cast: Cast, now: dt.datetime, *cells: tuple[Any, ...], by: User | None = None, **more: Any
) -> Outcome:
    wanted = [Cell(*cell) for cell in cells]
    return edit_cells(wanted, acting_user=by or cast.linzhixia, now=now, **more)


#: Field → texts as a spreadsheet has them, and what the demand then holds.
ACCEPTED: dict[str, list[tuple[str, Any]]] = {
    "title": [("  按现任下属\n取数 ", "按现任下属 取数")],
    "problem": [("看不到", "看不到"), ("", "")],
    "kind": [("Defect", "defect"), ("优化", "improvement"), ("new", "new")],
    "source": [("会议", "meeting"), ("", "")],
    "priority": [("P1", 1), ("2", 2), ("", None)],
    "effort": [("2.5", Decimal("2.5")), ("1,280", Decimal(1280)), ("", None)],
    "wanted": [
        ("2027/2/1", dt.date(2027, 2, 1)), ("2027年2月1日", dt.date(2027, 2, 1)), ("", None)
    ],
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(ACCEPTED))
def test_a_cell_takes_what_a_spreadsheet_shows(
    cast: Cast, earlier: dt.datetime, demand: Demand, field: str
) -> None:
    with translation.override("zh-hans"):
        for text, wanted in ACCEPTED[field]:
            outcome = act(cast, earlier, (demand.pk, field, text))
            assert outcome.refused == []
            demand.refresh_from_db()
            assert getattr(demand, EDITABLE[field].attr) == wanted
    assert unfolded(demand) == {}


def test_people_places_and_departments_are_named(
    cast: Cast, earlier: dt.datetime, demand: Demand
) -> None:
    module = Module.objects.filter(product=demand.product).first()
    assert module is not None
    act(cast, earlier, (demand.pk, "proposer", f"{cast.wangke.name} (wangke)"),
        (demand.pk, "owner", cast.hesiyuan.name),
        (demand.pk, "module", f"CRM · {module.name}"),
        (demand.pk, "departments", "华东大区，财务部"))  # fmt: skip
    demand.refresh_from_db()
    assert (demand.proposer, demand.product_owner) == (cast.wangke, cast.hesiyuan)
    assert demand.module == module
    assert len(demand.department_ids) == 2
    assert unfolded(demand) == {}


REFUSED = {
    "title": "", "kind": "赶紧", "effort": "两天", "wanted": "明天", "module": "没有这个模块",
    "owner": "谁也不是", "departments": "火星分部", "release": "9.9", "planned": "2020-01-01",
    "review": "少了一半", "status": "accepted", "score": "99", "people": "5", "creator": "x",
    "product": "nothing", "colour": "red", "custom.none": "1", "priority": "P9",
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(REFUSED))
def test_what_a_cell_does_not_take_is_named(
    cast: Cast, earlier: dt.datetime, demand: Demand, field: str
) -> None:
    before = Event.objects.count()
    outcome = act(cast, earlier, (demand.pk, field, REFUSED[field]), (demand.pk, "effort", "4")
                  if field != "effort" else (demand.pk, "priority", "P1"))  # fmt: skip
    (bad,) = outcome.refused
    assert bad.problem is not None
    assert bad.cell.field == field
    assert str(bad.problem.message)
    assert str(bad.problem.remedy)
    # The cell beside it is set all the same.
    assert len(outcome.changed) == 1
    assert Event.objects.count() == before + 1


def test_fields_of_one_demand_are_one_event_and_one_undo_takes_all_back(
    cast: Cast, earlier: dt.datetime, demand: Demand
) -> None:
    other = loop.collected(cast, earlier, "另一条")
    before = [Demand.objects.values("effort", "priority", "title").get(pk=d.pk)
              for d in (demand, other)]  # fmt: skip
    outcome = act(
        cast, earlier, (demand.pk, "effort", "4"), (demand.pk, "priority", "P1"),
        (other.pk, "effort", "3"), (other.pk, "title", "改名"),
    )  # fmt: skip
    assert len(outcome.changed) == 4
    assert Event.objects.filter(subject="demand", verb="edit").count() == 2
    assert outcome.edit is not None
    # Somebody changes one of the cells meanwhile: that one stays, the rest goes back.
    act(cast, earlier, (other.pk, "effort", "8"), by=cast.zhoumin)
    undone = undo_edit(outcome.edit, acting_user=cast.linzhixia, now=earlier)
    (kept,) = undone.refused
    assert (kept.cell.demand_id, kept.cell.field) == (other.pk, "effort")
    after = [Demand.objects.values("effort", "priority", "title").get(pk=d.pk)
             for d in (demand, other)]  # fmt: skip
    assert after == [before[0], {**before[1], "effort": Decimal(8)}]
    assert Demand.objects.matching("另一条").get() == other
    for row in (demand, other):
        row.refresh_from_db()
        assert unfolded(row) == {}
    again = TableEdit.objects.get(pk=outcome.edit.pk)
    with pytest.raises(Exception, match="edit"):
        undo_edit(again, acting_user=cast.linzhixia, now=earlier)


def test_a_preview_says_all_and_writes_nothing(
    cast: Cast, earlier: dt.datetime, demand: Demand
) -> None:
    accept_demand(demand, acting_user=cast.linzhixia, now=earlier)
    marks = Event.objects.count(), Round.objects.count(), TableEdit.objects.count()
    day = (earlier + dt.timedelta(days=20)).date().isoformat()
    cells = [(demand.pk, "effort", "4"), (demand.pk, "effort", "x"), (demand.pk, "planned", day),
             (demand.pk, "title", demand.title)]  # fmt: skip
    seen = act(cast, earlier, *cells, preview=True)
    assert (Event.objects.count(), Round.objects.count(), TableEdit.objects.count()) == marks
    assert {one.cell.field for one in seen.changed} == {"planned"}
    done = act(cast, earlier, (demand.pk, "planned", day))
    demand.refresh_from_db()
    assert demand.planned_on is not None
    assert demand.planned_on.isoformat() == day
    # Whoever is owed word hears the day.
    assert Round.objects.filter(obligation__demand=demand, kind="date_change").count() == 1
    assert done.refused == []


def test_a_cell_changed_meanwhile_is_refused_with_both_sides(
    cast: Cast, earlier: dt.datetime, demand: Demand, client_of: ClientOf
) -> None:
    seen = Demand.objects.get(pk=demand.pk).version
    act(cast, earlier, (demand.pk, "effort", "8"), by=cast.zhoumin)
    client = client_of(cast.linzhixia)
    # Another field of the same demand is no conflict.
    fine = send(client, [demand.pk, "priority", "P0", seen])
    assert fine["cells"][0]["changed"]
    stale = send(client, [demand.pk, "effort", "5", seen])
    (cell,) = stale["cells"]
    assert cell["conflict"]["who"] == cast.zhoumin.name
    # The clock is the company's, wherever the browser stands.
    assert f"{timezone.localtime(earlier):%H:%M}" in cell["conflict"]["at"]
    assert ">8.0<" in stale["rows"][str(demand.pk)]
    demand.refresh_from_db()
    assert demand.effort == 8
    mine = send(client, [demand.pk, "effort", "5", demand.version])
    assert mine["cells"][0]["changed"]
    assert client.post(mine["undo"]).json()["cells"][0]["changed"]
    demand.refresh_from_db()
    assert demand.effort == 8


def send(client: Client, *cells: list[Any], status: int = 200) -> dict[str, Any]:
    answer = client.post(reverse("demands_cells"), {"cells": json.dumps(cells)})
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    "sent",
    ["", "null", "{}", "[1]", '[["1","title","x"]]', "[[1,2,3,4,5]]", "[" * 9000, '[[1,"a"]]'],
)
def test_what_is_no_block_is_refused_as_a_whole(
    cast: Cast, demand: Demand, client_of: ClientOf, sent: str
) -> None:
    answer = client_of(cast.linzhixia).post(reverse("demands_cells"), {"cells": sent})
    if sent in ("", "null", "{}"):
        assert answer.status_code in (200, 400)
        return
    assert answer.status_code == 400
    (problem,) = answer.json()["problems"]
    assert problem["field"] == "cells"
    assert problem["remedy"]


def test_who_may_set_what(
    cast: Cast, earlier: dt.datetime, demand: Demand, client_of: ClientOf
) -> None:
    act(cast, earlier, (demand.pk, "owner", "hesiyuan"))
    by_owner = act(cast, earlier, (demand.pk, "effort", "3"), (demand.pk, "priority", "P0"),
                   by=cast.hesiyuan)  # fmt: skip
    assert [one.cell.field for one in by_owner.changed] == ["effort"]
    assert [one.cell.field for one in by_owner.refused] == ["priority"]
    # A demand one does not steer is not there at all.
    by_other = act(cast, earlier, (demand.pk, "effort", "9"), by=cast.xucheng)
    assert by_other.changed == []
    assert len(by_other.refused) == 1
    demand.refresh_from_db()
    assert demand.effort == 3
    assert client_of(cast.wangke).post(reverse("demands_cells"), {"cells": "[]"}).status_code == 403
    theirs = TableEdit.objects.filter(by=cast.hesiyuan).latest("pk")
    undo = reverse("demands_undo", args=[theirs.pk])
    assert client_of(cast.linzhixia).post(undo).status_code == 404
    assert client_of(cast.hesiyuan).post(undo).status_code == 200


def test_a_release_and_a_product_go_their_own_way(
    cast: Cast, earlier: dt.datetime, demand: Demand
) -> None:
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": earlier}
    moved = act(cast, earlier, (demand.pk, "product", "erp"), by=cast.chenlu)
    assert moved.refused == []
    moved = act(cast, earlier, (demand.pk, "product", "crm"), by=cast.chenlu)
    assert moved.refused == []
    accept_demand(Demand.objects.get(pk=demand.pk), **said)
    create_release(cast.products["crm"], "6.1", **said)
    carried = act(cast, earlier, (demand.pk, "release", "6.1"))
    assert carried.refused == []
    demand.refresh_from_db()
    assert demand.release == Release.objects.get(name="6.1")
    stays = act(cast, earlier, (demand.pk, "product", "erp"), by=cast.chenlu)
    assert len(stays.refused) == 1
    assert carried.edit is not None
    undo_edit(carried.edit, acting_user=cast.linzhixia, now=earlier)
    demand.refresh_from_db()
    assert demand.release is None


def test_every_column_is_either_set_or_says_why_not(
    cast: Cast, earlier: dt.datetime, demand: Demand
) -> None:
    """What a head calls editable is what the action sets, and no more."""
    assert {key for key, column in COLUMNS.items() if column.attr} - {"status"} == set(EDITABLE)
    for key, editable in EDITABLE.items():
        assert COLUMNS[key].attr == editable.attr
