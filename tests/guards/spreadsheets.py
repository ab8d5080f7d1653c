"""What the guards need of scores and spreadsheets of demands: files, forms, deeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import OutboxRow
from feedback.actions import add_feedback, carry_out_import, score_demands, start_import
from feedback.actions.importing import JOB, go_on_with_import
from feedback.actions.scoring import FormulaDraft
from feedback.models import DemandImport

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

FORMULA = FormulaDraft(40, 40, 20, 90)
FORMULA_SENT = {
    "people_weight": "40", "tickets_weight": "40", "hours_weight": "20",
    "cap_percentile": "90", "seen": "1",
}  # fmt: skip


def file() -> SimpleUploadedFile:
    rows = "编号,标题,产品,工作量\nR-1,批量导入联系人,星图 CRM,2\nR-2,坏的一行,没有的产品,x\n"
    return SimpleUploadedFile("demands.csv", rows.encode())


def words_file() -> SimpleUploadedFile:
    rows = "原话,来源,反馈人,产品\n录音要能转成文字,走访,王珂,星图 CRM\n"
    return SimpleUploadedFile("said.csv", rows.encode())


def build(world: World) -> None:
    """A file that 林知夏 sent, checked and waiting for their word; every demand has a score."""
    run = start_import(
        file(), None, language="zh-hans", acting_user=world.cast.linzhixia, now=world.now
    )
    _work_off(world.now)
    run.refresh_from_db()
    assert run.state == run.State.JUDGED
    score_demands(world.now)


def _work_off(now: dt.datetime) -> None:
    while row := OutboxRow.objects.filter(name=JOB, done_at__isnull=True).order_by("pk").first():
        go_on_with_import(row.payload, now)
        OutboxRow.objects.filter(pk=row.pk).update(done_at=now)


def import_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"judged": (DemandImport.objects.earliest("pk").pk,)}


def import_waits(world: World) -> None:
    """The next batch of the file is asked for."""
    carry_out_import(
        DemandImport.objects.earliest("pk"), acting_user=world.cast.linzhixia, now=world.now
    )


def words_were_added(world: World) -> dt.datetime:
    """Somebody more asks for a demand: its score is not what it was."""
    demand = world.demands["collected"]
    add_feedback(
        product=demand.product, person=world.cast.emma, words="Every week by hand.",
        source="chat", importance=3, demand=demand, acting_user=world.cast.linzhixia,
        now=world.now,
    )  # fmt: skip
    return world.now + dt.timedelta(days=1)


ARGUMENTS: dict[str, Callable[[World, Route], Mapping[str, tuple[Any, ...]]]] = {
    "demand_import": import_cases,
    "my_demand_support": lambda world, route: {"accepted": (world.demands["accepted"].pk,)},
    "demands_export": lambda world, route: {"xlsx": ("xlsx",), "csv": ("csv",)},
    "desk_export": lambda world, route: {"xlsx": ("xlsx",), "csv": ("csv",)},
}
FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "demands_import": lambda world: {"file": file()},
    "feedback_import": lambda world: {"file": words_file()},
    "demand_import_carry_out": lambda world: {},
    "my_demand_support": lambda world: {"words": "月底要给总部看", "importance": "2"},
    "settings_scores": lambda world: dict(FORMULA_SENT),
}  # fmt: skip
DEEDS: dict[str, Callable[[World, Any], Any]] = {
    "change_formula": lambda world, act: act(
        FORMULA, acting_user=world.cast.chenlu, now=world.now + dt.timedelta(hours=1)
    ),
}
WITHOUT_EVENT = {
    "start_import": "the file is a row of its own; nothing is set before its sender says so",
    "carry_out_import": "a job; each demand has the event of its row",
    "score_demands": "scores follow from what has its own events",
}
